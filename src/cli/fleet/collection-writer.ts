// SPDX-License-Identifier: Apache-2.0
// Puts what a cluster knows of its fleet into a folder, a file or a pipe, as a whole or not at all.
import {randomBytes} from 'node:crypto'
import {closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync, writeFileSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import {labelOf} from '../../app/fleet/config-map.ts'
import {digestOf} from '../../app/fleet/digest.ts'
import {unreadableOf} from '../../app/fleet/fleet.ts'
import {jsonLine} from '../../host/limits.ts'
import type {Gap} from '../../model/chain.ts'
import type {ClusterNode, Collection, FleetItem, Unreadable} from '../../model/fleet.ts'
import {UserError} from '../../model/user-error.ts'
import {print} from '../output.ts'
import {COLLECTION_FILE} from './collection-reader.ts'

/** Where lines go. */
interface Sink {
  report(node: string, line: string): Promise<void>
  collection(line: string): Promise<void>
  /** makes it be there under its name */
  finish(): void
  /** leaves nothing behind */
  abandon(): void
}

/**
 * Writes reports as they come, and at last what is known besides.
 *
 * @param path a folder that is not there or empty, a file `*.jsonl`, or undefined: standard output
 * @throws UserError where it cannot be written
 */
export async function writeCollection(
  path: string | undefined, items: AsyncIterable<FleetItem>, about: Pick<Collection, 'rtctl' | 'time' | 'cluster'>,
): Promise<{readonly reports: number; readonly collection: Collection}> {
  const sink = path === undefined ? standardOutput() : isFile(path) ? fileSink(path) : folderSink(path)
  // Ctrl-C and SIGTERM end the process where it is.
  process.once('exit', sink.abandon)
  try {
    const {reports, rest} = await writeReports(sink, items)
    const collection: Collection = {schemaVersion: 1, kind: 'rtctl-collection', ...about, ...rest}
    await sink.collection(`${jsonLine(collection)}\n`)
    sink.finish()
    return {reports, collection}
  } catch (error) {
    sink.abandon()
    const {code} = error as NodeJS.ErrnoException
    if (error instanceof UserError || typeof code !== 'string' || path === undefined) throw error
    throw new UserError(`${path} cannot be written: ${code}. Nothing was left there.`, 'Name a place with -o that can be written and has room.')
  } finally {
    process.off('exit', sink.abandon)
  }
}

async function writeReports(sink: Sink, items: AsyncIterable<FleetItem>): Promise<{readonly reports: number; readonly rest: Pick<Collection, 'nodes' | 'allNodes' | 'unreadable' | 'gaps'>}> {
  const [nodes, unreadable, gaps]: [ClusterNode[], Unreadable[], Gap[]] = [[], [], []]
  let [reports, allNodes] = [0, false]
  for await (const item of items) {
    switch (item.kind) {
      case 'report': {
        const digested = digestOf(item.value)
        if (digested.ok) {
          reports++
          await sink.report(digested.digest.node, `${jsonLine(item.value)}\n`)
        } else {
          unreadable.push(unreadableOf(item.source, digested))
        }
        break
      }
      case 'unreadable':
        unreadable.push(item.unreadable)
        break
      case 'node':
        nodes.push(item.node)
        break
      case 'all-nodes':
        allNodes = true
        break
      case 'gap':
        gaps.push(item.gap)
    }
  }
  return {reports, rest: {nodes, allNodes, unreadable, gaps}}
}

function isFile(path: string): boolean {
  return path.endsWith('.jsonl') || statSync(path, {throwIfNoEntry: false})?.isFile() === true
}

function standardOutput(): Sink {
  return {report: (_, line) => print(line), collection: print, finish: () => undefined, abandon: () => undefined}
}

function fileSink(path: string): Sink {
  const temporary = beside(path)
  const handle = created(path, () => openSync(temporary, 'wx', 0o600))
  const write = async (line: string): Promise<void> => writeWhole(handle, line)
  return {
    report: (_, line) => write(line),
    collection: write,
    finish: () => {
      fsyncSync(handle)
      renameSync(temporary, path)
      closeSync(handle)
    },
    abandon: () => {
      closeSync(handle)
      rmSync(temporary, {force: true})
    },
  }
}

/** One write may take a part of a long line only. */
function writeWhole(handle: number, line: string): void {
  const bytes = Buffer.from(line)
  for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done)
}

function folderSink(given: string): Sink {
  const path = given.replace(/(?<=.)\/+$/, '')
  const present = statSync(path, {throwIfNoEntry: false})
  if (present !== undefined && (!present.isDirectory() || readdirSync(path).length > 0)) {
    throw new UserError(`${path} is not an empty folder`, 'Name a new folder with -o, or a file that ends in .jsonl.')
  }
  const temporary = beside(path)
  created(path, () => mkdirSync(temporary, {mode: 0o700}))
  const put = async (name: string, line: string): Promise<void> => writeFileSync(join(temporary, name), line, {flag: 'wx', mode: 0o600})
  return {
    report: (node, line) => put(`${labelOf(node)}.json`, line),
    collection: (line) => put(COLLECTION_FILE, line),
    finish: () => renameSync(temporary, path),
    abandon: () => rmSync(temporary, {recursive: true, force: true}),
  }
}

function beside(path: string): string {
  return `${path}.${randomBytes(6).toString('hex')}`
}

function created<T>(path: string, create: () => T): T {
  try {
    return create()
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code}`, 'Name a place with -o that can be written.')
  }
}
