// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Proof, Upgrade} from '../../model/check.ts'
import type {ContainerdFacts} from '../../model/facts.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {ContainerdFile, ContainerdFiles} from '../../model/node/containerd.ts'
import {isAtLeast} from '../../model/version.ts'
import {since} from '../tables/versions.ts'
import {endpointOf, kubeletsOfHost, socketPath} from './kubelet.ts'

/** The CRI plugin up to containerd 1.7; since 2.0 only its streaming server has this name. */
export const CRI_V1 = 'io.containerd.grpc.v1.cri'
/** The two plugins it became in 2.0, configuration version 3. */
export const CRI_RUNTIME = 'io.containerd.cri.v1.runtime'
export const CRI_IMAGES = 'io.containerd.cri.v1.images'

/** The value below a path of own keys. */
export function jsonAt(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let here = value
  for (const key of path) here = isTable(here) && Object.hasOwn(here, key) ? here[key] : undefined
  return here
}

export function isTable(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function membersAt(value: Json | undefined, ...path: readonly string[]): readonly (readonly [string, Json])[] {
  const table = jsonAt(value, ...path)
  return isTable(table) ? Object.entries(table) : []
}

export function textAt(value: Json | undefined, ...path: readonly string[]): string | undefined {
  const found = jsonAt(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

export function textsAt(value: Json | undefined, ...path: readonly string[]): readonly string[] {
  const found = jsonAt(value, ...path)
  return Array.isArray(found) ? (found as readonly Json[]).filter((one): one is string => typeof one === 'string') : []
}

/**
 * Evidence: the line of a table or key; where it has none, as tables need no header of their own, of the first thing in it, else of
 * the nearest table around it.
 */
export function proofAt({path, lines}: ContainerdFile, keys: readonly string[], text?: string): Proof {
  const proof = (line: number) => ({source: `${path}:${line}`, text: text ?? header(keys)})
  const within = JSON.stringify(keys).replace(/\]$/, ',')
  const own = lines[JSON.stringify(keys)] ?? Object.entries(lines).find(([key]) => key.startsWith(within))?.[1]
  if (own !== undefined) return proof(own)
  for (let length = keys.length - 1; length > 0; length--) {
    const line = lines[JSON.stringify(keys.slice(0, length))]
    if (line !== undefined) return proof(line)
  }
  return {source: path, text: text ?? header(keys)}
}

function header(keys: readonly string[]): string {
  return keys.map((key) => (/^[\w-]+$/.test(key) ? key : `"${key}"`)).join('.')
}

/** What containerd takes the version of a file for. */
export function versionOfFile({version}: ContainerdFile): number {
  return version === undefined || version < 1 ? 1 : version
}

/**
 * The version that containerd 2.0 to 2.2 take all files together for, and migrate from: that of the last file that says one. Files of
 * version 1 are brought to the version of what was read before them, which is 3 where that is nothing: nothing is migrated then
 * (LoadConfig and LoadPlugins of these releases; seen with `containerd config dump` of 2.1.9).
 */
export function versionOfAll(files: readonly ContainerdFile[]): number {
  const last = files.findLast((file) => versionOfFile(file) > 1)
  return last === undefined ? 3 : versionOfFile(last)
}

/** The tables that a file has for the CRI plugin, under its old and its new names, with their path. A file of version 1 calls it `cri`. */
export function criTablesOf(file: ContainerdFile): readonly {readonly plugin: string; readonly table: JsonObject; readonly path: readonly string[]}[] {
  const names = versionOfFile(file) === 1 ? ['cri', CRI_V1] : [CRI_V1, CRI_RUNTIME, CRI_IMAGES]
  return names.flatMap((plugin) => {
    const table = jsonAt(file.table, 'plugins', plugin)
    return isTable(table) ? [{plugin, table, path: ['plugins', plugin]}] : []
  })
}

/** Handlers of the CRI plugin in a file: their name, table and path. */
export function handlersOf(file: ContainerdFile): readonly {readonly name: string; readonly table: JsonObject; readonly path: readonly string[]}[] {
  return criTablesOf(file).flatMap(({table, path}) => membersAt(table, 'containerd', 'runtimes').flatMap(([name, runtime]) =>
    isTable(runtime) ? [{name, table: runtime, path: [...path, 'containerd', 'runtimes', name]}] : []))
}

/**
 * The containerd of the host that pods run on, or would: the one the kubelet is told to use, else the one at the usual socket, else
 * the only one there is. Never the one that dockerd starts for itself.
 */
export function containerdForPods(node: NodeContext): ContainerdFacts | undefined {
  const own = node.facts.containerds.filter(({pid, address, configFile}) =>
    (pid === undefined || node.facts.processes.inside[pid] === undefined) && !/^(?:\/var)?\/run\/docker\//.test(address.value) && !/^(?:\/var)?\/run\/docker\//.test(configFile.value))
  const told = kubeletsOfHost(node).flatMap((kubelet) => endpointOf(kubelet) ?? [])
  return own.find(({address}) => told.includes(socketPath(address.value) ?? '')) ?? own.find(({address}) => address.value === '/run/containerd/containerd.sock') ?? own[0]
}

/** The configuration of {@link containerdForPods}. */
export function filesForPods(configs: readonly ContainerdFiles[] | undefined, node: NodeContext): readonly ContainerdFile[] {
  const chosen = containerdForPods(node)
  return (configs ?? []).find(({address, pid}) => address === chosen?.address.value && pid === chosen.pid)?.files ?? []
}

/**
 * Of these files, those whose tables of the CRI plugin are in force: containerd 1.x takes the table of the last file that has one as a
 * whole, 2.x merges all of them key by key (seen with `containerd config dump` of 1.6.20, 1.7.24 and 2.1.9).
 */
export function filesInForce(files: readonly ContainerdFile[], node: NodeContext): readonly ContainerdFile[] {
  if (comesWithAtLeast(node, since('containerd-config-3'))) return files
  const last = files.findLast((file) => criTablesOf(file).some(({plugin}) => plugin === CRI_V1 || plugin === 'cri'))
  return last === undefined ? files : [last]
}

/** The version of the containerd that runs, as it said itself; undefined where it does not run or did not say. */
export function runningContainerd(node: NodeContext): string | undefined {
  const pid = containerdForPods(node)?.pid
  return pid === undefined ? undefined : node.chain.nodes.find(({component, pids}) => component === 'containerd' && pids.includes(pid))?.version
}

/** The version of the containerd to come: what its program said, else what is planned, else the one that runs now. */
export function containerdToCome(node: NodeContext): string | undefined {
  return plannedContainerd(node.upgrade) ?? runningContainerd(node)
}

function plannedContainerd({oracle, containerd}: Upgrade): string | undefined {
  return oracle.containerd?.version ?? containerd
}

/** Whether the containerd to come is known to be this version or a later one. */
export function comesWithAtLeast(node: NodeContext, version: string): boolean {
  const known = containerdToCome(node)
  return known !== undefined && isAtLeast(known, version)
}

/** Whether the containerd to come is known to be older than this version. */
export function comesBefore(node: NodeContext, version: string): boolean {
  const known = containerdToCome(node)
  return known !== undefined && !isAtLeast(known, version)
}

/** Where a configuration that a platform writes anew at each start has to be changed. */
export function placeToEdit(path: string): string {
  const rancher = /^\/var\/lib\/rancher\/(k3s|rke2)\/agent\/etc\/containerd\//.exec(path)?.[1]
  if (rancher !== undefined) return `${path.slice(0, path.lastIndexOf('/'))}/config.toml.tmpl (config-v3.toml.tmpl for containerd 2), as ${rancher} writes config.toml anew at each start`
  return path.startsWith('/etc/k0s/') || path.startsWith('/run/k0s/') ? 'a file in /etc/k0s/containerd.d, as k0s writes containerd.toml itself' : path
}
