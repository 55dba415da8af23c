// SPDX-License-Identifier: Apache-2.0
import {ContainerConfig, PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import {configSchema} from '../../cri/gen/runtime/v1/config-schema.ts'
import type {ValueSchema} from '../../cri/json-schema.ts'
import {UserError} from '../../model/user-error.ts'

/** A file as it was read. */
export interface ConfigText {
  readonly path: string
  readonly text: string
}

/** What it takes to read one. */
export interface ConfigTools {
  /** Reads YAML, and with it JSON, with every scalar as the text that it is written as; only an empty one, `~` and `null` are null. */
  readonly load: (text: string) => unknown
  /** the words most like a mistyped one, best first */
  readonly nearest: (typed: string, known: readonly string[]) => readonly string[]
}

const LIMITS = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n], uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n], uint64: [0n, 2n ** 64n - 1n],
} as const

/** YAML 1.1 has more words for them than JSON, and crictl's reader takes them (sigs.k8s.io/yaml). */
const YES = ['true', 'yes', 'on', 'y']
const NO = ['false', 'no', 'off', 'n']

/**
 * The pod sandbox that a file of crictl's describes.
 *
 * @param newUid makes the uid of a pod that has none
 * @throws UserError naming the file and what is wrong in it
 */
export function podConfigOf(file: ConfigText, tools: ConfigTools, newUid: () => string): PodSandboxConfig {
  const config = PodSandboxConfig.fromJSON(documentOf(file, tools, 'PodSandboxConfig'))
  const {metadata} = config
  if (metadata === undefined || metadata.name === '' || metadata.namespace === '') {
    throw new UserError(`${file.path}: a pod needs metadata with name and namespace.`, 'Add {"metadata": {"name": "web", "namespace": "default"}}.')
  }
  return metadata.uid === '' ? {...config, metadata: {...metadata, uid: newUid()}} : config
}

/**
 * The container that a file of crictl's describes.
 *
 * @throws UserError naming the file and what is wrong in it
 */
export function containerConfigOf(file: ConfigText, tools: ConfigTools): ContainerConfig {
  const config = ContainerConfig.fromJSON(documentOf(file, tools, 'ContainerConfig'))
  const {metadata, image} = config
  if (metadata === undefined || metadata.name === '') throw new UserError(`${file.path}: a container needs metadata with a name.`, 'Add {"metadata": {"name": "app"}}.')
  if (image === undefined || image.image === '') throw new UserError(`${file.path}: a container needs an image.`, 'Add {"image": {"image": "registry.example.com/app:1"}}.')
  // As crictl does: the kubelet tells the runtime what the user wrote, too.
  return {...config, image: {...image, userSpecifiedImage: image.userSpecifiedImage || image.image}}
}

/** Whether the runtime has to choose the cgroup of a Linux pod, of which crictl warns (cmd/crictl/util.go). */
export function lacksCgroupParent({linux}: PodSandboxConfig): boolean {
  return linux !== undefined && linux.cgroupParent === ''
}

/** The JSON form of a message in a file, all names as in the `.proto`. */
function documentOf({path, text}: ConfigText, {load, nearest}: ConfigTools, message: string): object {
  let document: unknown
  try {
    document = load(text)
  } catch (error) {
    throw new UserError(`${path} is neither JSON nor YAML: ${(error as Error).message.split('\n', 1)[0]}.`, 'Correct it, or name another file.')
  }
  if (!isTable(document)) throw new UserError(`${path} describes nothing: it must be an object.`, 'Name a file with the configuration of a pod or container.')
  const wrong = (at: string, problem: string): never => {
    throw new UserError(`${path}: ${at}: ${problem}.`, `See what can be there with \`rtctl cri create jsonschema ${message === 'ContainerConfig' ? '--container' : '--pod'}\`.`)
  }
  return readMessage(document, message, '', {nearest, wrong})
}

interface Reading extends Pick<ConfigTools, 'nearest'> {
  readonly wrong: (at: string, problem: string) => never
}

function readMessage(given: object, message: string, at: string, reading: Reading): object {
  const properties = configSchema[message]?.properties ?? {}
  const names = Object.keys(properties)
  const read = new Map<string, unknown>()
  for (const [key, value] of Object.entries(given)) {
    const where = at === '' ? key : `${at}.${key}`
    const name = names.find((known) => sameName(known, key)) ?? unknownKey(where, key, names, reading)
    if (read.has(name)) reading.wrong(where, `this is ${name}, which stands there already`)
    if (value !== null) read.set(name, readValue(value, properties[name] as ValueSchema, where, reading))
  }
  return Object.fromEntries(read)
}

/** `log_directory`, `logDirectory`; in any case, as Go reads JSON (encoding/json). */
function sameName(known: string, key: string): boolean {
  return plain(known) === plain(key)
}

function plain(name: string): string {
  return name.replaceAll('_', '').toLowerCase()
}

function unknownKey(where: string, key: string, names: readonly string[], {nearest, wrong}: Reading): never {
  const [meant] = nearest(key, names)
  return wrong(where, meant === undefined ? `there is no such key, but ${names.join(', ')}` : `there is no such key, but ${meant}`)
}

function readValue(given: unknown, schema: ValueSchema, at: string, reading: Reading): unknown {
  if ('$ref' in schema) return isTable(given) ? readMessage(given, schema.$ref.replace('#/$defs/', ''), at, reading) : reading.wrong(at, `must be an object, not ${shown(given)}`)
  if ('enum' in schema) return readEnum(given, schema.enum, at, reading)
  switch (schema.type) {
    case 'array':
      if (!Array.isArray(given)) return reading.wrong(at, `must be a list, not ${shown(given)}`)
      return given.map((item: unknown, index) => readValue(item ?? '', schema.items, `${at}[${index}]`, reading))
    case 'object':
      if (!isTable(given)) return reading.wrong(at, `must be an object, not ${shown(given)}`)
      return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, readValue(value ?? '', schema.additionalProperties, `${at}.${key}`, reading)]))
    case 'string':
      return typeof given === 'string' ? given : reading.wrong(at, `must be a text, not ${shown(given)}`)
    case 'boolean':
      return readBoolean(given, at, reading)
    case 'integer':
      return readInteger(given, schema.format, at, reading)
  }
}

function readEnum(given: unknown, values: readonly (number | string)[], at: string, {wrong}: Reading): number | string {
  const value = values.find((one) => String(one) === given)
  return value ?? wrong(at, `must be one of ${values.join(', ')}, not ${shown(given)}`)
}

function readBoolean(given: unknown, at: string, {wrong}: Reading): boolean {
  const word = typeof given === 'string' ? given.toLowerCase() : ''
  return YES.includes(word) || (NO.includes(word) ? false : wrong(at, `must be true or false, not ${shown(given)}`))
}

function readInteger(given: unknown, format: keyof typeof LIMITS, at: string, {wrong}: Reading): number | string {
  if (typeof given !== 'string' || !/^[+-]?(?:0|[1-9]\d*)$/.test(given)) return wrong(at, `must be a whole number, not ${shown(given)}`)
  const number = BigInt(given.replace('+', ''))
  const [least, most] = LIMITS[format]
  if (number < least || number > most) return wrong(at, `must be from ${least} to ${most}, not ${shown(given)}`)
  return format.endsWith('64') ? String(number) : Number(number)
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  return isTable(value) ? 'an object' : JSON.stringify(value)
}
