// SPDX-License-Identifier: Apache-2.0
import {type Dirent, globSync, readdirSync, realpathSync, statSync} from 'node:fs'
import {join} from 'node:path'
import type {Item} from '../model/kubernetes.ts'
import {UserError} from '../model/user-error.ts'

const IS_YAML = /\.(?:ya?ml|json)$/i
/** Files that say how something is built, run or logged: pipelines, scripts, units, configuration of daemons and collectors. */
const IS_TEXT = /\.(?:sh|bash|conf|toml|cfg|service|timer|mk|jenkinsfile|groovy)$|^(?:Jenkinsfile|Dockerfile|Containerfile|Makefile)(?:[._-]|$)/i
/** Large, and about nothing that runs in a cluster. */
const IS_LOCK = /^(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml)$/
/** Hidden folders hold what tools keep for themselves, but for those of CI systems. */
const HIDDEN_OF_CI = /^\.(?:github|gitlab|gitea|forgejo|circleci|tekton|buildkite|woodpecker|drone|azuredevops|azure-pipelines|jenkins|ci)$/
const IS_PATTERN = /[*?[\]{}]/

export function isYamlByName(file: string): boolean {
  return IS_YAML.test(file)
}

export function isTextByName(file: string): boolean {
  return IS_TEXT.test(baseName(file))
}

/** A file to read, by the name under which it was found; `-` is standard input. */
export interface FoundFile {
  readonly kind: 'found'
  readonly file: string
}

type Found = FoundFile | Extract<Item, {readonly kind: 'gap' | 'skipped'}>

/**
 * The files that inputs name, in order, each one once whatever ways lead to it. Folders are walked in the order of names; links to
 * folders are followed.
 *
 * @throws UserError where an input names nothing, before the first file
 */
export function* findFiles(inputs: readonly string[]): Generator<Found> {
  const seen = new Set<string>()
  for (const {path, given} of inputs.flatMap(pathsOf)) yield* below(path, given, seen)
}

interface Path {
  readonly path: string
  /** by a name of its own, and not only as a part of a folder */
  readonly given: boolean
}

function pathsOf(input: string): readonly Path[] {
  if (input === '-') return [{path: input, given: true}]
  const isPattern = IS_PATTERN.test(input)
  if (!isPattern || typeof statOf(input) === 'object') {
    const stat = statOf(input)
    if (stat === 'ENOENT' || stat === 'ENOTDIR') throw new UserError(`There is no file or folder ${input}`, ADVICE)
    return [{path: input, given: true}]
  }
  const found = globSync(input, {exclude: (path) => baseName(path) === 'node_modules' && !input.includes('node_modules')}).toSorted()
  if (found.length === 0) throw new UserError(`The pattern ${input} matches nothing`, ADVICE)
  // `**` is another way to name a folder.
  return found.map((path) => ({path: path === '-' ? './-' : path, given: !/(?:^|\/)\*+$/.test(input)}))
}

const ADVICE = 'Give files, folders, patterns, or - for standard input.'

function* below(path: string, given: boolean, seen: Set<string>): Generator<Found> {
  if (path === '-') return yield* once(path, seen, () => [{kind: 'found', file: path}])
  const stat = statOf(path)
  if (typeof stat === 'object' && stat.isDirectory()) return yield* once(realOf(path), seen, (real) => inFolder(path, real, seen))
  if (!given && !isWanted(baseName(path))) return
  if (stat === 'ENOENT' || stat === 'ELOOP') return yield {kind: 'skipped', file: path, reason: 'a link that leads nowhere'}
  if (typeof stat === 'string') return yield unreadableItem(path, {code: stat})
  if (given || stat.isFile()) yield* once(realOf(path), seen, () => [{kind: 'found', file: path}])
}

function* once(real: string, seen: Set<string>, what: (real: string) => Iterable<Found>): Generator<Found> {
  if (isNew(real, seen)) yield* what(real)
}

function isNew(real: string, seen: Set<string>): boolean {
  const before = seen.size
  return seen.add(real).size > before
}

function* inFolder(path: string, real: string, seen: Set<string>): Generator<Found> {
  let entries: readonly Dirent[]
  try {
    entries = readdirSync(path, {withFileTypes: true})
  } catch (error) {
    return yield unreadableItem(path, error)
  }
  // With a slash at the end. A path that is joined anew for each of ten thousand names is what takes longest here.
  const [folder, realFolder] = [join(path, '/'), join(real, '/')]
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const {name} = entry
    // A file by its own name in a folder whose real name is known: nothing to ask the system for.
    if (entry.isFile()) {
      if (isWanted(name) && isNew(realFolder + name, seen)) yield {kind: 'found', file: folder === './' ? name : folder + name}
    } else if (!isLeftOut(name)) yield* below(join(path, name), false, seen)
  }
}

function isWanted(name: string): boolean {
  return (IS_YAML.test(name) || IS_TEXT.test(name)) && !IS_LOCK.test(name)
}

/** Folders that are not entered unless they are given. */
function isLeftOut(name: string): boolean {
  return name === 'node_modules' || (/^\.[^./]/.test(name) && !IS_YAML.test(name) && !HIDDEN_OF_CI.test(name))
}

/** A path that is there and cannot be read: the answer is partial. */
export function unreadableItem(path: string, error: unknown): Extract<Item, {readonly kind: 'gap'}> {
  const {code, message} = error as {readonly code?: unknown; readonly message?: unknown}
  return {
    kind: 'gap',
    gap: {what: `manifests in ${path}`, source: path, reason: String(code ?? message), next: 'Run rtctl as a user who may read it, or leave it out.'},
  }
}

/** The code of the error, where it cannot be told. */
function statOf(path: string): NonNullable<ReturnType<typeof statSync>> | string {
  try {
    return statSync(path)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'unknown'
  }
}

/** The name by which it is known to be read already; its own, where it was just taken away. */
function realOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
