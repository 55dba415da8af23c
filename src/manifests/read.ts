// SPDX-License-Identifier: Apache-2.0
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs'
import type {Item} from '../model/kubernetes.ts'
import {findFiles, isTextByName, isYamlByName, unreadableItem} from './find-files.ts'
import {type FileOrigin, Reading} from './reading.ts'

const CHUNK_BYTES = 1024 * 1024

/**
 * The objects in a text of YAML or JSON: several documents, and Lists. A document that cannot be parsed is an item `skipped`, and
 * the others are read all the same. A text without objects, the values of a chart say, is one item `text`.
 */
export function* parseManifest(text: string, origin: FileOrigin): Generator<Item> {
  const reading = new Reading(origin, true)
  yield* reading.push(text.replace(/^\ufeff/, ''))
  yield* reading.end()
}

/**
 * Reads manifests, pipelines and scripts, one item after the other and one document in memory at a time.
 *
 * @param inputs files, folders, glob patterns, `-` for standard input
 * @throws UserError where one names nothing
 */
export async function* readManifests(inputs: readonly string[]): AsyncGenerator<Item> {
  const buffer = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  for (const found of findFiles(inputs)) {
    if (found.kind !== 'found') yield found
    else if (found.file === '-') yield* itemsOfStandardInput()
    // Not `yield*`, which would wait for every step of what never waits.
    else for (const item of itemsIn(found.file, buffer)) yield item
  }
}

async function* itemsOfStandardInput(): AsyncGenerator<Item> {
  const incoming = new IncomingFile('-')
  try {
    for await (const chunk of process.stdin) {
      yield* incoming.push(chunk as Buffer)
      if (incoming.isOver) return
    }
  } catch (error) {
    return yield unreadableItem('-', error)
  }
  yield* incoming.end()
  if (!incoming.hasBegun) yield NOTHING_CAME
}

/** The program before the pipe failed, mostly: that nothing was found must not look like a good answer. */
const NOTHING_CAME: Item = {
  kind: 'gap',
  gap: {
    what: 'manifests on standard input', source: '-', reason: 'nothing came',
    next: 'See what the program before the pipe said. In bash, `set -o pipefail` lets its failure count.',
  },
}

/** @param buffer what is in it is taken out before the next item */
function* itemsIn(file: string, buffer: Buffer): Generator<Item> {
  const incoming = new IncomingFile(file)
  try {
    for (const chunk of chunksOf(file, buffer)) {
      yield* incoming.push(chunk)
      if (incoming.isOver) return
    }
  } catch (error) {
    return yield unreadableItem(file, error)
  }
  yield* incoming.end()
}

/** Never waits for the writer of a FIFO, and reads nothing but files. */
function* chunksOf(file: string, buffer: Buffer): Generator<Buffer> {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error('no regular file; give what it holds on standard input, as -')
    let [total, read] = [0, 0]
    do {
      read = readSync(descriptor, buffer)
      total += read
      yield buffer.subarray(0, read)
      // A file of procfs says that it is empty.
    } while (read > 0 && total !== stat.size)
  } finally {
    closeSync(descriptor)
  }
}

/** A file whose bytes come chunk by chunk. */
class IncomingFile {
  /** what comes is of no use any more */
  isOver = false
  readonly #file: string
  #decoder: Decoder | undefined
  #reading: Reading | undefined

  constructor(file: string) {
    this.#file = file
  }

  get hasBegun(): boolean {
    return this.#decoder !== undefined
  }

  *push(chunk: Buffer): Generator<Item> {
    if (this.#decoder === undefined) yield {kind: 'file', file: this.#file}
    this.#decoder ??= decoderFor(chunk)
    const text = this.#decoder.decode(chunk)
    if (text.includes('\0')) {
      this.isOver = true
      return yield {kind: 'skipped', file: this.#file, reason: 'no text: it has NUL characters'}
    }
    this.#reading ??= new Reading({kind: 'manifest', file: this.#file}, isYaml(this.#file, text))
    yield* this.#reading.push(text)
  }

  *end(): Generator<Item> {
    if (this.#reading !== undefined) yield* this.#reading.end()
  }
}

const LOOKS_LIKE_OBJECTS = /^(?:["']?(?:apiVersion|kind)["']?[ \t]*:|---(?:\s|$))/m
const LOOKS_LIKE_JSON = /^\s*(?:\{|\[\s*\{)/

/** By its name; by its look, where that says nothing: `kubectl get -o yaml > dump`. */
function isYaml(file: string, text: string): boolean {
  if (isYamlByName(file) || isTextByName(file)) return isYamlByName(file)
  const begin = text.slice(0, 65_536)
  return !begin.startsWith('#!') && (LOOKS_LIKE_OBJECTS.test(begin) || LOOKS_LIKE_JSON.test(begin))
}

interface Decoder {
  decode(chunk: Buffer): string
}

/** By the byte order mark; UTF-8 without one. What is not valid becomes U+FFFD. */
function decoderFor(begin: Buffer): Decoder {
  const encoding = begin[0] === 0xff && begin[1] === 0xfe ? 'utf-16le' : begin[0] === 0xfe && begin[1] === 0xff ? 'utf-16be' : undefined
  if (encoding === undefined) return new Utf8Decoder()
  const decoder = new TextDecoder(encoding)
  return {decode: (chunk) => decoder.decode(chunk, {stream: true})}
}

/**
 * UTF-8 in chunks. A TextDecoder that is told of more to come makes two bytes of each character, which doubles the memory of all
 * that is cut out of a text and the time to look through it.
 */
class Utf8Decoder implements Decoder {
  /** the bytes of a character of which the rest has not come yet */
  #begun = Buffer.alloc(0)
  #isFirst = true

  decode(chunk: Buffer): string {
    const bytes = this.#begun.length === 0 ? chunk : Buffer.concat([this.#begun, chunk])
    const end = endOfCharacters(bytes)
    this.#begun = Buffer.from(bytes.subarray(end))
    const text = bytes.toString('utf8', 0, end)
    const isMarked = this.#isFirst && text.startsWith('\ufeff')
    this.#isFirst &&= text === ''
    return isMarked ? text.slice(1) : text
  }
}

/** Where the last character that is complete ends. */
function endOfCharacters(bytes: Buffer): number {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}
