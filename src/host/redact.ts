// SPDX-License-Identifier: Apache-2.0
import {isAllowedVariable, isHiddenPair, isSecretName, saysNothing} from './secret-names.ts'
import type {RedactionRule} from './secret-scanner.ts'
import {findSecrets, REPLACEMENT} from './secret-scanner.ts'

/** What was taken out of one answer of a host: `count` values of `source`, a path or a question. */
export interface Redaction {
  readonly source: string
  readonly rule: RedactionRule
  readonly count: number
}

export interface Redacted<T> {
  readonly value: T
  readonly redacted: readonly {readonly rule: RedactionRule; readonly count: number}[]
}

const NOTHING: readonly never[] = []
const CMDLINE = /^\/proc\/.*\/cmdline$/

/**
 * Takes secrets out of a text of any format: JSON, YAML, TOML, INI, unit files, command lines. It reads the text once,
 * in linear time, and needs no valid syntax. Redacting twice changes nothing.
 *
 * @param path where the text is from: in `/proc/PID/cmdline` a NUL ends each argument
 */
export function redactText(path: string, text: string): Redacted<string> {
  const spans = findSecrets(text, CMDLINE.test(path))
  if (spans.length === 0) return {value: text, redacted: NOTHING}
  const counts = new Counts()
  let value = ''
  let done = 0
  for (const {start, end, rule, quote = ''} of spans) {
    value += text.slice(done, start) + quote + REPLACEMENT + quote
    done = end
    counts.add(rule, 1)
  }
  return {value: value + text.slice(done), redacted: counts.list()}
}

/**
 * Takes secrets out of a daemon's answer: by the names of members, variables and flags, and inside every string as
 * {@link redactText} does. The value must be plain JSON that nobody else holds: it is changed in place.
 */
export function redactJson(value: unknown): Redacted<unknown> {
  const counts = new Counts()
  const holder = {answer: value}
  const pending: Container[] = [{holder, environment: false}]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    pending.push(...(Array.isArray(next.holder) ? redactArray(next.holder, next.environment, counts) : redactMembers(next.holder, counts)))
  }
  return {value: holder.answer, redacted: counts.list()}
}

type Members = Record<string, unknown>

interface Container {
  readonly holder: unknown[] | Members
  /** whether its strings are `NAME=value` */
  readonly environment: boolean
}

function redactMembers(members: Members, counts: Counts): Container[] {
  const inner: Container[] = []
  for (const key of Object.keys(members)) {
    const value = members[key]
    if (isContainer(value)) inner.push({holder: value, environment: key.toLowerCase() === 'env'})
    else if (typeof value === 'string') members[key] = redactMember(members, key, value, counts)
    else if (typeof value === 'number' && isSecretName(key)) members[key] = hide('secret-value', counts)
  }
  return inner
}

function redactMember(members: Members, key: string, value: string, counts: Counts): string {
  if (isHidden(value)) return value
  if (isSecretName(key) && !saysNothing(value)) return hide('secret-value', counts)
  const name = key === 'value' ? members['name'] : key === 'Value' ? members['Name'] : undefined
  if (typeof name === 'string' && isHiddenPair(name) && !saysNothing(value)) return hide('env', counts)
  return redactString(value, counts)
}

function redactArray(items: unknown[], environment: boolean, counts: Counts): Container[] {
  const inner: Container[] = []
  for (const [index, item] of items.entries()) {
    if (isContainer(item)) inner.push({holder: item, environment: false})
    else if (typeof item === 'string') {
      const hidden = environment ? redactVariable(item, counts) : redactArgument(items[index - 1], item, counts)
      items[index] = hidden ?? redactString(item, counts)
    }
  }
  return inner
}

function redactVariable(entry: string, counts: Counts): string | undefined {
  const equals = entry.indexOf('=')
  const name = entry.slice(0, equals)
  const value = entry.slice(equals + 1)
  if (equals < 0 || isAllowedVariable(name) || value === '') return undefined
  return isHidden(value) ? entry : `${name}=${hide('env', counts)}`
}

/** The argument after `--token`. */
function redactArgument(before: unknown, argument: string, counts: Counts): string | undefined {
  if (typeof before !== 'string' || !before.startsWith('-') || argument.startsWith('-') || !isSecretName(before)) return undefined
  if (isHidden(argument)) return argument
  return saysNothing(argument) ? undefined : hide('secret-value', counts)
}

function redactString(text: string, counts: Counts): string {
  const {value, redacted} = redactText('', text)
  for (const {rule, count} of redacted) counts.add(rule, count)
  return value
}

function hide(rule: RedactionRule, counts: Counts): string {
  counts.add(rule, 1)
  return REPLACEMENT
}

function isHidden(value: string): boolean {
  return value.startsWith(REPLACEMENT)
}

function isContainer(value: unknown): value is unknown[] | Members {
  return typeof value === 'object' && value !== null
}

class Counts {
  readonly #counts = new Map<RedactionRule, number>()

  add(rule: RedactionRule, count: number): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + count)
  }

  list(): readonly {rule: RedactionRule; count: number}[] {
    return [...this.#counts].map(([rule, count]) => ({rule, count})).sort((a, b) => (a.rule < b.rule ? -1 : 1))
  }
}
