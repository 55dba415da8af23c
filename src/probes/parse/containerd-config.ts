// SPDX-License-Identifier: Apache-2.0
import type {ContainerdConfig} from '../../model/facts.ts'
import {booleanAt, emptyMap, stringAt, stringsAt, type Table, tableOf, valueAt} from './untrusted.ts'

/** The CRI plugin up to containerd 1.7; since 2.0 only its streaming server is left under this name. */
const CRI_V1 = 'io.containerd.grpc.v1.cri'
/** Since containerd 2.0 (config version 3). */
const CRI_RUNTIME = 'io.containerd.cri.v1.runtime'
const CRI_IMAGES = 'io.containerd.cri.v1.images'
/** Since config version 4 the gRPC server is a plugin too. */
const GRPC_SERVER = 'io.containerd.server.v1.grpc'

type Tables = Record<string, unknown>

/**
 * Puts config.toml and its imports together, in the order containerd loads them: scalars of a later file win, lists grow.
 * The table of a plugin is replaced as a whole by containerd 1.x and merged key by key by 2.x (seen with `containerd config dump`
 * of 1.6.20, 1.7.24 and 2.1.9); which of them reads the file is not written in it: version 3 and above means 2.x, lower is taken for 1.x.
 */
export function mergeContainerdTables(files: readonly Table[]): Table {
  const merged = emptyMap<unknown>() as Tables
  const deep = configVersion(files[0] ?? {}) >= 3
  for (const file of files) {
    for (const [key, value] of Object.entries(file)) {
      if (key === 'plugins') merged[key] = mergePlugins(tableOf(merged[key]) ?? {}, named(file), deep)
      else if (key === 'version') merged[key] ??= value
      else if (value !== '') merged[key] = merge(merged[key], value)
    }
  }
  return merged
}

function mergePlugins(old: Table, added: Table, deep: boolean): Table {
  const plugins: Tables = Object.assign(emptyMap<unknown>(), old)
  for (const [name, value] of Object.entries(added)) plugins[name] = deep ? merge(plugins[name], value) : value
  return plugins
}

/** The plugins of one file; version 1 files call the CRI plugin `cri`. */
function named(file: Table): Table {
  const plugins = emptyMap<unknown>() as Tables
  for (const [name, value] of Object.entries(tableOf(valueAt(file, 'plugins')) ?? {})) plugins[name === 'cri' ? CRI_V1 : name] = value
  return plugins
}

function merge(old: unknown, value: unknown): unknown {
  if (Array.isArray(old) && Array.isArray(value)) return [...old, ...value.filter((member) => !old.includes(member))]
  const [oldTable, newTable] = [tableOf(old), tableOf(value)]
  if (oldTable === undefined || newTable === undefined) return value
  const merged: Tables = Object.assign(emptyMap<unknown>(), oldTable)
  for (const [key, member] of Object.entries(newTable)) merged[key] = merge(merged[key], member)
  return merged
}

function configVersion(table: Table): number {
  const version = valueAt(table, 'version')
  return typeof version === 'number' && version >= 1 ? version : 1
}

/** `imports` of one file: paths or glob patterns, relative ones to the file's directory. */
export function containerdImports(file: Table): readonly string[] {
  return stringsAt(file, 'imports')
}

/** Where containerd listens and keeps its files, as far as the merged configuration says so. */
export function containerdPaths(config: Table): {readonly address?: string; readonly root?: string; readonly state?: string} {
  const address = stringAt(config, 'plugins', GRPC_SERVER, 'address') ?? stringAt(config, 'grpc', 'address')
  const root = stringAt(config, 'root')
  const state = stringAt(config, 'state')
  return {...(address && {address}), ...(root && {root}), ...(state && {state})}
}

/** Reads what rtctl uses of a merged configuration, of any version. */
export function readContainerdConfig(config: Table, files: readonly string[]): ContainerdConfig {
  const version = configVersion(config)
  // containerd 1.x ignores the tables of 2.x, which a version 2 file may have all the same: the older ones go first there
  const runtimePlugins = version >= 3 ? [CRI_RUNTIME, CRI_V1] : [CRI_V1, CRI_RUNTIME]
  const cri = (...path: readonly string[]) => first(runtimePlugins, (plugin) => valueAt(config, 'plugins', plugin, ...path))
  const runtimes = readRuntimes(cri('containerd'))
  const hasOldDefault = Object.hasOwn(runtimes, 'default') && runtimes['default']?.type !== undefined
  const defaultRuntime = textOf(cri('containerd', 'default_runtime_name')) ?? (hasOldDefault ? 'default' : undefined)
  const image = textOf(cri('sandbox_image')) ?? stringAt(config, 'plugins', CRI_IMAGES, 'pinned_images', 'sandbox')
  const snapshotter = stringAt(config, 'plugins', CRI_IMAGES, 'snapshotter') ?? textOf(cri('containerd', 'snapshotter'))
  const cniDirectory = textOf(cri('cni', 'conf_dir'))
  const oldDriver = cri('systemd_cgroup')
  const driver = runtimes[defaultRuntime ?? 'runc']?.systemdCgroup ?? (typeof oldDriver === 'boolean' ? oldDriver : undefined)
  const disabledPlugins = stringsAt(config, 'disabled_plugins')
  return {
    version,
    imports: containerdImports(config),
    disabledPlugins,
    criDisabled: disabledPlugins.some((name) => ['cri', CRI_V1, CRI_RUNTIME, CRI_IMAGES].includes(name)),
    ...(image && {sandboxImage: image}),
    ...(snapshotter && {snapshotter}),
    ...(defaultRuntime && {defaultRuntime}),
    ...(driver !== undefined && {systemdCgroup: driver}),
    ...(cniDirectory && {cniDirectory}),
    runtimes,
    files,
  }
}

function first(plugins: readonly string[], look: (plugin: string) => unknown): unknown {
  return plugins.map(look).find((value) => value !== undefined && value !== '')
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

type Runtime = ContainerdConfig['runtimes'][string]

/**
 * The handlers of `containerd.runtimes`, and the two that had tables of their own up to 1.7: `default_runtime`
 * and `untrusted_workload_runtime`, which containerd itself files under `default` and `untrusted`.
 */
function readRuntimes(table: unknown): Readonly<Record<string, Runtime>> {
  const runtimes = emptyMap<Runtime>()
  for (const [name, key] of [['default', 'default_runtime'], ['untrusted', 'untrusted_workload_runtime']] as const) {
    if (stringAt(table, key, 'runtime_type') !== undefined) runtimes[name] = readRuntime(valueAt(table, key))
  }
  for (const [name, runtime] of Object.entries(tableOf(valueAt(table, 'runtimes')) ?? {})) runtimes[name] = readRuntime(runtime)
  return runtimes
}

function readRuntime(table: unknown): Runtime {
  const type = stringAt(table, 'runtime_type')
  const binary = stringAt(table, 'options', 'BinaryName') ?? stringAt(table, 'runtime_path') ?? stringAt(table, 'runtime_engine')
  const systemdCgroup = booleanAt(table, 'options', 'SystemdCgroup')
  return {...(type && {type}), ...(binary && {binary}), ...(systemdCgroup !== undefined && {systemdCgroup})}
}
