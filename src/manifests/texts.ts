// SPDX-License-Identifier: Apache-2.0
import type {Json, JsonObject, JsonPath} from '../model/json.ts'
import type {KubeObject, ObjectOrigin, Position, TextDocument} from '../model/kubernetes.ts'
import {type FoundObject, parsePart, type Source, sourceOf, TextObject} from './parse.ts'
import {isContainer} from './pod-templates.ts'
import {DocumentSplitter, type Part} from './split.ts'
import {arrayAt, isObject, objectAt, stringAt} from './untrusted.ts'
import {parseDocument} from './yaml.ts'

/** Deeper than any real object; what is nested further was made to waste time. */
const DEEPEST = 40
/** Copies of the object itself, and examples of others that the operator's catalogue shows. */
const NOT_TEXTS = new Set(['kubectl.kubernetes.io/last-applied-configuration', 'alm-examples'])

/** The texts an object carries: entries of a ConfigMap, and texts of several lines anywhere else. Secrets are never looked into. */
export function textsOf(object: KubeObject): readonly TextDocument[] {
  const {ref, value} = object
  if (ref.kind === 'Secret' || ref.kind === 'CustomResourceDefinition') return []
  if (ref.kind === 'ConfigMap') {
    return Object.entries(objectAt(value, 'data') ?? {}).flatMap(([key, text]) => (typeof text === 'string' ? [textOf(object, text, ['data', key])] : []))
  }
  return longStringsIn(value).map(({text, path}) => textOf(object, text, path))
}

function textOf(object: KubeObject, text: string, path: JsonPath): TextDocument {
  const name = path.findLast((part) => typeof part === 'string') ?? ''
  return {name, text, origin: {kind: 'object', object, path}, ...textDataOf(name, text)}
}

interface LongString {
  readonly text: string
  readonly path: JsonPath
}

/** Strings of several lines, outside of Secrets. */
function longStringsIn(root: Json): readonly LongString[] {
  const found: LongString[] = []
  searchTexts(root, [], found)
  return found
}

/** @param path of the value; it is as before afterwards */
function searchTexts(value: Json, path: (string | number)[], found: LongString[]): void {
  if (typeof value === 'string') {
    if (hasLines(value)) found.push({text: value, path: [...path]})
  } else if (typeof value === 'object' && value !== null && path.length < DEEPEST) {
    if (Array.isArray(value)) for (let index = 0; index < value.length; index++) searchMember(value[index] as Json, index, path, found)
    else if (stringAt(value, 'kind') !== 'Secret') searchMembers(value as JsonObject, path, found)
  }
}

function searchMembers(value: JsonObject, path: (string | number)[], found: LongString[]): void {
  for (const key of Object.keys(value)) if (!NOT_TEXTS.has(key)) searchMember(value[key] ?? null, key, path, found)
}

function searchMember(member: Json, key: string | number, path: (string | number)[], found: LongString[]): void {
  // Nothing else can hold a text; most members are none of these.
  if (typeof member !== 'object' && (typeof member !== 'string' || !hasLines(member))) return
  path.push(key)
  searchTexts(member, path, found)
  path.pop()
}

/** Shorter texts are names, versions, words; a configuration has lines. */
function hasLines(text: string): boolean {
  const end = text.indexOf('\n')
  return end !== -1 && end < text.length - 1
}

const IS_YAML_NAME = /\.(?:ya?ml|json)$/i
const IS_OTHER_NAME = /\.(?:conf|toml|cfg|ini|properties|sh|bash|py|lua|js|ts|rb|go|groovy|xml|html|md|txt|pem|crt)$/i
const LOOKS_LIKE_YAML = /^(?:\s*#.*\n)*\s*(?:[{[]|---|["']?[\w./-]+["']?[ \t]*:(?:\s|$)|- )/

/**
 * What a text holds where its name or its look says YAML or JSON; `{}` for every other text, and for what does not parse. Of
 * several documents it is the last: before it there may be a header, as in pipelines of GitLab.
 */
export function textDataOf(name: string, text: string): Pick<TextDocument, 'data'> {
  if (!IS_YAML_NAME.test(name) && (IS_OTHER_NAME.test(name) || !LOOKS_LIKE_YAML.test(text.slice(0, 65_536)))) return {}
  const data = partsOf(text).map((part) => dataOf(part.text ?? '')).findLast((value) => value !== undefined && value !== null)
  return data === undefined ? {} : {data}
}

function dataOf(text: string): Json | undefined {
  try {
    return parseDocument(text)
  } catch {
    return undefined
  }
}

function partsOf(text: string): readonly Part[] {
  const splitter = new DocumentSplitter()
  return [...splitter.push(text), ...splitter.end()]
}

/** A text without these words holds no object and no pod. */
const MAY_HOLD_OBJECTS = /\bapiVersion["']?[ \t]*:|\bcontainers["']?[ \t]*:/

/**
 * The Kubernetes objects that a text holds: manifests in a ConfigMap, patches of kustomize, pods that a configuration has as a text
 * of its own, as that of Jenkins does. A pod without `kind` is one all the same. They are located in the file around them.
 */
export function objectsIn({name, text, data, origin}: TextDocument): readonly KubeObject[] {
  if (data === undefined || !MAY_HOLD_OBJECTS.test(text)) return []
  if (origin.kind !== 'object') return objectsInParts(text, originOf(origin), {place: (inner) => inner, around: {namespace: '', name}}, MOST_NESTED)
  const {object, path} = origin
  const around = {namespace: object.ref.namespace, name: object.ref.name === '' ? name : `${object.ref.name}:${name}`}
  const place = (inner: Position) => (object instanceof TextObject ? object.locateIn(path, inner) : object.locate(path))
  return objectsInParts(text, object.origin, {place, around}, MOST_NESTED)
}

/** Texts within texts. */
const MOST_NESTED = 3

function objectsInParts(text: string, origin: ObjectOrigin, within: Omit<Source, 'positions'>, nested: number): readonly KubeObject[] {
  return partsOf(text).flatMap((part): readonly KubeObject[] => {
    const {objects, value} = parsePart(part, origin, within)
    if (value === undefined) return objects
    const source = sourceOf(part, within)
    const pods = podsIn(value, []).map((found) => new TextObject(found, origin, source))
    return nested === 0 ? pods : [...pods, ...longStringsIn(value).filter((one) => MAY_HOLD_OBJECTS.test(one.text))
      .flatMap((one) => objectsInParts(one.text, origin, {...within, place: (inner) => placeIn(source, one.path, inner)}, nested - 1))]
  })
}

/** Pods in a configuration, as that of Prow's jobs: what has a spec with containers. */
function podsIn(value: Json, path: JsonPath): readonly FoundObject[] {
  if (path.length > DEEPEST) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => podsIn(item as Json, [...path, index]))
  if (!isObject(value)) return []
  const isPod = arrayAt(objectAt(value, 'spec'), 'containers').some(isContainer)
  if (isPod) return [{value: {apiVersion: 'v1', kind: 'Pod', ...value}, path}]
  return Object.entries(value).flatMap(([key, member]) => podsIn(member, [...path, key]))
}

function placeIn({positions, place}: Source, path: JsonPath, inner: Position): Position | undefined {
  const block = positions.blockAt(path)
  const found = block === undefined ? positions.of(path) : {line: block.line + inner.line - 1, column: block.indent + inner.column}
  return found && place(found)
}

function originOf(origin: Exclude<TextDocument['origin'], {readonly kind: 'object'}>): ObjectOrigin {
  return origin.kind === 'file' ? {kind: 'manifest', file: origin.file} : {kind: 'node', node: origin.node, file: origin.file}
}
