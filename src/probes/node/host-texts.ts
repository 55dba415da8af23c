// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import type {SomeTexts} from '../../model/node/host.ts'
import type {HostText} from '../../model/node-facts.ts'
import {absent, type Observed, ok} from '../../model/observed.ts'
import {takingTurns} from '../turn.ts'

/** Larger ones are programs, or data: nobody writes scripts and rules of that size. */
const LARGEST = 256 * 1024
const MOST_FILES = 2000

/** A folder of files, or one file. */
export interface TextPlace {
  readonly path: string
  /** of a folder: which names count */
  readonly names?: RegExp
  /** of a folder: only files that may be executed */
  readonly executable?: boolean
}

/**
 * The small text files of some places that pass a test; folders below them are left out. What may not be read is named, so that
 * nobody takes it for something that is not there.
 *
 * @param wanted is given the text
 */
export async function readTexts<P extends TextPlace>(
  host: Host, places: readonly P[], wanted: (text: string) => boolean,
): Promise<Observed<SomeTexts<HostText & {readonly place: P}>>> {
  const texts: (HostText & {place: P})[] = []
  const unread: Observed<never>[] = []
  const turn = takingTurns()
  let left = MOST_FILES
  for (const place of places) {
    for (const path of pathsOf(host, place, unread)) {
      if (left-- <= 0) break
      const text = smallText(host, path, place.executable === true)
      if (text?.state === 'unreadable') unread.push(text)
      else if (text?.state === 'ok' && wanted(text.value)) texts.push({path: text.source, text: text.value, place})
      await turn()
    }
  }
  const first = places[0]?.path ?? '/'
  if (texts.length + unread.length === 0) return absent(first)
  return ok({texts: unique(texts, ({path}) => path), unread: unique(unread, ({source}) => source)}, first)
}

function pathsOf(host: Host, {path, names}: TextPlace, unread: Observed<never>[]): readonly string[] {
  if (names === undefined) return [path]
  const entries = host.entries(path)
  if (entries.state === 'unreadable' && entries.reason !== 'EIO') unread.push(entries)
  return entries.state === 'ok' ? entries.value.filter((name) => names.test(name)).map((name) => `${path}/${name}`) : []
}

/** The text of a file that is neither large nor binary; undefined where it is, or not there. */
export function smallText(host: Host, path: string, executable = false): Observed<string> | undefined {
  const stat = host.stat(path)
  if (stat.state !== 'ok') return stat.state === 'unreadable' ? stat : undefined
  if (stat.value.type !== 'file' || stat.value.size > LARGEST || (executable && (stat.value.mode & 0o111) === 0)) return undefined
  const text = host.text(path)
  return text.state === 'ok' && text.value.includes('\0') ? undefined : text
}

/** One file can be reached by two paths, and one place be wanted twice. */
function unique<T>(all: readonly T[], key: (one: T) => string): readonly T[] {
  return [...new Map(all.map((one) => [key(one), one])).values()]
}
