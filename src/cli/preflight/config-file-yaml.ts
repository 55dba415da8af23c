// SPDX-License-Identifier: Apache-2.0
import {readFileSync, statSync} from 'node:fs'
import type {Position} from '../../model/kubernetes.ts'
import {UserError} from '../../model/user-error.ts'
import {nearest} from '../nearest.ts'

/** A file of settings with more is another file. */
const MAX_BYTES = 1024 * 1024

/** A value of a YAML file, and where it is written. Scalars are text as it stands there: `1.30` is no number. */
export interface Written {
  readonly file: string
  readonly position: Position
  readonly value: string | readonly Written[] | ReadonlyMap<string, Written>
}

/**
 * Reads a file of settings. It is data and nothing else: no tags, no includes, nothing in it is run.
 *
 * @returns undefined where it has no document
 * @throws UserError naming file and line, where it cannot be read or is no YAML
 */
export async function readYaml(file: string): Promise<Written | undefined> {
  const text = readText(file)
  const yaml = await import('yaml')
  try {
    return writtenIn(text, file, yaml)
  } catch (error) {
    // Thousands of brackets in one another.
    if (error instanceof RangeError) throw new UserError(`${file} is nested too deeply.`, `Correct ${file}.`)
    throw error
  }
}

function writtenIn(text: string, file: string, {isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument}: typeof import('yaml')): Written | undefined {
  const lines = new LineCounter()
  const document = parseDocument(text, {schema: 'failsafe', lineCounter: lines, prettyErrors: false})
  const positionOf = (offset: number): Position => {
    const {line, col} = lines.linePos(offset)
    return {line: Math.max(1, line), column: Math.max(1, col)}
  }
  const placeOf = (node: unknown, otherwise: Position): Position => {
    const offset = (node as {readonly range?: readonly [number, number, number]} | null)?.range?.[0]
    return offset === undefined ? otherwise : positionOf(offset)
  }
  const look = (node: unknown, position: Position): Written => {
    if (isScalar(node)) return {file, position, value: (node.value as string | null) ?? ''}
    if (isSeq(node)) return {file, position, value: node.items.map((item) => look(item, placeOf(item, position)))}
    if (isAlias(node)) throw wrong(file, placeOf(node, position), `*${node.source} is an alias, which settings may not have.`)
    if (!isMap(node)) return {file, position, value: ''}
    return {file, position, value: new Map(node.items.map(({key, value}) => {
      const at = placeOf(key, position)
      if (!isScalar(key)) throw wrong(file, at, 'a key that is no text.')
      return [(key.value as string | null) ?? '', look(value, at)] as const
    }))}
  }
  const [error] = document.errors
  if (error !== undefined) throw wrong(file, positionOf(error.pos[0]), `this is no YAML: ${error.message}`)
  return document.contents === null ? undefined : look(document.contents, placeOf(document.contents, {line: 1, column: 1}))
}

/** @throws UserError where it is no readable file of at most 1 MiB */
export function readText(file: string, maxBytes = MAX_BYTES): string {
  try {
    const stats = statSync(file)
    if (!stats.isFile()) throw new UserError(`${file} is no file.`, 'Name a file.')
    if (stats.size > maxBytes) throw new UserError(`${file} has ${stats.size} bytes, more than such a file can have.`, 'Name another file.')
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, 'Check the path.')
  }
}

/** Something in a file that cannot stay: `.rtctl.yaml:4: …`. */
export function wrong(file: string, {line}: Position, text: string, next = `Correct ${file}.`): UserError {
  return new UserError(`${file}:${line}: ${text}`, next)
}

/** @throws UserError where it is no mapping, or has keys that are not known */
export function mapping(written: Written, known: readonly string[], what: string): ReadonlyMap<string, Written> {
  const {file, position, value} = written
  if (!(value instanceof Map)) throw wrong(file, position, `${what} is no mapping.`)
  for (const [key, {position: at}] of value as ReadonlyMap<string, Written>) {
    if (known.includes(key)) continue
    const meant = nearest(key, known)
    throw wrong(file, at, `${what} has no \`${key}\`.`, meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : `It has: ${known.join(', ')}.`)
  }
  return value as ReadonlyMap<string, Written>
}

/** @throws UserError where it is no text, or an empty one */
export function textOf({file, position, value}: Written, what: string): string {
  if (typeof value !== 'string') throw wrong(file, position, `\`${what}\` is no text.`)
  if (value.trim() === '') throw wrong(file, position, `\`${what}\` is empty.`)
  return value
}

/** @throws UserError where it is no list; an empty value is an empty list */
export function listOf({file, position, value}: Written, what: string): readonly Written[] {
  if (value === '') return []
  if (!Array.isArray(value)) throw wrong(file, position, `\`${what}\` is no list.`)
  return value as readonly Written[]
}

/** @throws UserError where no check has this id, naming those that are near */
export function checkIdOf(written: Written, what: string, ids: readonly string[]): string {
  const id = textOf(written, what)
  if (!ids.includes(id)) throw wrong(written.file, written.position, `there is no check \`${id}\`.`, nextForId(id, ids))
  return id
}

/** What to do about an id that no check has. */
export function nextForId(id: string, ids: readonly string[]): string {
  const meant = nearest(id, ids)
  return meant.length > 0 ? `Did you mean ${meant.join(' or ')}?` : '`rtctl preflight --list-checks` has all of them.'
}
