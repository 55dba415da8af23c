// SPDX-License-Identifier: Apache-2.0
import type {Facts, Setting} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {NetworkNodeFacts} from '../../model/node/network.ts'
import {absent, mapObserved, type Observed, ok, valueOf} from '../../model/observed.ts'
import {parseToml} from '../parse/toml.ts'
import {booleanAt, stringAt, stringsAt, type Table} from '../parse/untrusted.ts'
import {readTexts} from './host-texts.ts'

const DEFAULT = '/opt/cni/bin'
/** Where distributions put their packaged plugins: looked at to tell where a missing one is. */
const PACKAGED = ['/usr/lib/cni', '/usr/libexec/cni']
const MOST_PROGRAMS = 300
/** The CRI plugin's names, in versions 1, 2 and 3 of the configuration (containerd, docs/cri/config.md). */
const CRI_PLUGINS = ['cri', 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime']

/** The CNI configurations that the facts know of, as they are written. */
export async function probeCniConfigs(host: Host, facts: Facts): Promise<NetworkNodeFacts['cniConfigs']> {
  const paths = (valueOf(facts.cni.networks) ?? []).slice(0, 50).map(({file}) => ({path: file}))
  const read = await readTexts(host, paths, () => true)
  return mapObserved(read, ({texts, unread}) => ({texts: texts.map(({path, text}) => ({path, text})), unread}))
}

type BinFolders = NetworkNodeFacts['cniBinFolders']

/** Where the runtimes to come look for plugins: what they are configured to, or their default. */
export function probeCniBinFolders(host: Host, facts: Facts): BinFolders {
  const files = valueOf(containerdOf(facts)?.config)?.files ?? []
  const crio = facts.crios.find(({pid}) => pid === undefined || facts.processes.inside[pid] === undefined)
  const ofContainerd = lastOf(host, files, (table) => CRI_PLUGINS.flatMap((name) => foldersAt(table, name)))
  const ofCrio = lastOf(host, crio?.files ?? [], (table) => stringsAt(table, 'crio', 'network', 'plugin_dirs'))
  if (ofContainerd.state === 'unreadable') return ofContainerd
  if (ofCrio.state === 'unreadable') return ofCrio
  return ok({
    containerd: valueOf(ofContainerd) ?? {value: [DEFAULT], source: 'default of containerd'},
    'cri-o': valueOf(ofCrio) ?? {value: [DEFAULT], source: 'default of CRI-O'},
    'cri-dockerd': {value: [DEFAULT], source: 'default of cri-dockerd'},
  }, DEFAULT)
}

/** Whether containerd needs no plugin for the loopback interface. */
export function probeInternalLoopback(host: Host, facts: Facts): NetworkNodeFacts['internalLoopback'] {
  const files = valueOf(containerdOf(facts)?.config)?.files ?? []
  const said = lastOf(host, files, (table) => CRI_PLUGINS.flatMap((name) => {
    const value = booleanAt(table, 'plugins', name, 'cni', 'use_internal_loopback') ?? booleanAt(table, 'plugins', name, 'use_internal_loopback')
    return value === undefined ? [] : [String(value)]
  }))
  return mapObserved(said, ({value}) => value.includes('true'))
}

/** That of the host itself, the usual one first. */
function containerdOf({containerds, processes}: Facts): Facts['containerds'][number] | undefined {
  const own = containerds.filter(({pid}) => pid === undefined || processes.inside[pid] === undefined)
  return own.find(({address}) => address.value === '/run/containerd/containerd.sock') ?? own[0]
}

function foldersAt(table: Table, plugin: string): readonly string[] {
  const many = stringsAt(table, 'plugins', plugin, 'cni', 'bin_dirs')
  const one = stringAt(table, 'plugins', plugin, 'cni', 'bin_dir')
  return many.length > 0 ? many : one === undefined ? [] : [one]
}

/** What the last of some TOML files says; absent where none does. */
function lastOf(host: Host, files: readonly string[], read: (table: Table) => readonly string[]): Observed<Setting<readonly string[]>> {
  let last: Observed<Setting<readonly string[]>> = absent(files[0] ?? DEFAULT)
  for (const path of files.slice(0, 50)) {
    const table = mapObserved(host.text(path), parseToml)
    if (table.state === 'unreadable') return table
    const folders = table.state === 'ok' ? read(table.value).map((folder) => (folder.length > 1 ? folder.replace(/\/+$/, '') : folder)) : []
    if (folders.length > 0) last = ok({value: folders, source: path}, path)
  }
  return last
}

/** The programs in the folders of CNI plugins. */
export function probeCniPrograms(host: Host, binFolders: BinFolders): NetworkNodeFacts['cniPrograms'] {
  const configured = Object.values(valueOf(binFolders) ?? {}).flatMap(({value}) => value)
  const found: [string, readonly string[]][] = []
  for (const folder of new Set([...configured, DEFAULT, ...PACKAGED])) {
    const names = host.entries(folder)
    if (names.state === 'unreadable') return names
    if (names.state === 'ok') found.push([folder, names.value.slice(0, MOST_PROGRAMS).filter((name) => isProgram(host, `${folder}/${name}`))])
  }
  return ok(Object.fromEntries(found), DEFAULT)
}

function isProgram(host: Host, path: string): boolean {
  const stat = valueOf(host.stat(path))
  return stat?.type === 'file' && (stat.mode & 0o111) !== 0
}
