// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../model/host.ts'

/** More files than any real configuration has; a directory made to waste time stops here. */
const MOST_FILES = 1000
const DEEPEST = 8

/**
 * The paths a glob pattern with `*`, `?` and `[…]` matches, sorted; a path without them is returned as it is, there or not.
 * Patterns are those of Go's filepath.Glob: no part crosses a slash. Directories that cannot be read match nothing.
 */
export function expandGlob(host: Host, pattern: string): readonly string[] {
  let paths = ['']
  for (const part of pattern.split('/').slice(1)) {
    if (!/[*?[]/.test(part)) paths = paths.map((path) => `${path}/${part}`)
    else {
      const matching = (path: string) => namesIn(host, path === '' ? '/' : path).filter((name) => matchesGlob(part, name))
      paths = paths.flatMap((path) => matching(path).map((name) => `${path}/${name}`))
    }
    paths = paths.slice(0, MOST_FILES)
  }
  return paths
}

/** Goes back only to the last `*`: a hostile pattern costs no more than pattern times name. */
function matchesGlob(pattern: string, name: string): boolean {
  let p = 0
  let n = 0
  let star = -1
  let resume = 0
  while (n < name.length) {
    const step = matchOne(pattern, p, name.charAt(n))
    if (pattern.charAt(p) === '*') {
      star = ++p
      resume = n
    } else if (step > 0) {
      p += step
      n++
    } else if (star !== -1) {
      p = star
      n = ++resume
    } else return false
  }
  while (pattern.charAt(p) === '*') p++
  return p === pattern.length
}

/** How many characters of the pattern match this one character; 0 for none. */
function matchOne(pattern: string, at: number, c: string): number {
  const token = pattern.charAt(at)
  if (token === '?') return 1
  if (token !== '[') return token !== '' && token !== '*' && token === c ? 1 : 0
  const end = pattern.indexOf(']', at + 2)
  if (end === -1) return 0
  const negated = pattern.charAt(at + 1) === '^'
  const ranges = pattern.slice(at + (negated ? 2 : 1), end)
  return inRanges(ranges, c) === negated ? 0 : end - at + 1
}

function inRanges(ranges: string, c: string): boolean {
  for (let i = 0; i < ranges.length; i++) {
    const isRange = ranges.charAt(i + 1) === '-' && i + 2 < ranges.length
    if (isRange ? c >= ranges.charAt(i) && c <= ranges.charAt(i + 2) : c === ranges.charAt(i)) return true
    if (isRange) i += 2
  }
  return false
}

/** The names in a directory; none where it is missing or cannot be read. */
export function namesIn(host: Host, directory: string): readonly string[] {
  const names = host.entries(directory)
  return names.state === 'ok' ? names.value : []
}

/** Every file below a directory, in the order of Go's filepath.Walk: names sorted, a directory's own files in its place. */
export function filesBelow(host: Host, directory: string, depth = 0): readonly string[] {
  const found: string[] = []
  for (const name of namesIn(host, directory)) {
    const path = `${directory}/${name}`
    const stat = host.stat(path)
    if (stat.state !== 'ok' || stat.value.type !== 'directory') found.push(path)
    else if (depth < DEEPEST) found.push(...filesBelow(host, path, depth + 1))
    if (found.length > MOST_FILES) return found.slice(0, MOST_FILES)
  }
  return found
}

/** A path seen from the directory of the file that names it; `.` and `..` are resolved, never above the root. */
export function pathFrom(file: string, path: string): string {
  const parts: string[] = []
  for (const part of `${path.startsWith('/') ? '' : file.slice(0, file.lastIndexOf('/') + 1)}${path}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}
