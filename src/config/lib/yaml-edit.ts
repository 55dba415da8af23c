// SPDX-License-Identifier: Apache-2.0
import {isDeepStrictEqual} from 'node:util'
import {type Document, isMap, isScalar, type Pair, parseAllDocuments, type YAMLMap} from 'yaml'

/** Aliases that a file of settings can have; more are there to exhaust a reader. */
const MOST_ALIASES = 100

export type YamlValue = string | number | boolean

/** The members of the mapping that a text of one YAML document is, or why it is none. */
export type YamlRead =
  | {readonly ok: true; readonly document: Document.Parsed | undefined; readonly values: ReadonlyMap<string, unknown>}
  | {readonly ok: false; readonly reason: string}

/** Reads a file of settings. An empty one has no members. Never throws. */
export function readYaml(text: string): YamlRead {
  try {
    const documents = parseAllDocuments(text, {uniqueKeys: true, logLevel: 'silent'})
    if ('empty' in documents) return {ok: true, document: undefined, values: new Map()}
    const [document, ...more] = documents
    if (document === undefined) return {ok: true, document: undefined, values: new Map()}
    if (more.length > 0) return {ok: false, reason: 'it has more than one document'}
    const [error] = document.errors
    if (error !== undefined) return {ok: false, reason: `it is not YAML: ${error.message.split('\n')[0] ?? ''}`}
    return membersOf(document)
  } catch (error) {
    return {ok: false, reason: `it is not YAML: ${error instanceof Error ? error.message : String(error)}`}
  }
}

function membersOf(document: Document.Parsed): YamlRead {
  const value: unknown = document.toJS({mapAsMap: true, maxAliasCount: MOST_ALIASES})
  if (value === null) return {ok: true, document, values: new Map()}
  if (!(value instanceof Map)) return {ok: false, reason: 'it is not a mapping of settings'}
  return {ok: true, document, values: new Map([...value].map(([key, member]) => [String(key), member]))}
}

export type YamlEdit = {readonly ok: true; readonly text: string} | {readonly ok: false; readonly reason: string}

/**
 * Sets members at the top of a YAML document and leaves every other character as it is. New ones go to the end. The result is read
 * again: where anything but these members came out different, nothing is changed and the reason given.
 */
export function setYaml(text: string, changes: Readonly<Record<string, YamlValue>>): YamlEdit {
  const before = readYaml(text)
  if (!before.ok) return before
  const map = before.document?.contents
  if (map !== undefined && map !== null && isMap(map) && map.flow === true) return {ok: false, reason: 'it is written in one { … }, not in lines'}
  let edited = text
  for (const [key, value] of Object.entries(changes)) {
    const result = setOne(edited, key, value)
    if (!result.ok) return result
    edited = result.text
  }
  const expected = new Map<string, unknown>([...before.values, ...Object.entries(changes)])
  const after = readYaml(edited)
  if (!after.ok || !isDeepStrictEqual(new Map([...after.values].sort(byKey)), new Map([...expected].sort(byKey)))) {
    return {ok: false, reason: 'it cannot be edited without changing other settings'}
  }
  return {ok: true, text: edited}
}

const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1)

function setOne(text: string, key: string, value: YamlValue): YamlEdit {
  const read = readYaml(text)
  if (!read.ok) return read
  const map = read.document?.contents
  const pair = isMap(map) ? pairOf(map, key) : undefined
  if (pair === undefined) return {ok: true, text: appended(text, `${key}: ${yamlScalar(value)}`)}
  const range = isScalar(pair.value) ? pair.value.range : undefined
  if (range === undefined || range === null) return {ok: false, reason: `${key} is not a single value`}
  const isEmpty = range[0] === range[1]
  return {ok: true, text: `${text.slice(0, range[0])}${isEmpty ? ' ' : ''}${yamlScalar(value)}${text.slice(range[1])}`}
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key)
}

/** Before the mark that ends a document, if there is one. */
function appended(text: string, line: string): string {
  const end = /^\.\.\.[ \t]*(?:\n|$)/m.exec(text)?.index ?? text.length
  const head = text.slice(0, end)
  return `${head}${head === '' || head.endsWith('\n') ? '' : '\n'}${line}\n${text.slice(end)}`
}

/** A value on one line: as it is where YAML takes it for the text it is, else in quotes. */
export function yamlScalar(value: YamlValue): string {
  if (typeof value !== 'string') return String(value)
  const isSafe = /^[A-Za-z/][\w./:-]*$/.test(value) && !value.endsWith(':') && !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(value)
  return isSafe || /^\d+[A-Za-z]+$/.test(value) && !/^\d+e/i.test(value) ? value : JSON.stringify(value)
}
