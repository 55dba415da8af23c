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
  for (const found of findFiles(inputs)) {
    if (found.kind !== 'found') yield found
    else yield* itemsIn(found.file, found.file === '-' ? standardInput() : chunksOf(found.file))
  }
}

async function* standardInput(): AsyncGenerator<Uint8Array> {
  for await (const chunk of process.stdin) yield chunk as Uint8Array
}

/** Never waits for the writer of a FIFO, and reads nothing but files. */
function* chunksOf(file: string): Generator<Uint8Array> {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error('no regular file; give what it holds on standard input, as -')
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, stat.size + 1))
    let read: number
    do {
      read = readSync(descriptor, buffer)
      yield buffer.subarray(0, read)
    } while (read > 0)
  } finally {
    closeSync(descriptor)
  }
}

async function* itemsIn(file: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Item> {
  let decoder: TextDecoder | undefined
  let reading: Reading | undefined
  try {
    for await (const chunk of chunks) {
      if (decoder === undefined) yield {kind: 'file', file}
      decoder ??= decoderFor(chunk)
      const text = decoder.decode(chunk, {stream: true})
      if (text.includes('\0')) return yield {kind: 'skipped', file, reason: 'no text: it has NUL characters'}
      reading ??= new Reading({kind: 'manifest', file}, isYaml(file, text))
      yield* reading.push(text)
    }
  } catch (error) {
    return yield unreadableItem(file, error)
  }
  if (reading !== undefined) yield* reading.end()
}

const LOOKS_LIKE_OBJECTS = /^(?:["']?(?:apiVersion|kind)["']?[ \t]*:|---(?:\s|$))/m
const LOOKS_LIKE_JSON = /^\s*(?:\{|\[\s*\{)/

/** By its name; by its look, where that says nothing: `kubectl get -o yaml > dump`. */
function isYaml(file: string, text: string): boolean {
  if (isYamlByName(file) || isTextByName(file)) return isYamlByName(file)
  const begin = text.slice(0, 65_536)
  return !begin.startsWith('#!') && (LOOKS_LIKE_OBJECTS.test(begin) || LOOKS_LIKE_JSON.test(begin))
}

/** By the byte order mark; UTF-8 without one. What is not valid becomes U+FFFD. */
function decoderFor([first, second]: Uint8Array): TextDecoder {
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le')
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be')
  return new TextDecoder('utf-8')
}
