// SPDX-License-Identifier: Apache-2.0
import type {Json, JsonObject, JsonPath} from '../model/json.ts'
import type {Item, KubeObject, ObjectOrigin, ObjectRef, Position} from '../model/kubernetes.ts'
import {Positions} from './positions.ts'
import type {Part} from './split.ts'
import {arrayAt, isObject, objectAt, stringAt} from './untrusted.ts'
import {parseDocument} from './yaml.ts'

/** An object that was read from a text. */
export class TextObject implements KubeObject {
  readonly ref: ObjectRef
  readonly value: JsonObject
  readonly origin: ObjectOrigin
  readonly #path: JsonPath
  readonly #source: Source

  constructor({value, path}: FoundObject, origin: ObjectOrigin, source: Source) {
    const ref = refOf(value)
    this.ref = ref.name === '' && source.around !== undefined ? {...ref, ...source.around} : ref
    this.value = value
    this.origin = origin
    this.#path = path
    this.#source = source
  }

  locate(path: JsonPath): Position | undefined {
    const found = this.#source.positions.of([...this.#path, ...path])
    return found && this.#source.place(found)
  }

  /** Where a place in a text that this object carries is written; the key of the text, where its lines are not those of the file. */
  locateIn(path: JsonPath, inner: Position): Position | undefined {
    const block = this.#source.positions.blockAt([...this.#path, ...path])
    return block === undefined ? this.locate(path) : this.#source.place({line: block.line + inner.line - 1, column: block.indent + inner.column})
  }
}

/** The document that objects were read from. */
export interface Source {
  readonly positions: Positions
  /** names an object that has no name of its own, as pods in a configuration: by what carries the text */
  readonly around?: Pick<ObjectRef, 'namespace' | 'name'>
  /** where a place in the document is in the file */
  place(inDocument: Position): Position | undefined
}

export interface ParsedPart {
  readonly objects: readonly TextObject[]
  /** what the document holds, where that is no Kubernetes object; undefined for an empty one */
  readonly value?: Json
  /** why there is neither, or not all of what is written, and the line in the whole text */
  readonly skipped?: {readonly line: number; readonly reason: string}
}

/** Reads one document; what is wrong with it is in the answer. */
export function parsePart({text, line}: Part, origin: ObjectOrigin, within: Omit<Source, 'positions'> = {place: (position) => position}): ParsedPart {
  if (text === undefined) return {objects: [], skipped: {line: line + 1, reason: 'a document of more than 8 MiB'}}
  if (isEmpty(text)) return {objects: []}
  let value: Json
  try {
    value = parseDocument(text)
  } catch (error) {
    return {objects: [], skipped: {line: line + lineOf(error), reason: reasonOf(error, text)}}
  }
  const found = objectsOf(value, [])
  if (found.length === 0) return value === null ? {objects: []} : {objects: [], value}
  const source = sourceOf({text, line}, within)
  const objects = found.map((one) => new TextObject(one, origin, source))
  const second = lineOfSecond(text)
  return second === undefined ? {objects} : {objects, skipped: {line: line + second, reason: TWO_IN_ONE}}
}

const TWO_IN_ONE = 'two objects without --- between them: kubectl and rtctl see only what the last one says'

/** The line from 1 where another object begins in the same document, as in what `cat *.yaml` makes of files without a marker. */
function lineOfSecond(text: string): number | undefined {
  const begins = /^apiVersion[ \t]*:/gm
  if (!begins.test(text) || !begins.test(text)) return undefined
  return text.slice(0, begins.lastIndex).split('\n').length
}

/** A document within a text. */
export function sourceOf({text, line}: Part, {place, around}: Omit<Source, 'positions'>): Source {
  return {positions: new Positions(text ?? ''), place: (position) => place({line: position.line + line, column: position.column}), ...(around && {around})}
}

/** Nothing but comments, directives and the marker that begins a document. */
function isEmpty(text: string): boolean {
  return !/^(?!---(?:\s|$)|%)[ \t]*[^#\s]|^---[ \t]+[^#\s]/m.test(text)
}

export interface FoundObject {
  readonly value: JsonObject
  /** in the document */
  readonly path: JsonPath
}

/** The object itself, or those of a List. Lists within lists count as far as `kubectl` prints any. */
function objectsOf(value: Json, path: JsonPath): readonly FoundObject[] {
  if (Array.isArray(value)) return path.length > 0 ? [] : value.flatMap((item, index) => objectsOf(item as Json, [index]))
  if (!isObject(value)) return []
  const [kind, apiVersion] = [stringAt(value, 'kind'), stringAt(value, 'apiVersion')]
  if (kind === undefined || apiVersion === undefined) return []
  if (kind.endsWith('List') && Array.isArray(value['items']) && path.length < 8) {
    const typed = {apiVersion, kind: kind.slice(0, -'List'.length)}
    return arrayAt(value, 'items').flatMap((item, index) => objectsOf(withType(item, typed), [...path, 'items', index]))
  }
  return [{value: withoutSecret(value, kind), path}]
}

/** Items of a typed list, as an API server gives them, do not say what they are. */
function withType(item: Json, typed: {readonly apiVersion: string; readonly kind: string}): Json {
  return typed.kind === '' || !isObject(item) || Object.hasOwn(item, 'kind') ? item : {...typed, ...item}
}

/** What nobody reads cannot be shown to anybody. */
function withoutSecret(value: JsonObject, kind: string): JsonObject {
  if (kind !== 'Secret') return value
  const {data: _, stringData: __, ...rest} = value
  return rest
}

export function refOf(value: JsonObject): ObjectRef {
  const metadata = objectAt(value, 'metadata')
  return {
    apiVersion: stringAt(value, 'apiVersion') ?? '', kind: stringAt(value, 'kind') ?? '',
    namespace: stringAt(metadata, 'namespace') ?? '', name: stringAt(metadata, 'name') ?? stringAt(metadata, 'generateName') ?? '',
  }
}

export function skippedItem(file: string, skipped: {readonly line: number; readonly reason: string}): Item {
  return {kind: 'skipped', file, ...skipped}
}

function lineOf(error: unknown): number {
  const line = (error as {readonly mark?: {readonly line?: unknown}}).mark?.line
  return typeof line === 'number' ? line + 1 : 1
}

const LONGEST_REASON = 200

function reasonOf(error: unknown, text: string): string {
  if (text.includes('{{') && text.includes('}}')) return 'a template: render it first, with `helm template` say'
  const {reason, message} = error as {readonly reason?: unknown; readonly message?: unknown}
  return `no YAML: ${String(reason ?? message).slice(0, LONGEST_REASON)}`
}
