// SPDX-License-Identifier: Apache-2.0
import type {ContainerdConfig, ContainerdFacts, Process, Setting} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {absent, mapObserved, type Observed, ok} from '../model/observed.ts'
import {hasBundles, stateOfBundle} from './bundles.ts'
import {expandGlob, pathFrom} from './files.ts'
import {containerdImports, containerdPaths, mergeContainerdTables, readContainerdConfig} from './parse/containerd-config.ts'
import {type Flag, type FlagSyntax, flagValue, parseFlags} from './parse/flags.ts'
import {parseToml} from './parse/toml.ts'
import type {Table} from './parse/untrusted.ts'

/** Command line of containerd (cmd/containerd/command). `-l` was the listen address of 0.2, which dockerd 17.06 started. */
const SYNTAX: FlagSyntax = {short: {c: 'config', a: 'address', l: 'log-level'}}

interface Layout {
  /** who arranges containerd's files like this */
  readonly of: string
  readonly address: string
  readonly root: string
  readonly state: string
  readonly config: string
}

const STANDARD: Layout = {
  of: 'containerd',
  address: '/run/containerd/containerd.sock',
  root: '/var/lib/containerd',
  state: '/run/containerd',
  config: '/etc/containerd/config.toml',
}

/** The containerds that platforms start for themselves: recognised by their socket or their configuration file. */
const LAYOUTS: readonly Layout[] = [
  STANDARD,
  {
    of: 'dockerd',
    address: '/var/run/docker/containerd/containerd.sock',
    root: '/var/lib/docker/containerd/daemon',
    state: '/var/run/docker/containerd/daemon',
    config: '/var/run/docker/containerd/containerd.toml',
  },
  {
    of: 'k3s',
    address: '/run/k3s/containerd/containerd.sock',
    root: '/var/lib/rancher/k3s/agent/containerd',
    state: '/run/k3s/containerd',
    config: '/var/lib/rancher/k3s/agent/etc/containerd/config.toml',
  },
  {
    of: 'rke2',
    address: '/run/k3s/containerd/containerd.sock',
    root: '/var/lib/rancher/rke2/agent/containerd',
    state: '/run/k3s/containerd',
    config: '/var/lib/rancher/rke2/agent/etc/containerd/config.toml',
  },
  {
    of: 'k0s',
    address: '/run/k0s/containerd.sock',
    root: '/var/lib/k0s/containerd',
    state: '/run/k0s/containerd',
    config: '/etc/k0s/containerd.toml',
  },
  {
    of: 'microk8s',
    address: '/var/snap/microk8s/common/run/containerd.sock',
    root: '/var/snap/microk8s/common/var/lib/containerd',
    state: '/var/snap/microk8s/common/run/containerd',
    config: '/var/snap/microk8s/current/args/containerd.toml',
  },
]

/** Shims whose containerd is gone. */
export interface OrphanedShims {
  /** their `-address` */
  readonly address: string
  /** working directories by pid: containerd starts each shim in its bundle (runtime/v2/shim: Command) */
  readonly directories: ReadonlyMap<number, string>
}

/**
 * One containerd: its command line, and its configuration with imports. The bundles in its state directory are for
 * `probeBundles`: they are many, and it can be asked before they are read.
 *
 * @param process undefined for one that does not run
 * @param shims what is left of a containerd that is gone
 * @returns undefined where nothing runs, no shim names it, and neither its configuration nor its state is on disk
 */
export function probeContainerd(
  host: Host, process: Process | undefined, shims?: OrphanedShims,
): Omit<ContainerdFacts, 'bundles'> | undefined {
  const flags = parseFlags(process?.argv.slice(1) ?? [], SYNTAX)
  const source = process === undefined ? '' : `argv of pid ${process.pid}`
  const layout = chooseLayout(host, flags, shims?.address)
  const flagged = (name: string) => settingOf(flagValue(flags, name), source)
  const configFile = flagged('config') ?? byLayout(layout, 'config')
  const tables = ownTables(readTables(host, configFile.value), layout)
  const said = tables.state === 'ok' ? containerdPaths(tables.value.merged) : {}
  const shim = settingOf(shims?.address, 'argv of its shims')
  const address = shim ?? flaggedAddress(flags, source) ?? settingOf(said.address, configFile.value) ?? byLayout(layout, 'address')
  const state = stateOfShims(shims) ?? flagged('state') ?? flagged('state-dir') ?? settingOf(said.state, configFile.value) ?? byLayout(layout, 'state')
  const gone = process === undefined && shim === undefined && tables.state === 'absent'
  if (gone && !hasBundles(host, state.value)) return undefined
  return {
    ...(process && {pid: process.pid}),
    address: {...address, value: withoutScheme(address.value)},
    root: flagged('root') ?? settingOf(said.root, configFile.value) ?? byLayout(layout, 'root'),
    state,
    configFile,
    config: mapObserved(tables, ({merged, files}): ContainerdConfig => readContainerdConfig(merged, files)),
  }
}

function settingOf(value: string | undefined, source: string): Setting | undefined {
  return value === undefined ? undefined : {value, source}
}

/** The standard configuration may be that of another containerd: then the one that is gone has none that is known. */
function ownTables(tables: ReturnType<typeof readTables>, {of, address}: Layout): ReturnType<typeof readTables> {
  if (of !== UNKNOWN || tables.state !== 'ok') return tables
  const said = containerdPaths(tables.value.merged).address
  return said !== undefined && withoutScheme(said) === address ? tables : absent(tables.source)
}

/** The state directory is nowhere in the argv of a shim, and need not be where the socket is. */
function stateOfShims(shims: OrphanedShims | undefined): Setting | undefined {
  for (const [pid, directory] of shims?.directories ?? []) {
    const state = stateOfBundle(directory)
    if (state !== undefined) return {value: state, source: `working directory of pid ${pid}`}
  }
  return undefined
}

function byLayout(layout: Layout, key: Exclude<keyof Layout, 'of'>): Setting {
  return {value: layout[key], source: layout === STANDARD ? 'default of containerd' : `where ${layout.of} puts it`}
}

function flaggedAddress(flags: readonly Flag[], source: string): Setting | undefined {
  const old = flagValue(flags, 'log-level')
  return settingOf(flagValue(flags, 'address') ?? flagValue(flags, 'listen') ?? (old?.startsWith('unix://') ? old : undefined), source)
}

function withoutScheme(address: string): string {
  return address.replace(/^unix:\/\//, '')
}

/** Whose layout it is where only a socket that nobody uses by default is known. */
const UNKNOWN = 'a containerd with this socket'

/**
 * The layout with this configuration file or socket; of two with the same socket (k3s, rke2) the one whose file is there.
 * An unknown socket is taken to lie in the state directory, as it does everywhere by default.
 */
function chooseLayout(host: Host, flags: readonly Flag[], shimAddress: string | undefined): Layout {
  const config = flagValue(flags, 'config')
  const address = withoutScheme(shimAddress ?? flagValue(flags, 'address') ?? '').replace(/^\/run\/docker\//, '/var/run/docker/')
  const candidates = LAYOUTS.filter((layout) => layout.config === config || (config === undefined && layout.address === address))
  const [only] = candidates
  if (only !== undefined) return candidates.find((layout) => candidates.length > 1 && host.stat(layout.config).state === 'ok') ?? only
  if (shimAddress === undefined) return STANDARD
  return {...STANDARD, of: UNKNOWN, address, state: address.slice(0, address.lastIndexOf('/')) || '/'}
}

/**
 * The configuration file and its imports, in the order containerd loads them (core: LoadConfig, breadth first, no file twice).
 * An import that is not there is left out; one that cannot be read or understood makes the whole configuration so.
 */
function readTables(host: Host, path: string): Observed<{readonly merged: Table; readonly files: readonly string[]}> {
  const tables: Table[] = []
  const files: string[] = []
  const loaded = new Set<string>()
  const pending = [path]
  for (let next = pending.shift(); next !== undefined && loaded.size < MOST_IMPORTS; next = pending.shift()) {
    if (loaded.has(next)) continue
    loaded.add(next)
    const file = next
    const table = mapObserved(host.text(file), parseToml)
    if (table.state === 'unreadable' || (table.state === 'absent' && file === path)) return table
    if (table.state === 'absent') continue
    tables.push(table.value)
    files.push(table.source)
    pending.push(...containerdImports(table.value).flatMap((pattern) => expandGlob(host, pathFrom(file, pattern))))
  }
  return ok({merged: mergeContainerdTables(tables), files}, files[0] ?? path)
}

const MOST_IMPORTS = 200
