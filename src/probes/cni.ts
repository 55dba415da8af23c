// SPDX-License-Identifier: Apache-2.0
import type {CniFacts} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {absent, mapObserved, valueOf} from '../model/observed.ts'
import {parseJsonTable, stringAt, valueAt} from './parse/untrusted.ts'

/** Where every CRI runtime looks when it is told nothing. */
const DEFAULT_DIRECTORY = '/etc/cni/net.d'

/**
 * The CNI networks of the first directory that has any, in the order runtimes load them: by file name (libcni, ConfFiles).
 * A file that is broken or cannot be read keeps its place, with an empty name and no plugins.
 *
 * @param directories where the runtimes of this host look, in the order they matter
 */
export function probeCni(host: Host, directories: readonly string[]): CniFacts {
  const all = [...new Set([...directories, DEFAULT_DIRECTORY])].map((directory) => ({directory, networks: readDirectory(host, directory)}))
  const hasNetworks = (facts: CniFacts) => (valueOf(facts.networks)?.length ?? 0) > 0
  const none = {directory: DEFAULT_DIRECTORY, networks: absent(DEFAULT_DIRECTORY)}
  return all.find(hasNetworks) ?? all.find(({networks}) => networks.state !== 'absent') ?? none
}

function readDirectory(host: Host, directory: string): CniFacts['networks'] {
  return mapObserved(host.entries(directory), (names) => names.filter((name) => /\.(conf|conflist|json)$/.test(name)).map((name) => {
    const file = `${directory}/${name}`
    return {file, ...(valueOf(mapObserved(host.text(file), parseCniConfig)) ?? {name: '', plugins: []})}
  }))
}

/** Reads one network: a list of plugins (.conflist), or a single plugin (.conf, .json). @throws where it is no JSON object */
export function parseCniConfig(text: string): {readonly name: string; readonly plugins: readonly string[]} {
  const network = parseJsonTable(text)
  const list = valueAt(network, 'plugins')
  const plugins = Array.isArray(list) ? list : [network]
  return {name: stringAt(network, 'name') ?? '', plugins: plugins.flatMap((plugin) => stringAt(plugin, 'type') ?? [])}
}
