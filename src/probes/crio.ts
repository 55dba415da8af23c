// SPDX-License-Identifier: Apache-2.0
import type {Bundle, CrioFacts, Process, Setting, UnitFacts} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {mapObserved, type Observed, ok, valueOf} from '../model/observed.ts'
import {ociPart} from './bundles.ts'
import {filesBelow} from './files.ts'
import {readCrioConfig, readStorageConfig} from './parse/crio-config.ts'
import {type Flag, type FlagSyntax, flagValue, parseFlags} from './parse/flags.ts'
import {parsePidFile} from './parse/oci-bundle.ts'
import {parseToml} from './parse/toml.ts'
import type {Table} from './parse/untrusted.ts'
import {type RuntimeStates, runtimeStates} from './runtime-state.ts'
import {unitCommand} from './unit-command.ts'

/** crio(8) */
const SYNTAX: FlagSyntax = {
  short: {c: 'config', d: 'config-dir', r: 'root', l: 'log-level', s: 'storage-driver'},
  switches: ['enable-metrics', 'log-journald', 'no-pivot', 'profile', 'read-only', 'selinux', 'stream-enable-tls'],
}

/** crio.conf(5), containers-storage.conf(5) */
const DEFAULTS = {
  config: '/etc/crio/crio.conf',
  dropIns: '/etc/crio/crio.conf.d',
  address: '/var/run/crio/crio.sock',
  root: '/var/lib/containers/storage',
  runRoot: '/run/containers/storage',
}
const BY_DEFAULT = 'default of CRI-O'

/** The vendor's storage.conf, then the administrator's, which replaces it. */
const STORAGE_CONFIGS = ['/etc/containers/storage.conf', '/usr/share/containers/storage.conf']

/**
 * CRI-O: command line over drop-ins over crio.conf over storage.conf, and the bundles of its containers. Without a process from
 * crio.service, and only where its configuration is on disk; undefined otherwise.
 */
export function probeCrio(host: Host, process: Process | undefined, units: readonly UnitFacts[]): CrioFacts | undefined {
  const {flags, source} = commandOf(host, process, units)
  const read = readFiles(host, flags)
  if (process === undefined && read.files.length === 0) return undefined
  const config = readCrioConfig(read.tables)
  const storage = read.storage
  const flagged = (name: string): Setting | undefined => {
    const value = flagValue(flags, name)
    return value === undefined ? undefined : {value, source}
  }
  const runRoot = flagged('runroot') ?? config.runRoot ?? storage.runRoot ?? byDefault('runRoot')
  const cgroupManager = flagged('cgroup-manager') ?? config.cgroupManager
  const defaultRuntime = flagged('default-runtime') ?? config.defaultRuntime
  const cniDirectory = flagged('cni-config-dir') ?? config.cniDirectory
  return {
    ...(process && {pid: process.pid}),
    address: withoutScheme(flagged('listen') ?? config.address ?? byDefault('address')),
    root: flagged('root') ?? config.root ?? storage.root ?? byDefault('root'),
    runRoot,
    ...(cgroupManager && {cgroupManager}),
    ...(defaultRuntime && {defaultRuntime}),
    ...(cniDirectory && {cniDirectory}),
    runtimes: config.runtimes,
    files: read.files,
    bundles: probeStorageBundles(host, runRoot.value, 'cri-o'),
  }
}

function byDefault(key: keyof typeof DEFAULTS): Setting {
  return {value: DEFAULTS[key], source: BY_DEFAULT}
}

function withoutScheme(address: Setting): Setting {
  return {...address, value: address.value.replace(/^unix:\/\//, '')}
}

function commandOf(host: Host, process: Process | undefined, units: readonly UnitFacts[]): {flags: readonly Flag[]; source: string} {
  if (process !== undefined) return {flags: parseFlags(process.argv.slice(1), SYNTAX), source: `argv of pid ${process.pid}`}
  const unit = units.find(({name}) => name === 'crio.service')
  const command = unit && unitCommand(host, unit)
  return {flags: parseFlags(command?.words.slice(1) ?? [], SYNTAX), source: command?.source ?? BY_DEFAULT}
}

interface ReadFiles {
  readonly tables: readonly {readonly path: string; readonly table: Table}[]
  readonly storage: ReturnType<typeof readStorageConfig>
  /** CRI-O's own files that are there, readable or not */
  readonly files: readonly string[]
}

function readFiles(host: Host, flags: readonly Flag[]): ReadFiles {
  const dropIns = filesBelow(host, flagValue(flags, 'config-dir') ?? DEFAULTS.dropIns)
  const reads = [flagValue(flags, 'config') ?? DEFAULTS.config, ...dropIns].map((path) => mapObserved(host.text(path), parseToml))
  const tables = reads.flatMap((read) => (read.state === 'ok' ? [{path: read.source, table: read.value}] : []))
  const files = reads.filter((read) => read.state !== 'absent').map((read) => read.source)
  for (const path of STORAGE_CONFIGS) {
    const storage = mapObserved(host.text(path), parseToml)
    if (storage.state === 'ok') return {tables, files, storage: readStorageConfig(storage.source, storage.value)}
  }
  return {tables, files, storage: {}}
}

/** Both write `<runroot>/<driver>-containers/<id>/userdata`, and by default into the same run root. */
type Manager = 'cri-o' | 'podman'

/**
 * The bundles of one of the container engines that share containers/storage. What is broken in a bundle is missing in its entry;
 * one whose config.json cannot be understood belongs to neither.
 *
 * @param runRoot `/run/containers/storage` as a rule
 */
export function probeStorageBundles(host: Host, runRoot: string, manager: Manager): Observed<readonly Bundle[]> {
  const drivers = host.entries(runRoot)
  if (drivers.state !== 'ok') return drivers
  const states = runtimeStates(host)
  const bundles: Bundle[] = []
  for (const driver of drivers.value.filter((name) => name.endsWith('-containers'))) {
    const ids = host.entries(`${runRoot}/${driver}`)
    if (ids.state === 'unreadable') return ids
    for (const id of valueOf(ids) ?? []) {
      const bundle = readBundle(host, states, `${runRoot}/${driver}/${id}/userdata`, id)
      if (managerOf(bundle) === manager) bundles.push(bundle)
    }
  }
  return ok(bundles, drivers.source)
}

function managerOf({annotations}: Bundle): Manager | undefined {
  // libpod and CRI-O both write io.container.manager; CRI-O only since 1.10, its own annotations always
  const said = annotations['io.container.manager']
  if (said === 'libpod') return 'podman'
  return said === 'cri-o' || Object.keys(annotations).some((key) => key.startsWith('io.kubernetes.cri-o.')) ? 'cri-o' : undefined
}

function readBundle(host: Host, states: RuntimeStates, path: string, id: string): Bundle {
  const text = host.text(`${path}/config.json`)
  const pid = valueOf(mapObserved(host.text(`${path}/pidfile`), parsePidFile))
  const runtimeState = states.find(id, '')
  const optional = {...(pid !== undefined && {pid}), ...(runtimeState && {runtimeState})}
  return {id, namespace: '', path, ...ociPart(text), ...optional, source: text.source}
}
