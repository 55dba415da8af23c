// SPDX-License-Identifier: Apache-2.0
import type {DockerFacts, Process, Setting, UnitFacts} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {absent, mapObserved, type Observed} from '../model/observed.ts'
import {type Flag, type FlagSyntax, flagValue, flagValues, parseFlags} from './parse/flags.ts'
import {parseJsonTable, shallow, stringAt, stringsAt, type Table} from './parse/untrusted.ts'
import {settingsOf, unitCommand} from './unit-command.ts'

const SYNTAX: FlagSyntax = {
  short: {H: 'host', g: 'graph', D: 'debug', l: 'log-level', s: 'storage-driver', b: 'bridge', G: 'group'},
  switches: ['debug', 'tls', 'tlsverify', 'live-restore', 'init', 'experimental', 'selinux-enabled', 'rootless', 'validate'],
}

/** dockerd's defaults (moby, daemon/config), where nothing else is said. */
const DEFAULTS = {
  config: '/etc/docker/daemon.json',
  dataRoot: '/var/lib/docker',
  execRoot: '/var/run/docker',
  host: 'unix:///var/run/docker.sock',
  containerd: '/run/containerd/containerd.sock',
}
const BY_DEFAULT = 'default of dockerd'

/**
 * How dockerd is configured: from its command line, then daemon.json, then its defaults. Without a process from docker.service,
 * and only where Docker's data or daemon.json is there; undefined otherwise.
 */
export function probeDockerConfig(
  host: Host, process: Process | undefined, units: readonly UnitFacts[],
): Omit<DockerFacts, 'api' | 'containers'> | undefined {
  const {words, source} = commandOf(host, process, units)
  const flags = parseFlags(words.slice(1), SYNTAX)
  const path = flagValue(flags, 'config-file') ?? DEFAULTS.config
  const read = host.text(path)
  const config = mapObserved(read, (text) => shallow(parseJsonTable(text)))
  const file: File = {path: read.source, table: config.state === 'ok' ? config.value : {}}
  const dataRoot = setting(flags, ['data-root', 'graph'], source, file) ?? {value: DEFAULTS.dataRoot, source: BY_DEFAULT}
  if (process === undefined && config.state === 'absent' && isAbsent(host.stat(`${dataRoot.value}/containers`))) return undefined
  const execRoot = setting(flags, ['exec-root'], source, file) ?? {value: DEFAULTS.execRoot, source: BY_DEFAULT}
  const containerdAddress = setting(flags, ['containerd'], source, file) ?? sharedContainerd(host, execRoot.value)
  return {
    ...(process && {pid: process.pid}),
    hosts: findHosts(flags, source, file).flatMap((address) => resolveFd(address, units)),
    dataRoot,
    execRoot,
    ...(containerdAddress && {containerdAddress: {...containerdAddress, value: containerdAddress.value.replace(/^unix:\/\//, '')}}),
    config: config.state === 'absent' ? absent(read.source) : config,
  }
}

interface File {
  readonly path: string
  readonly table: Table
}

function isAbsent(observed: Observed<unknown>): boolean {
  return observed.state === 'absent'
}

function commandOf(host: Host, process: Process | undefined, units: readonly UnitFacts[]): {words: readonly string[]; source: string} {
  if (process !== undefined) return {words: process.argv, source: `argv of pid ${process.pid}`}
  const unit = units.find(({name}) => name === 'docker.service')
  return (unit && unitCommand(host, unit)) ?? {words: [], source: BY_DEFAULT}
}

function setting(flags: readonly Flag[], names: readonly string[], source: string, file: File): Setting | undefined {
  for (const name of names) {
    const value = flagValue(flags, name)
    if (value !== undefined) return {value, source}
  }
  for (const name of names) {
    const value = stringAt(file.table, name)
    if (value !== undefined) return {value, source: file.path}
  }
  return undefined
}

function findHosts(flags: readonly Flag[], source: string, file: File): readonly Setting[] {
  const given = [
    ...flagValues(flags, 'host').map((value) => ({value, source})),
    ...stringsAt(file.table, 'hosts').map((value) => ({value, source: file.path})),
  ]
  return given.length > 0 ? given : [{value: DEFAULTS.host, source: BY_DEFAULT}]
}

/** `fd://` stands for the sockets systemd hands over: those of docker.socket. It stays as it is where that unit is not known. */
function resolveFd(address: Setting, units: readonly UnitFacts[]): readonly Setting[] {
  if (!address.value.startsWith('fd://')) return [address]
  const socket = units.find(({name, masked}) => name === 'docker.socket' && !masked)
  const streams = socket === undefined ? [] : settingsOf(socket, 'Socket.ListenStream')
  if (streams.length === 0) return [address]
  return streams.map(({value, source}) => ({value: socketUrl(value), source: `${address.source} (${address.value}), ${source}`}))
}

/** A ListenStream= value: a path, where `%t` is /run for the system manager, or `[address:]port`. */
function socketUrl(stream: string): string {
  const path = stream.replace(/^%t(?=\/)/, '/run')
  if (path.startsWith('/')) return `unix://${path}`
  return `tcp://${/^\d+$/.test(path) ? `0.0.0.0:${path}` : path}`
}

/**
 * Told nothing, dockerd uses the containerd whose socket lies at the default place when it starts, and starts one of its own
 * where there is none (moby, cmd/dockerd: systemContainerdRunning). One of its own leaves its config in the exec-root.
 */
function sharedContainerd(host: Host, execRoot: string): Setting | undefined {
  if (!isAbsent(host.stat(`${execRoot}/containerd/containerd.toml`))) return undefined
  const socket = host.stat(DEFAULTS.containerd)
  if (socket.state !== 'ok' || socket.value.type !== 'socket') return undefined
  return {value: DEFAULTS.containerd, source: `${BY_DEFAULT}: ${socket.source} is there`}
}
