// SPDX-License-Identifier: Apache-2.0
import {ContainerConfig, PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import type {Message} from '../../cri/rpc.ts'
import {UserError} from '../../model/user-error.ts'

/** A file as it was read. */
export interface ConfigText {
  readonly path: string
  readonly text: string
}

/** Reads YAML, and with it JSON. */
type Load = (text: string) => unknown

/**
 * The pod sandbox that a file of crictl's describes.
 *
 * @param newUid makes the uid of a pod that has none
 * @throws UserError naming the file and what is wrong in it
 */
export function podConfigOf(file: ConfigText, load: Load, newUid: () => string): PodSandboxConfig {
  const config = messageOf(file, load, PodSandboxConfig)
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
export function containerConfigOf(file: ConfigText, load: Load): ContainerConfig {
  const config = messageOf(file, load, ContainerConfig)
  const {metadata, image} = config
  if (metadata === undefined || metadata.name === '') throw new UserError(`${file.path}: a container needs metadata with a name.`, 'Add {"metadata": {"name": "app"}}.')
  if (image === undefined || image.image === '') throw new UserError(`${file.path}: a container needs an image.`, 'Add {"image": {"image": "registry.example.com/app:1"}}.')
  // As crictl does: the kubelet tells the runtime what the user wrote, too.
  return {...config, image: {...image, userSpecifiedImage: image.userSpecifiedImage || image.image}}
}

/**
 * Reads a message in its JSON form, names as in `log_directory` or as in `logDirectory`.
 *
 * @throws UserError naming the file and the key that the message does not have, or whose value it cannot take
 */
export function messageOf<T>({path, text}: ConfigText, load: Load, message: Message<T>): T {
  const document = parsed(path, text, load)
  let value: T
  try {
    value = message.fromJSON(document)
  } catch (error) {
    throw new UserError(`${path}: a value is not of the type that it must have: ${(error as Error).message}.`, 'Compare it with `rtctl cri create jsonschema`.')
  }
  const problem = firstProblem(document, message.toJSON(value), '')
  if (problem !== undefined) throw new UserError(`${path}: ${problem}.`, 'Compare it with `rtctl cri create jsonschema`; names are as in log_directory or logDirectory.')
  return value
}

function parsed(path: string, text: string, load: Load): object {
  let document: unknown
  try {
    document = load(text)
  } catch (error) {
    throw new UserError(`${path} is neither JSON nor YAML: ${(error as Error).message.split('\n', 1)[0]}.`, 'Correct it, or name another file.')
  }
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document
  throw new UserError(`${path} describes nothing: it must be an object.`, 'Name a file with the configuration of a pod or container.')
}

/** What was given must come back: what does not was not understood. */
function firstProblem(given: unknown, understood: unknown, at: string): string | undefined {
  if (given === null || given === undefined) return undefined
  if (Array.isArray(given)) {
    if (!Array.isArray(understood)) return `${at} is no list`
    return first(given.entries(), ([index, item]) => firstProblem(item, understood[index], `${at}[${index}]`))
  }
  if (typeof given !== 'object') return sameScalar(given, understood) ? undefined : `${at} cannot be ${JSON.stringify(given)}`
  if (typeof understood !== 'object' || understood === null || Array.isArray(understood)) return `${at} is no object`
  return first(Object.entries(given), ([key, value]) => {
    const name = Object.hasOwn(understood, key) ? key : camelCase(key)
    const where = at === '' ? key : `${at}.${key}`
    if (Object.hasOwn(understood, name)) return firstProblem(value, (understood as Record<string, unknown>)[name], where)
    return value === null ? undefined : `there is nothing called ${where}`
  })
}

function first<Item>(items: Iterable<Item>, test: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const problem = test(item)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** An enum may be given by number and is understood by name. */
function sameScalar(given: unknown, understood: unknown): boolean {
  if (typeof given === 'number' && typeof understood === 'string' && !/^-?\d/.test(understood)) return understood !== 'UNRECOGNIZED'
  return typeof understood !== 'object' && String(given) === String(understood)
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
