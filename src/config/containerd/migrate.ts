// SPDX-License-Identifier: Apache-2.0
import {CannotEditToml, type TomlDocument} from '../toml/document.ts'
import {removeToml, setToml} from '../toml/edit.ts'
import {type Move, moveToml} from '../toml/move.ts'
import {isTomlTable, startsWith, tomlAt, type TomlPath, tomlTableAt, tomlTextAt, tomlTextsAt, type TomlValue} from '../toml/value.ts'
import {CRI, CRI_IMAGES, CRI_NAMES, CRI_RUNTIME, isKnownToBe, layoutOf, type Reader, RUNC_TYPE, versionIn} from './layout.ts'

/** Something that a migration did beside moving settings to their new places, or could not do. */
export interface MigrationNote {
  readonly level: 'changed' | 'dropped' | 'check'
  readonly text: string
}

export interface MigratedConfig {
  readonly document: TomlDocument
  readonly from: number
  readonly notes: readonly MigrationNote[]
}

type Step = (document: TomlDocument, reader: Reader) => {readonly document: TomlDocument; readonly notes: readonly MigrationNote[]}

/**
 * Brings a configuration of containerd to a later version, step by step, as containerd does when it reads an older file, and beyond: a
 * snapshotter is kept where there are no runtimes, and what 2.0 removed gets what takes its place. Comments, order and foreign keys
 * stay. A file that is of that version already is left as it is.
 *
 * @param reader the containerd to come; its configVersion is the goal
 * @throws CannotEditToml where that cannot be done safely
 */
export function migrateContainerd(document: TomlDocument, reader: Reader): MigratedConfig {
  refuseMany(document)
  const from = versionIn(document.value['version'])
  const notes: MigrationNote[] = []
  let here = document
  for (let version = from; version < reader.configVersion; version++) {
    const step = STEPS[version]
    if (step === undefined) continue
    const done = step(here, reader)
    here = setToml(done.document, ['version'], version + 1)
    notes.push(...done.notes)
  }
  // a move is asked more than once for the same value
  const seen = new Set<string>()
  return {document: here, from, notes: notes.filter(({text}) => !seen.has(text) && seen.add(text))}
}

/** Each is edited one by one, and no node has so many. */
const MOST_NAMES = 200

/** @throws CannotEditToml where there are more handlers or registries than any node has */
export function refuseMany({value}: TomlDocument): void {
  for (const plugin of ['cri', CRI, CRI_RUNTIME, CRI_IMAGES]) {
    for (const path of [['containerd', 'runtimes'], ['registry', 'mirrors'], ['registry', 'configs']]) {
      if (Object.keys(tomlTableAt(value, ['plugins', plugin, ...path])).length > MOST_NAMES) throw new CannotEditToml(`it has more than ${MOST_NAMES} ${path.at(-1)}`)
    }
  }
}

const STEPS: Readonly<Record<number, Step>> = {1: fromVersion1, 2: fromVersion2, 3: fromVersion3}

// ---------------------------------------------------------------- 1 → 2: full names

/** The plugins that version 1 files name without their type (containerd cmd/containerd/server/config: v1Migrate). */
const FULL_NAMES: Readonly<Record<string, string>> = Object.assign(Object.create(null) as Record<string, string>, {
  cri: CRI,
  cgroups: 'io.containerd.monitor.v1.cgroups',
  linux: 'io.containerd.runtime.v1.linux',
  scheduler: 'io.containerd.gc.v1.scheduler',
  bolt: 'io.containerd.metadata.v1.bolt',
  task: 'io.containerd.runtime.v2.task',
  opt: 'io.containerd.internal.v1.opt',
  restart: 'io.containerd.internal.v1.restart',
  tracing: 'io.containerd.internal.v1.tracing',
  otlp: 'io.containerd.tracing.processor.v1.otlp',
  aufs: 'io.containerd.snapshotter.v1.aufs',
  btrfs: 'io.containerd.snapshotter.v1.btrfs',
  devmapper: 'io.containerd.snapshotter.v1.devmapper',
  native: 'io.containerd.snapshotter.v1.native',
  overlayfs: 'io.containerd.snapshotter.v1.overlayfs',
  zfs: 'io.containerd.snapshotter.v1.zfs',
})

/** The full id of a plugin that may be named shortly. */
export function fullPluginName(name: string): string {
  if (name.includes('.')) return name
  return FULL_NAMES[name] ?? (name.endsWith('-service') ? `io.containerd.service.v1.${name}` : `io.containerd.grpc.v1.${name}`)
}

function fromVersion1(document: TomlDocument): ReturnType<Step> {
  const lists = ['disabled_plugins', 'required_plugins']
  const move: Move = (path, value) => {
    if (path.length === 1 && lists.includes(path[0] ?? '')) return {path, ...withFullNames(value)}
    return path[0] === 'plugins' && path[1] !== undefined ? {path: ['plugins', fullPluginName(path[1]), ...path.slice(2)]} : {path}
  }
  const changed = lists.flatMap((list) => tomlTextsAt(document.value, [list]).filter((name) => !name.includes('.'))).concat(
    Object.keys(tomlTableAt(document.value, ['plugins'])).filter((name) => !name.includes('.')))
  return {
    document: moveToml(document, move),
    notes: [...new Set(changed)].map((name) => ({level: 'changed', text: `${name} is named ${fullPluginName(name)}`})),
  }
}

function withFullNames(value: TomlValue): {readonly value?: readonly string[]} {
  if (!Array.isArray(value) || value.every((name) => typeof name !== 'string' || name.includes('.'))) return {}
  return {value: value.filter((name) => typeof name === 'string').map(fullPluginName)}
}

// ---------------------------------------------------------------- 2 → 3: CRI in two plugins

/** Of the CRI plugin, what the plugin of images has since 2.0. */
const IMAGE_KEYS = new Set([
  'registry', 'image_decryption', 'max_concurrent_downloads', 'image_pull_progress_timeout', 'image_pull_with_sync_fs', 'stats_collect_period',
])
const IMAGE_KEYS_OF_CONTAINERD = new Set(['snapshotter', 'disable_snapshot_annotations', 'discard_unpacked_layers'])
/** What stays where it is: the server of exec, attach and port-forward. */
export const SERVER_KEYS: ReadonlySet<string> = new Set([
  'disable_tcp_service', 'stream_server_address', 'stream_server_port', 'stream_idle_timeout', 'enable_tls_streaming', 'x509_key_pair_streaming',
])
/** Other plugins that have another name since 2.0 (containerd core/metrics/cgroups, plugins/restart: ConfigMigration). */
const RENAMED: Readonly<Record<string, string>> = {
  'io.containerd.monitor.v1.cgroups': 'io.containerd.monitor.task.v1.cgroups',
  'io.containerd.internal.v1.restart': 'io.containerd.monitor.container.v1.restart',
}
/** Plugins that 2.0 does not have. */
const GONE = new Set(['io.containerd.runtime.v1.linux', 'io.containerd.snapshotter.v1.aufs'])

function fromVersion2(document: TomlDocument, reader: Reader): ReturnType<Step> {
  const notes: MigrationNote[] = []
  const ready = replaceRemoved(document, notes)
  const binDirs = isKnownToBe(reader, '2.1') || reader.configVersion === 4
  const moved = moveToml(ready, (path, value) => {
    if (path[0] === 'disabled_plugins' || path[0] === 'required_plugins') return {path, ...renamedIds(value)}
    if (path[0] === 'plugin_dir' && path.length === 1) {
      if (value !== '') notes.push({level: 'dropped', text: 'plugin_dir: containerd 2 loads no Go plugins'})
      return undefined
    }
    if (path[0] !== 'plugins' || path[1] === undefined) return {path}
    if (path[1] === CRI) return placeOfCri(path.slice(2), value, ready, binDirs)
    if (GONE.has(path[1])) {
      notes.push({level: 'dropped', text: `the settings of ${path[1]}: containerd 2 has no such plugin`})
      return undefined
    }
    const renamed = Object.hasOwn(RENAMED, path[1]) ? RENAMED[path[1]] : undefined
    if (path[1] === 'io.containerd.runtime.v2.task' && path[2] === 'sched_core') return schedCore(ready, value)
    return renamed === undefined ? {path} : {path: ['plugins', renamed, ...path.slice(2)]}
  })
  return {document: platformsOf(moved), notes}
}

/** The environment of shims says since 2.0 what sched_core said (containerd core/runtime/v2: ConfigMigration). */
function schedCore(document: TomlDocument, value: TomlValue): ReturnType<Move> {
  const path = ['plugins', 'io.containerd.shim.v1.manager', 'env']
  return value === true && tomlAt(document.value, path) === undefined ? {path, value: ['SCHED_CORE=1']} : undefined
}

/** CRI in `disabled_plugins` is two plugins more since 2.0; disabling only the old name leaves CRI without its server all the same. */
function renamedIds(value: TomlValue): {readonly value?: readonly string[]} {
  if (!Array.isArray(value)) return {}
  const names = value.filter((name) => typeof name === 'string').map(fullPluginName).flatMap((name) => {
    if (name === CRI) return [CRI, CRI_RUNTIME, CRI_IMAGES]
    return GONE.has(name) ? [] : [Object.hasOwn(RENAMED, name) ? RENAMED[name] ?? name : name]
  })
  return names.length === value.length && names.every((name, index) => name === value[index]) ? {} : {value: [...new Set(names)]}
}

/** Where a setting of the CRI plugin goes. What the new tables say already holds: a file may have both. */
function placeOfCri(keys: TomlPath, value: TomlValue, document: TomlDocument, binDirs: boolean): ReturnType<Move> {
  const to = (path: TomlPath): ReturnType<Move> => (isTomlTable(value) || tomlAt(document.value, path) === undefined ? {path} : undefined)
  const [first = '', second = ''] = keys
  if (SERVER_KEYS.has(first)) return {path: ['plugins', CRI, ...keys]}
  if (first === 'sandbox_image') return to(['plugins', CRI_IMAGES, 'pinned_images', 'sandbox'])
  if (IMAGE_KEYS.has(first)) return to(['plugins', CRI_IMAGES, ...keys])
  if (first === 'containerd' && IMAGE_KEYS_OF_CONTAINERD.has(second)) return to(['plugins', CRI_IMAGES, ...keys.slice(1)])
  const [, , , key] = keys
  if (first === 'containerd' && second === 'runtimes' && key === 'sandbox_mode' && keys.length === 4) {
    return to(['plugins', CRI_RUNTIME, ...keys.slice(0, 3), 'sandboxer'])
  }
  if (binDirs && first === 'cni' && second === 'bin_dir' && keys.length === 2) {
    const path = ['plugins', CRI_RUNTIME, 'cni', 'bin_dirs']
    if (tomlAt(document.value, path) !== undefined || typeof value !== 'string' || value === '') return undefined
    return {path, value: [value]}
  }
  return to(['plugins', CRI_RUNTIME, ...keys])
}

/** Pulls of a handler's images use the handler's snapshotter only where the plugin of images is told of it too. */
function platformsOf(document: TomlDocument): TomlDocument {
  const {runtimes} = layoutOf(3)
  return Object.entries(tomlTableAt(document.value, runtimes)).reduce((here, [name, runtime]) => {
    const snapshotter = tomlTextAt(runtime, ['snapshotter'])
    const path = ['plugins', CRI_IMAGES, 'runtime_platforms', name, 'snapshotter']
    return snapshotter === undefined || tomlAt(here.value, path) !== undefined ? here : setToml(here, path, snapshotter)
  }, document)
}

// ---------------------------------------------------------------- what 2.0 removed

const OLD_RUNTIMES = new Set(['io.containerd.runtime.v1.linux', 'io.containerd.runc.v1'])

/** Replaces, still in version 2, the settings that containerd 2.0 ignores (containerd RELEASES.md) by what takes their place. */
function replaceRemoved(document: TomlDocument, notes: MigrationNote[]): TomlDocument {
  if (!isTomlTable(tomlAt(document.value, ['plugins', CRI]))) return document
  return [replaceOldRuntimes, replaceRuntimeKeys, replaceSystemdCgroup, dropSwitches].reduce((here, replace) => replace(here, notes), document)
}

/** `default_runtime` and `untrusted_workload_runtime` are handlers, which containerd 1.x files under `default` and `untrusted` itself. */
function replaceOldRuntimes(document: TomlDocument, notes: MigrationNote[]): TomlDocument {
  const {containerd, runtimes} = layoutOf(2)
  let here = document
  for (const [old, name] of [['default_runtime', 'default'], ['untrusted_workload_runtime', 'untrusted']] as const) {
    const from = [...containerd, old]
    if (tomlAt(here.value, from) === undefined) continue
    const isSet = tomlTextAt(here.value, [...from, 'runtime_type']) !== undefined
    const to = [...runtimes, name]
    if (!isSet || tomlAt(here.value, to) !== undefined) {
      here = removeToml(here, from)
      if (isSet) notes.push({level: 'dropped', text: `${old}: there is a handler ${name} already`})
      continue
    }
    here = moveToml(here, (path) => ({path: startsWith(path, from) ? [...to, ...path.slice(from.length)] : path}))
    if (name === 'default' && tomlTextAt(here.value, [...containerd, 'default_runtime_name']) === undefined) {
      here = setToml(here, [...containerd, 'default_runtime_name'], name)
    }
    notes.push({level: 'changed', text: `${old} is the handler ${name}`})
  }
  return here
}

function replaceRuntimeKeys(document: TomlDocument, notes: MigrationNote[]): TomlDocument {
  const {runtimes} = layoutOf(2)
  return Object.keys(tomlTableAt(document.value, runtimes)).reduce((start, name) => {
    const at = [...runtimes, name]
    let here = start
    const type = tomlTextAt(here.value, [...at, 'runtime_type'])
    if (type !== undefined && OLD_RUNTIMES.has(type)) {
      here = setToml(here, [...at, 'runtime_type'], RUNC_TYPE)
      notes.push({level: 'changed', text: `runtime_type of ${name} is ${RUNC_TYPE}: containerd 2 has no ${type}`})
    }
    for (const [key, option] of [['runtime_engine', 'BinaryName'], ['runtime_root', 'Root']] as const) {
      const value = tomlTextAt(here.value, [...at, key])
      if (value !== undefined && tomlTextAt(here.value, [...at, 'options', option]) === undefined) {
        here = setToml(here, [...at, 'options', option], value)
        notes.push({level: 'changed', text: `${key} of ${name} is ${option} in its options`})
      }
      here = removeToml(here, [...at, key])
    }
    if (tomlTextAt(here.value, [...at, 'options', 'CriuPath']) !== undefined) {
      notes.push({level: 'dropped', text: `CriuPath of ${name}: containerd 2 looks for criu in PATH`})
    }
    return removeToml(here, [...at, 'options', 'CriuPath'])
  }, document)
}

/** One switch for all handlers of runc, which had to be off where SystemdCgroup was used. */
function replaceSystemdCgroup(document: TomlDocument, notes: MigrationNote[]): TomlDocument {
  const {runtime, runtimes} = layoutOf(2)
  const old = [...runtime, 'systemd_cgroup']
  const here = removeToml(document, old)
  if (tomlAt(document.value, old) !== true) return here
  notes.push({level: 'changed', text: 'systemd_cgroup is SystemdCgroup in the options of each handler of type runc'})
  const names = Object.entries(tomlTableAt(here.value, runtimes)).flatMap(([name, table]) =>
    ((tomlTextAt(table, ['runtime_type']) ?? RUNC_TYPE) === RUNC_TYPE ? [name] : []))
  return [...new Set([...names, ...(tomlAt(here.value, [...runtimes, 'runc']) === undefined ? ['runc'] : [])])].reduce(
    (next, name) => setToml(name === 'runc' && tomlTextAt(next.value, [...runtimes, name, 'runtime_type']) === undefined
      ? setToml(next, [...runtimes, name, 'runtime_type'], RUNC_TYPE)
      : next, [...runtimes, name, 'options', 'SystemdCgroup'], true), here)
}

/** Switches that 2.0 has not any more; containerd 2.1.9 warns of them, on or off. */
function dropSwitches(document: TomlDocument, notes: MigrationNote[]): TomlDocument {
  const {runtime, containerd} = layoutOf(2)
  return [[...runtime, 'disable_cgroup'], [...containerd, 'no_pivot']].reduce((here, path) => {
    if (tomlAt(here.value, path) === true) notes.push({level: 'dropped', text: `${path.at(-1)}: containerd 2 has no such setting`})
    return removeToml(here, path)
  }, document)
}

// ---------------------------------------------------------------- 3 → 4: servers are plugins

const SERVER = 'io.containerd.server.v1.'
/** Where the settings of servers go (containerd cmd/containerd/server/config: serviceMigrate). */
const SERVERS: Readonly<Record<string, Readonly<Record<string, readonly [plugin: string, key: string]>>>> = {
  debug: {address: [`${SERVER}debug`, 'address'], uid: [`${SERVER}debug`, 'uid'], gid: [`${SERVER}debug`, 'gid']},
  grpc: {
    address: [`${SERVER}grpc`, 'address'], uid: [`${SERVER}grpc`, 'uid'], gid: [`${SERVER}grpc`, 'gid'],
    max_recv_message_size: [`${SERVER}grpc`, 'max_recv_message_size'], max_send_message_size: [`${SERVER}grpc`, 'max_send_message_size'],
    tcp_address: [`${SERVER}grpc-tcp`, 'address'], tcp_tls_ca: [`${SERVER}grpc-tcp`, 'tls_ca'], tcp_tls_cert: [`${SERVER}grpc-tcp`, 'tls_cert'],
    tcp_tls_key: [`${SERVER}grpc-tcp`, 'tls_key'], tcp_tls_common_name: [`${SERVER}grpc-tcp`, 'tls_common_name'],
  },
  ttrpc: {address: [`${SERVER}ttrpc`, 'address'], uid: [`${SERVER}ttrpc`, 'uid'], gid: [`${SERVER}ttrpc`, 'gid']},
  metrics: {address: [`${SERVER}metrics`, 'address'], grpc_histogram: ['io.containerd.metrics.v1.grpc-prometheus', 'grpc_histogram']},
}

function fromVersion3(document: TomlDocument): ReturnType<Step> {
  const old = tomlTableAt(document.value, ['plugins', CRI])
  const ready = Object.keys(old).some((key) => !SERVER_KEYS.has(key)) ? fromVersion2(document, {configVersion: 4}) : {document, notes: []}
  const address = tomlTextAt(ready.document.value, ['grpc', 'address'])
  const ttrpc = ['plugins', `${SERVER}ttrpc`, 'address']
  const limits = ['max_recv_message_size', 'max_send_message_size']
  const moved = moveToml(ready.document, (path, value) => {
    const [table = '', key = ''] = path
    const keys = Object.hasOwn(SERVERS, table) ? SERVERS[table] : undefined
    const place = keys !== undefined && Object.hasOwn(keys, key) && path.length === 2 ? keys[key] : undefined
    if (place === undefined) return keys === undefined || path.length > 1 ? {path} : undefined
    const to = ['plugins', ...place]
    // an empty address is none: the default version 4 configuration has no server for it
    const isNothing = value === '' || (key === 'grpc_histogram' && value === false)
    return isNothing || tomlAt(ready.document.value, to) !== undefined ? undefined : {path: to}
  })
  const tcp = ['plugins', `${SERVER}grpc-tcp`]
  let here = moved
  // both servers had the limits of the one table
  for (const limit of limits) {
    const value = tomlAt(ready.document.value, ['grpc', limit])
    if (typeof value === 'number' && tomlTextAt(here.value, [...tcp, 'address']) !== undefined) here = setToml(here, [...tcp, limit], value)
  }
  if (address !== undefined && tomlAt(here.value, ttrpc) === undefined) here = setToml(here, ttrpc, `${address}.ttrpc`)
  return {document: here, notes: ready.notes}
}

/** Whether the list of plugins that are off has CRI, under any of its names. */
export function disablesCri(document: TomlDocument): readonly string[] {
  return tomlTextsAt(document.value, ['disabled_plugins']).filter((name) => CRI_NAMES.includes(name))
}
