// SPDX-License-Identifier: Apache-2.0
import type {Value} from './values.ts'
import {goText, isObject, isTrue, kindOf, sortedKeys} from './values.ts'

/** A function of templates. Throws an Error whose message is the reason. */
interface TemplateFunction {
  readonly least: number
  readonly most: number
  readonly call: (values: readonly Value[]) => Value
}

const MANY = Number.POSITIVE_INFINITY

/** Go's own functions, and crictl's: json, lower, title, upper (cmd/crictl/templates.go). */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  // The first that decides; those behind it were never computed, see execute.ts.
  and: {least: 1, most: MANY, call: (values) => values.find((value) => !isTrue(value)) ?? values.at(-1) ?? null},
  or: {least: 1, most: MANY, call: (values) => values.find((value) => isTrue(value)) ?? values.at(-1) ?? null},
  not: {least: 1, most: 1, call: ([value = null]) => !isTrue(value)},
  eq: {least: 2, most: MANY, call: ([first = null, ...others]) => others.some((other) => areEqual(first, other))},
  ne: {least: 2, most: 2, call: ([first = null, second = null]) => !areEqual(first, second)},
  lt: {least: 2, most: 2, call: ([first = null, second = null]) => compare(first, second) < 0},
  le: {least: 2, most: 2, call: ([first = null, second = null]) => compare(first, second) <= 0},
  gt: {least: 2, most: 2, call: ([first = null, second = null]) => compare(first, second) > 0},
  ge: {least: 2, most: 2, call: ([first = null, second = null]) => compare(first, second) >= 0},
  index: {least: 1, most: MANY, call: ([from = null, ...keys]) => keys.reduce(element, from)},
  len: {least: 1, most: 1, call: ([value = null]) => BigInt(lengthOf(value))},
  slice: {least: 1, most: 3, call: ([value = null, from, to]) => part(value, from, to)},
  print: {least: 0, most: MANY, call: spaced},
  println: {least: 0, most: MANY, call: (values) => `${values.map(goText).join(' ')}\n`},
  printf: {least: 1, most: MANY, call: ([format = null, ...values]) => formatted(format, values)},
  json: {least: 1, most: 1, call: ([value = null]) => `${goJson(value)}\n`},
  lower: {least: 1, most: 1, call: ([value = null]) => textOf(value).toLowerCase()},
  upper: {least: 1, most: 1, call: ([value = null]) => textOf(value).toUpperCase()},
  title: {least: 1, most: 1, call: ([value = null]) => textOf(value).replace(/(?<![\p{L}\p{N}'’])\p{L}/gu, (letter) => letter.toUpperCase())},
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  throw new Error(`a string is needed, not ${kindOf(value)}`)
}

function areEqual(one: Value, other: Value): boolean {
  if (one === null || other === null) return one === other
  if (typeof one === 'object' || typeof other === 'object') throw new Error(`${kindOf(typeof one === 'object' ? one : other)} cannot be compared`)
  return typeof one === 'boolean' && typeof other === 'boolean' ? one === other : compare(one, other) === 0
}

/** Less than zero, zero, more than zero. A number of the data is compared as text with a string, as in crictl, and with a number as number. */
function compare(one: Value, other: Value): number {
  if (isNumber(one) && isNumber(other)) return one < other ? -1 : one > other ? 1 : 0
  const [first, second] = [one, other].map((value) => (typeof value === 'number' ? String(value) : value))
  if (typeof first !== 'string' || typeof second !== 'string') throw new Error(`${kindOf(one)} cannot be compared with ${kindOf(other)}`)
  return first < second ? -1 : first > second ? 1 : 0
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function element(from: Value, key: Value): Value {
  if (isObject(from)) {
    const name = textOf(key)
    return Object.hasOwn(from, name) ? (from[name] ?? null) : null
  }
  if (!Array.isArray(from)) throw new Error(`${kindOf(from)} has no elements`)
  return (from as readonly Value[])[position(key, from.length - 1)] ?? null
}

function position(value: Value, last: number): number {
  if (!isNumber(value)) throw new Error(`${kindOf(value)} is no position`)
  const index = Number(value)
  if (!Number.isInteger(index) || index < 0 || index > last) throw new Error(`there is no position ${value}`)
  return index
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  if (isObject(value)) return Object.keys(value).length
  throw new Error(`${kindOf(value)} has no length`)
}

function part(value: Value, from: Value = 0n, to?: Value): Value {
  if (typeof value !== 'string' && !Array.isArray(value)) throw new Error(`${kindOf(value)} has no parts`)
  const whole = typeof value === 'string' ? Buffer.from(value) : (value as readonly Value[])
  const end = to === undefined ? whole.length : position(to, whole.length)
  const start = position(from, end)
  return typeof value === 'string' ? Buffer.from(value).toString('utf8', start, end) : value.slice(start, end)
}

/** Go's Sprint: a space between two values of which none is a string. */
function spaced(values: readonly Value[]): string {
  const isText = (value: Value | undefined) => typeof value === 'string' || typeof value === 'number'
  return values.map((value, index) => (index > 0 && !isText(value) && !isText(values[index - 1]) ? ' ' : '') + goText(value)).join('')
}

const MAX_WIDTH = 1000

/** printf with the verbs d, q, s, t and v, a width, `-`, `0` and a precision for strings. */
function formatted(format: Value, values: readonly Value[]): string {
  if (typeof format !== 'string') throw new Error(`printf needs a string, not ${kindOf(format)}`)
  let next = 0
  const text = format.replace(/%(?:%|([-+# 0]*)(\d*)(?:\.(\d*))?(.?))/gsu, (found, flags: string | undefined, width = '', precision?: string, verb = '') => {
    if (found === '%%') return '%'
    if (Number(width) > MAX_WIDTH) throw new Error(`printf: ${found} is too wide`)
    if (!/^[-0]*$/.test(flags ?? '') || !'dqstv'.includes(verb) || verb === '') throw new Error(`printf cannot do ${found}`)
    if (next >= values.length) throw new Error(`printf: there is no value for ${found}`)
    return padded(verbText(verb, values[next++] ?? null, precision), flags ?? '', Number(width), verb)
  })
  if (next < values.length) throw new Error(`printf has ${values.length - next} more values than the format takes`)
  return text
}

function verbText(verb: string, value: Value, precision: string | undefined): string {
  if (verb === 'd' && !isNumber(value)) throw new Error(`printf: %d needs a number, not ${kindOf(value)}`)
  if (verb === 't' && typeof value !== 'boolean') throw new Error(`printf: %t needs a boolean, not ${kindOf(value)}`)
  const text = verb === 'q' ? JSON.stringify(textOf(value)) : goText(value)
  return precision === undefined ? text : [...text].slice(0, Number(precision)).join('')
}

function padded(text: string, flags: string, width: number, verb: string): string {
  const missing = Math.max(0, width - [...text].length)
  if (flags.includes('-')) return text + ' '.repeat(missing)
  if (flags.includes('0') && verb === 'd') return text.replace(/^-?/, (sign) => sign + '0'.repeat(missing))
  return ' '.repeat(missing) + text
}

/** JSON as Go's encoding/json writes it: keys in order, no spaces, what HTML could take for its own escaped. */
function goJson(value: Value): string {
  return compact(value).replace(/[<>&\u2028\u2029]/g, (character) => String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0'))
}

function compact(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(compact).join(',')}]`
  if (isObject(value)) return `{${sortedKeys(value).map((key) => `${JSON.stringify(key)}:${compact(value[key] ?? null)}`).join(',')}}`
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}
