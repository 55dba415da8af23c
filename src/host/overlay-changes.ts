// SPDX-License-Identifier: Apache-2.0
import {closeSync, constants, lstatSync, openSync, readdirSync} from 'node:fs'
import type {Stats} from 'node:fs'
import {UserError} from '../model/user-error.ts'

/** The layers of an overlay mount, as directories of this machine. */
export interface OverlayLayers {
  /** what was written */
  readonly upper: string
  /** what it was written over, the topmost first */
  readonly lowers: readonly string[]
  /** the mount itself, such as `/proc/PID/root` */
  readonly merged: string
}

/** One file that is not as the layers below have it. */
export interface FileChange {
  /** added, changed, deleted */
  readonly kind: 'A' | 'C' | 'D'
  /** in the mount: `/etc/hosts` */
  readonly path: string
}

// O_NOFOLLOW: whoever writes the upper layer may put a link where a directory was a moment ago.
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** Open directories at the same time, two for each level; 1024 is the usual limit of a process. */
const MAX_DEPTH = 300

/**
 * What the upper layer of an overlay changes: whiteouts (character devices 0:0) are deletions; of a directory that was
 * deleted and made anew (opaque, an extended attribute that Node.js cannot read) all is deleted that the mount does not
 * show any more. Every directory on the way to a change is changed, as `docker diff` has it. No symlink is followed.
 *
 * @returns in the order of a walk, names sorted
 * @throws what the system says of the upper layer itself: EACCES, ENOENT
 */
export function* overlayChanges({upper, lowers, merged}: OverlayLayers): Generator<FileChange> {
  const descriptor = openSync(upper, DIRECTORY)
  // The link of procfs to a root directory is the kernel's own.
  const view = tried(() => openSync(merged, constants.O_RDONLY | constants.O_DIRECTORY))
  const device = view === undefined ? undefined : lstatSync(`${held(view)}/.`).dev
  const below = lowers.filter((lower) => statOf(`${lower}/.`)?.isDirectory()).map((lower) => `${lower}/.`)
  try {
    yield* changesIn({descriptor, view, device, below, path: '', depth: 0})
  } finally {
    close(descriptor, view)
  }
}

/** A directory of the upper layer that is walked. */
interface Walked {
  readonly descriptor: number
  /** the same directory in the mount; undefined where something else is mounted over it */
  readonly view: number | undefined
  readonly device: number | undefined
  /** the same directory in the layers below, the topmost first */
  readonly below: readonly string[]
  readonly path: string
  readonly depth: number
}

function* changesIn(walked: Walked): Generator<FileChange> {
  const names = readdirSync(held(walked.descriptor))
  const gone = deletedByOpaque(walked, new Set(names))
  for (const name of [...names, ...gone].sort()) {
    const path = `${walked.path}/${name}`
    const stats = gone.has(name) ? undefined : statOf(`${held(walked.descriptor)}/${name}`)
    if (gone.has(name)) yield {kind: 'D', path}
    else if (stats !== undefined) yield* changeOf(walked, name, stats)
  }
}

function* changeOf(walked: Walked, name: string, stats: Stats): Generator<FileChange> {
  const path = `${walked.path}/${name}`
  if (isWhiteout(stats)) {
    yield {kind: 'D', path}
    return
  }
  const {exists, directories} = lookBelow(walked.below, name)
  yield {kind: exists ? 'C' : 'A', path}
  if (!stats.isDirectory()) return
  if (walked.depth >= MAX_DEPTH) throw new UserError(`Folders in the container lie deeper than ${MAX_DEPTH}, the last is ${path}.`, 'Look into it by hand.', 1)
  const descriptor = tried(() => openSync(`${held(walked.descriptor)}/${name}`, DIRECTORY))
  if (descriptor === undefined) return
  const view = viewOf(walked, name)
  try {
    yield* changesIn({descriptor, view, device: walked.device, below: directories, path, depth: walked.depth + 1})
  } finally {
    close(descriptor, view)
  }
}

/** What the layers below have under a name: whether they have it at all, and the directories that were merged into one. */
function lookBelow(below: readonly string[], name: string): {readonly exists: boolean; readonly directories: readonly string[]} {
  const directories: string[] = []
  for (const directory of below) {
    const stats = statOf(`${directory}/${name}`)
    if (stats === undefined) continue
    if (stats.isDirectory()) directories.push(`${directory}/${name}`)
    else return {exists: directories.length > 0 || !isWhiteout(stats), directories}
  }
  return {exists: directories.length > 0, directories}
}

/** The directory in the mount, unless another file system is mounted there. */
function viewOf({view, device}: Walked, name: string): number | undefined {
  if (view === undefined) return undefined
  const path = `${held(view)}/${name}`
  return statOf(path)?.dev === device ? tried(() => openSync(path, DIRECTORY)) : undefined
}

/**
 * Names that an opaque directory hides. The topmost layer below tells whether it is one: what that has, and the upper
 * layer has not, is seen in the mount unless the directory is opaque.
 */
function deletedByOpaque({descriptor, view, below}: Walked, names: ReadonlySet<string>): ReadonlySet<string> {
  const [top, ...others] = below
  if (view === undefined || top === undefined) return new Set()
  const hidden = (name: string) => (
    !names.has(name) && statOf(`${held(view)}/${name}`) === undefined && statOf(`${held(descriptor)}/${name}`) === undefined
  )
  const first = entriesOf(top).filter((name) => !names.has(name))
  if (first.length === 0 || !first.every(hidden)) return new Set()
  return new Set([...first, ...others.flatMap((layer) => entriesOf(layer).filter(hidden))])
}

function entriesOf(directory: string): readonly string[] {
  return (tried(() => readdirSync(directory)) ?? []).filter((name) => {
    const stats = statOf(`${directory}/${name}`)
    return stats !== undefined && !isWhiteout(stats)
  })
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0
}

function held(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`
}

function statOf(path: string): Stats | undefined {
  return tried(() => lstatSync(path, {throwIfNoEntry: false}))
}

/** undefined where the system refuses: files come and go while one looks. */
function tried<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function close(...descriptors: readonly (number | undefined)[]): void {
  for (const descriptor of descriptors) if (descriptor !== undefined) closeSync(descriptor)
}
