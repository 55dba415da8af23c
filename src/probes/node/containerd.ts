// SPDX-License-Identifier: Apache-2.0
import type {ContainerdFacts, Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {ContainerdFile, ContainerdFiles, ContainerdNodeFacts} from '../../model/node/containerd.ts'
import {absent, mapObserved, type Observed, ok, valueOf} from '../../model/observed.ts'
import {parseToml} from '../parse/toml.ts'
import {tableOf} from '../parse/untrusted.ts'
import {askDeprecations} from './containerd-deprecations.ts'
import {probeNvidiaToolkit} from './containerd-nvidia.ts'
import {tomlKeyLines} from './containerd-toml-lines.ts'

const CONF_D = '/etc/containerd/conf.d'
const DEFAULT_HOSTS = '/etc/containerd/certs.d/_default/hosts.toml'
const MOST_BINARIES = 50

/** The facts of this topic, see {@link ContainerdNodeFacts}. */
export async function probeContainerd(host: Host, facts: Facts): Promise<ContainerdNodeFacts> {
  const own = facts.containerds.filter((one) => !isDockersOwn(one) && (one.pid === undefined || facts.processes.inside[one.pid] === undefined))
  const containerdConfigs = readConfigs(host, own)
  return {
    containerdConfigs,
    containerdDropIns: own.length === 0 ? absent(CONF_D) : dropIns(host),
    containerdDefaultHosts: hasSeveralFolders(containerdConfigs) ? mapObserved(host.stat(DEFAULT_HOSTS), () => DEFAULT_HOSTS) : absent(DEFAULT_HOSTS),
    containerdBinaries: readBinaries(host, own),
    containerdDeprecations: await askDeprecations(host, facts),
    nvidiaToolkit: probeNvidiaToolkit(host, facts),
  }
}

/** dockerd writes the configuration of the containerd it starts itself, without CRI; nobody else uses that one. */
function isDockersOwn({address, configFile}: ContainerdFacts): boolean {
  return /^(?:\/var)?\/run\/docker\//.test(address.value) || /^(?:\/var)?\/run\/docker\//.test(configFile.value)
}

function readConfigs(host: Host, containerds: readonly ContainerdFacts[]): ContainerdNodeFacts['containerdConfigs'] {
  const found: ContainerdFiles[] = []
  for (const {pid, address, config} of containerds) {
    if (config.state === 'unreadable') return config
    const files = (valueOf(config)?.files ?? []).map((path) => readFile(host, path))
    const broken = files.find((file) => file.state === 'unreadable')
    if (broken?.state === 'unreadable') return broken
    found.push({...(pid !== undefined && {pid}), address: address.value, files: files.flatMap((file) => valueOf(file) ?? [])})
  }
  return found.length === 0 ? absent('/etc/containerd/config.toml') : ok(found, containerds[0]?.configFile.value ?? '/etc/containerd/config.toml')
}

function readFile(host: Host, path: string): Observed<ContainerdFile> {
  const text = host.text(path)
  return mapObserved(text, (value) => {
    const table = jsonOf(parseToml(value)) as JsonObject
    const version = table['version']
    return {path: text.source, ...(typeof version === 'number' && {version}), table, lines: tomlKeyLines(value)}
  })
}

/** Whether a config_path anywhere names more than one folder. */
function hasSeveralFolders(configs: ContainerdNodeFacts['containerdConfigs']): boolean {
  return (valueOf(configs) ?? []).some(({files}) => files.some(({table}) => /"config_path":"[^"]*:/.test(JSON.stringify(table))))
}

/** TOML has dates and big integers, which JSON has not. */
function jsonOf(value: unknown): Json {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Array.isArray(value)) return value.map(jsonOf)
  const table = tableOf(value)
  if (table === undefined) return typeof value === 'bigint' ? value.toString() : value instanceof Date ? value.toISOString() : null
  const json = Object.create(null) as Record<string, Json>
  for (const [key, member] of Object.entries(table)) json[key] = jsonOf(member)
  return json
}

function dropIns(host: Host): Observed<readonly string[]> {
  const names = mapObserved(host.entries(CONF_D), (all) => all.filter((name) => name.endsWith('.toml')))
  return names.state === 'ok' && names.value.length === 0 ? absent(names.source) : names
}

function readBinaries(host: Host, containerds: readonly ContainerdFacts[]): ContainerdNodeFacts['containerdBinaries'] {
  const named = containerds.flatMap(({config}) => Object.values(valueOf(config)?.runtimes ?? {}).flatMap(({binary}) => (binary?.startsWith('/') ? [binary] : [])))
  const there: Record<string, boolean> = {}
  for (const path of [...new Set(named)].slice(0, MOST_BINARIES)) {
    const stat = host.stat(path)
    if (stat.state === 'unreadable') return stat
    there[path] = stat.state === 'ok' && stat.value.type === 'file'
  }
  return named.length === 0 ? absent('/etc/containerd/config.toml') : ok(there, '/etc/containerd/config.toml')
}
