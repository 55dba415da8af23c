// SPDX-License-Identifier: Apache-2.0
import type {SomeTexts} from '../../model/node/host.ts'
import type {HostText} from '../../model/node-facts.ts'
import type {Facts} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'

/** A CNI configuration, as far as it is used. */
export interface CniNetwork {
  readonly file: string
  readonly name: string
  /** empty where none is declared */
  readonly version: string
  /** programs that are executed for it: the plugins, their address management, and what they hand on to */
  readonly programs: readonly string[]
}

type Table = Readonly<Record<string, unknown>>

/** Reads a network list (.conflist) or a single plugin (.conf, .json). Undefined for what no runtime can load. */
export function readNetwork({path, text}: HostText): CniNetwork | undefined {
  const network = tableOf(parsed(text))
  if (network === undefined) return undefined
  const list = own(network, 'plugins')
  if (path.endsWith('.conflist') && !Array.isArray(list)) return undefined
  const plugins = (Array.isArray(list) ? list.slice(0, 50) : [network]).map(tableOf).filter((plugin) => plugin !== undefined)
  const programs = [...new Set(plugins.flatMap((plugin) => programsOf(plugin, 0)))]
  if (programs.length === 0) return undefined
  return {file: path, name: stringOf(own(network, 'name')) ?? '', version: stringOf(own(network, 'cniVersion')) ?? '', programs}
}

/** The network that a runtime takes: that of the first file by name. Undefined where there is none, or it is broken. */
export function activeNetwork(facts: Facts, configs: SomeTexts<HostText> | undefined): CniNetwork | undefined {
  const texts = new Map((configs?.texts ?? []).map((text) => [text.path, text]))
  for (const {file} of valueOf(facts.cni.networks) ?? []) {
    const text = texts.get(file)
    const network = text && readNetwork(text)
    if (network !== undefined) return network
  }
  return undefined
}

/** flannel is a plugin that writes the configuration of another one, bridge unless told (flannel-cni-plugin, README). */
function programsOf(plugin: Table, depth: number): readonly string[] {
  const type = stringOf(own(plugin, 'type'))
  if (type === undefined || !/^[\w.-]{1,80}$/.test(type)) return []
  const ipam = stringOf(own(tableOf(own(plugin, 'ipam')) ?? {}, 'type'))
  const delegate = tableOf(own(plugin, 'delegate'))
  const delegates = own(plugin, 'delegates')
  const further = [...(delegate ? [delegate] : []), ...(Array.isArray(delegates) ? delegates.slice(0, 20).map(tableOf).filter((one) => one !== undefined) : [])]
  const handed = depth > 3 ? [] : further.flatMap((one) => programsOf(one, depth + 1))
  const flannel = type === 'flannel' ? [...(handed.length > 0 ? [] : ['bridge']), 'host-local'] : []
  return [type, ...(ipam !== undefined && /^[\w.-]{1,80}$/.test(ipam) ? [ipam] : []), ...handed, ...flannel]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function tableOf(value: unknown): Table | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Table) : undefined
}

function own(table: Table, key: string): unknown {
  return Object.hasOwn(table, key) ? table[key] : undefined
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
