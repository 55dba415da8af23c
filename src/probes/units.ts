// SPDX-License-Identifier: Apache-2.0
import type {UnitFacts} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {valueOf} from '../model/observed.ts'
import {namesIn} from './files.ts'
import {mergeUnitFiles} from './parse/unit-file.ts'

/** Where systemd looks for units of the system manager, the first place wins (systemd.unit(5)). */
const SEARCH_PATH = [
  '/etc/systemd/system', '/run/systemd/system', '/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system',
]

/**
 * The units of these names that exist, with their drop-ins. A drop-in of a higher place hides those of the same name below;
 * a link to /dev/null masks a unit or a drop-in. A file that cannot be read is listed, its settings are missing.
 */
export function probeUnits(host: Host, names: readonly string[]): readonly UnitFacts[] {
  const places = SEARCH_PATH.map((directory) => ({directory, names: new Set(namesIn(host, directory))}))
  return names.flatMap((name) => {
    const place = places.find((candidate) => candidate.names.has(name))
    if (place === undefined) return []
    const path = `${place.directory}/${name}`
    const masked = isMasked(host, path)
    const dropIns = masked ? [] : findDropIns(host, places, name)
    const texts = [path, ...dropIns].map((file) => readUnit(host, file, masked))
    return [{name, files: texts.map((file) => file.path), settings: mergeUnitFiles(texts), masked}]
  })
}

type Place = {readonly directory: string; readonly names: ReadonlySet<string>}

function readUnit(host: Host, path: string, masked: boolean): {path: string; text: string} {
  if (masked) return {path, text: ''}
  const read = host.text(path)
  return {path: read.source, text: valueOf(read) ?? ''}
}

function isMasked(host: Host, path: string): boolean {
  return valueOf(host.target(path)) === '/dev/null'
}

/** By file name over all places and drop-in directories, then in order of the file names: that is how they are applied. */
function findDropIns(host: Host, places: readonly Place[], unit: string): readonly string[] {
  const found = new Map<string, string>()
  for (const folder of dropInFolders(unit)) {
    for (const {directory, names} of places) {
      if (!names.has(folder)) continue
      for (const name of namesIn(host, `${directory}/${folder}`)) {
        if (name.endsWith('.conf') && !found.has(name)) found.set(name, `${directory}/${folder}/${name}`)
      }
    }
  }
  const paths = [...found.keys()].sort().map((name) => found.get(name) ?? '')
  return paths.filter((path) => !isMasked(host, path))
}

/** `a-b.service` takes drop-ins from `a-b.service.d`, `a-.service.d` and `service.d`, the most specific one first. */
function dropInFolders(unit: string): readonly string[] {
  const dot = unit.lastIndexOf('.')
  const [stem, type] = [unit.slice(0, dot), unit.slice(dot + 1)]
  const folders = [`${unit}.d`]
  for (let dash = stem.lastIndexOf('-', stem.length - 2); dash > 0; dash = stem.lastIndexOf('-', dash - 1)) {
    folders.push(`${stem.slice(0, dash + 1)}.${type}.d`)
  }
  return [...folders, `${type}.d`]
}
