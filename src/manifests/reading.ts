// SPDX-License-Identifier: Apache-2.0
import type {Json} from '../model/json.ts'
import type {Item, ObjectOrigin, TextDocument} from '../model/kubernetes.ts'
import {parsePart, skippedItem} from './parse.ts'
import {DocumentSplitter, type Part} from './split.ts'
import {textDataOf} from './texts.ts'

export type FileOrigin = Exclude<ObjectOrigin, {readonly kind: 'cluster'}>

/** What is kept of a file in case it is no manifest: no pipeline or script is longer. */
const LONGEST_TEXT = 8 * 1024 * 1024

/** A text that comes piece by piece: the objects in it, or itself where it has none. */
export class Reading {
  readonly #origin: FileOrigin
  readonly #splitter: DocumentSplitter | undefined
  /** the whole text, as long as it may be wanted as such */
  #text: string | undefined = ''
  /** the last document that is no object: before it there may be a header, as in pipelines of GitLab */
  #other: Json | undefined
  #hasObjects = false

  constructor(origin: FileOrigin, isYaml: boolean) {
    this.#origin = origin
    this.#splitter = isYaml ? new DocumentSplitter() : undefined
  }

  *push(text: string): Generator<Item> {
    const wanted = !this.#hasObjects && this.#text !== undefined && this.#text.length + text.length <= LONGEST_TEXT
    this.#text = wanted ? this.#text + text : undefined
    if (this.#splitter !== undefined) for (const part of this.#splitter.push(text)) yield* this.#part(part)
  }

  *end(): Generator<Item> {
    if (this.#splitter !== undefined) for (const part of this.#splitter.end()) yield* this.#part(part)
    if (this.#hasObjects || (this.#splitter !== undefined && this.#other === undefined)) return
    if (this.#text === undefined) yield {kind: 'skipped', file: this.#origin.file, reason: 'a text of more than 8 MiB'}
    else if (this.#text !== '') yield {kind: 'text', text: this.#document(this.#text)}
  }

  #document(text: string): TextDocument {
    const {file} = this.#origin
    const name = file.slice(file.lastIndexOf('/') + 1)
    const data = this.#other === undefined ? textDataOf(name, text) : {data: this.#other}
    return {name, text, origin: this.#origin.kind === 'node' ? {kind: 'host-file', node: this.#origin.node, file} : {kind: 'file', file}, ...data}
  }

  *#part(part: Part): Generator<Item> {
    const {objects, value, skipped} = parsePart(part, this.#origin)
    if (skipped !== undefined) yield skippedItem(this.#origin.file, skipped)
    this.#other = value ?? this.#other
    if (objects.length > 0) this.#hasObjects = true
    for (const object of objects) yield {kind: 'object', object}
  }
}
