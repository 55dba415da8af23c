// SPDX-License-Identifier: Apache-2.0
// Reads what `rtctl fleet collect` wrote. Files may have been changed or cut off since.
import {closeSync, openSync, readdirSync, readFileSync, readSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {MOST_UNPACKED} from '../../app/fleet/config-map.ts'
import {collectionItems} from '../../app/fleet/collection.ts'
import type {Collection, FleetItem} from '../../model/fleet.ts'
import {UserError} from '../../model/user-error.ts'

/** No node can have this name. */
export const COLLECTION_FILE = '_collection.json'

/** Of a line: a report with its control characters escaped, or all nodes of the largest cluster. */
const LONGEST_LINE = 4 * MOST_UNPACKED
const CHUNK = 2 ** 20

/** What a collection is of, and all that is in it; `items` has to be read to the end first. */
export interface ReadCollection {
  readonly items: AsyncIterable<FleetItem>
  /** @throws UserError where there is no collection in what was read */
  about(): Pick<Collection, 'time' | 'cluster'>
}

/**
 * Opens a folder or a file of `rtctl fleet collect`.
 *
 * @throws UserError where there is none
 */
export function readCollection(path: string): ReadCollection {
  let about: Pick<Collection, 'time' | 'cluster'> | undefined
  const lines = statOf(path).isDirectory() ? linesOfFolder(path) : linesOfFile(path)
  const items = async function* (): AsyncGenerator<FleetItem> {
    for (const {source, text} of lines) {
      if (text === undefined) {
        yield {kind: 'unreadable', unreadable: {source, reason: 'it is no file of a report, or too long'}}
        continue
      }
      const value = parsed(text)
      const collection = collectionItems(value)
      if (collection === undefined) {
        yield value === undefined ? {kind: 'unreadable', unreadable: {source, reason: 'it is no JSON'}} : {kind: 'report', source, value}
      } else {
        about = collection.about
        yield* collection.items
      }
    }
  }
  return {
    items: items(),
    about() {
      if (about !== undefined) return about
      throw new UserError(`${path} is no collection of reports, or was cut off: what comes last is missing`, 'Write it again with `rtctl fleet collect -o`.')
    },
  }
}

interface Line {
  readonly source: string
  /** undefined: not read */
  readonly text?: string
}

function statOf(path: string) {
  const stat = statSync(path, {throwIfNoEntry: false})
  if (stat === undefined) throw new UserError(`There is no file or folder ${path}`, 'Name what `rtctl fleet collect -o` wrote.')
  return stat
}

function* linesOfFolder(path: string): Generator<Line> {
  for (const name of guarded(path, () => readdirSync(path)).filter((each) => each.endsWith('.json')).sort()) {
    const source = join(path, name)
    const stat = statSync(source, {throwIfNoEntry: false})
    const fits = stat?.isFile() === true && stat.size <= LONGEST_LINE
    yield fits ? {source, text: guarded(source, () => readFileSync(source, 'utf8'))} : {source}
  }
}

function* linesOfFile(path: string): Generator<Line> {
  const handle = guarded(path, () => openSync(path, 'r'))
  try {
    let [pieces, length, number]: [Buffer[], number, number] = [[], 0, 1]
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK)
      const read = guarded(path, () => readSync(handle, chunk))
      let begin = 0
      for (let end = chunk.subarray(0, read).indexOf(10); end >= 0; end = chunk.subarray(0, read).indexOf(10, begin)) {
        yield {source: `${path}:${number++}`, text: Buffer.concat([...pieces, chunk.subarray(begin, end)]).toString('utf8')}
        ;[pieces, length, begin] = [[], 0, end + 1]
      }
      pieces.push(chunk.subarray(begin, read))
      length += read - begin
      if (length > LONGEST_LINE) throw new UserError(`${path}:${number} is longer than any report`, 'Name what `rtctl fleet collect -o` wrote.')
      if (read === 0) break
    }
    if (length > 0) yield {source: `${path}:${number}`, text: Buffer.concat(pieces).toString('utf8')}
  } finally {
    closeSync(handle)
  }
}

function guarded<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new UserError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, 'Name what `rtctl fleet collect -o` wrote, and what you may read.')
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
