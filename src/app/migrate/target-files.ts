// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import type {TargetFile, TargetFiles, Wanted} from '../../model/migration/config.ts'
import {absent, type Observed, ok} from '../../model/observed.ts'

/** Files that a pattern may match: far more than a folder of configuration has. */
const MOST_MATCHES = 500
/** Names that are looked at in one folder. */
const MOST_NAMES = 5000
/** Mode of a file whose text is in a snapshot, and whose mode is not: nothing is written by it, a file that is there keeps its own. */
const USUAL_MODE = 0o644

/**
 * Reads the files that generators want to see before they write. A folder or file that could not be read stays `unreadable`: it is
 * never taken for one that is not there.
 */
export function readTargetFiles(host: Host, wanted: Wanted): TargetFiles {
  const matches = new Map<string, Observed<readonly string[]>>()
  for (const pattern of new Set(wanted.patterns)) matches.set(pattern, matching(host, pattern))
  const found = [...matches.values()].flatMap((match) => (match.state === 'ok' ? match.value : []))
  const files = new Set([...wanted.files, ...found])
  // fromEntries defines own properties, whatever a name is
  return {
    files: Object.fromEntries([...files].map((path) => [path, readFile(host, path)])),
    matches: Object.fromEntries(matches),
  }
}

function readFile(host: Host, path: string): Observed<TargetFile> {
  const text = host.text(path)
  if (text.state !== 'ok') return text
  const stat = host.stat(path)
  // It was just read: one that vanished since is none.
  if (stat.state === 'absent') return stat
  if (stat.state === 'unreadable' && stat.reason !== 'not-captured') return stat
  return ok({text: text.value, mode: stat.state === 'ok' ? stat.value.mode : USUAL_MODE}, text.source)
}

/**
 * The files that a pattern matches, sorted; `absent` where no folder is there that it could match in.
 * `*` stands for any part of one name; no other character is special.
 */
function matching(host: Host, pattern: string): Observed<readonly string[]> {
  let folders: readonly string[] = ['']
  let looked = false
  const parts = pattern.split('/').slice(1)
  for (const [index, part] of parts.entries()) {
    if (!part.includes('*')) {
      folders = folders.map((folder) => `${folder}/${part}`)
      continue
    }
    const next: string[] = []
    for (const folder of folders) {
      const names = host.entries(folder === '' ? '/' : folder)
      // A file beside the folders that the pattern means: `certs.d/README`
      if (names.state === 'unreadable' && !(index > 0 && isFile(host, folder))) return names
      if (names.state !== 'ok') continue
      looked = true
      next.push(...names.value.slice(0, MOST_NAMES).filter((name) => matchesName(part, name)).map((name) => `${folder}/${name}`))
    }
    folders = next.slice(0, MOST_MATCHES)
  }
  if (!looked) return absent(pattern)
  return existing(host, folders, pattern)
}

/** Of the paths those that are files: of `certs.d/*` `/hosts.toml` only some folders have one. */
function existing(host: Host, paths: readonly string[], pattern: string): Observed<readonly string[]> {
  const files: string[] = []
  for (const path of paths) {
    const stat = host.stat(path)
    if (stat.state === 'unreadable') {
      // Recorded before rtctl looked at modes: the text tells as well that it is there.
      const text = host.text(path)
      if (text.state === 'unreadable') return stat
      if (text.state === 'ok') files.push(path)
    } else if (stat.state === 'ok' && stat.value.type === 'file') files.push(path)
  }
  return ok(files.toSorted(), pattern)
}

function isFile(host: Host, path: string): boolean {
  const stat = host.stat(path)
  return stat.state === 'ok' && stat.value.type !== 'directory'
}

/** Whether a name fits a part of a pattern. Goes back only to the last `*`: costs at most pattern times name. */
export function matchesName(pattern: string, name: string): boolean {
  const pieces = pattern.split('*')
  const first = pieces[0] ?? ''
  const last = pieces.at(-1) ?? ''
  if (pieces.length === 1) return name === pattern
  if (!name.startsWith(first) || !name.slice(first.length).endsWith(last)) return false
  let at = first.length
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return at + last.length <= name.length
}
