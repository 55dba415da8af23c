// SPDX-License-Identifier: Apache-2.0
import {lstatSync, readlinkSync, statfsSync} from 'node:fs'
import type {Stats} from 'node:fs'
import type {Observed} from '../model/observed.ts'
import {absent, unreadable} from '../model/observed.ts'
import {failedRead} from './outcome.ts'
import {isProc} from './paths.ts'

/** A directory that paths are resolved in, so that no symlink and no `..` leaves it. */
export interface Area {
  /** its path on the inspected host; '' for the host's own root */
  readonly host: string
  /** its path on this machine; '' for `/` */
  readonly local: string
}

/** Where a path of the inspected host lies. */
export interface Place {
  /** path on this machine; when `stats` is given it is no symlink */
  readonly local: string
  /** path inside the area, symlinks resolved */
  readonly inside: string
  readonly stats?: Stats
  /** the kernel's own procfs: its links are the kernel's, and its files are never FIFOs or devices */
  readonly procfs: boolean
}

export type Located = {readonly place: Place} | {readonly failure: Observed<never>; readonly local?: string}

/** How a path is meant: `follow` its last symlink, take the `link` itself, or `look` at it only (never open it). */
export type Intent = 'follow' | 'link' | 'look'

// Linux gives up after 40 (MAXSYMLINKS in include/linux/namei.h).
const MAX_LINKS = 40
// f_type of procfs (PROC_SUPER_MAGIC in include/uapi/linux/magic.h).
const PROC_SUPER_MAGIC = 0x9fa0
const MAX_KNOWN_DIRECTORIES = 65_536

// Links of procfs that jump to an object instead of to the path they print (proc_pid_get_link in fs/proc/base.c).
const PROCESS = String.raw`^/proc/(?:\d+|self|thread-self)(?:/task/\d+)?`
const MAGIC = new RegExp(String.raw`${PROCESS}/(?:exe|cwd|root|fd/\d+|ns/[^/]+|map_files/[^/]+)(/.*)?$`)
const ROOT = new RegExp(String.raw`(${PROCESS}/root)(/.*)?$`)

/** Finds files of the inspected host on this machine. Reads links and directory entries only. */
export class LocalPaths {
  readonly top: Area
  readonly #proc: string
  readonly #realProcfs: boolean
  /** directories on this machine that were seen to be no symlinks; a host is looked at for seconds */
  readonly #known = new Set<string>()

  /**
   * @param root directory on this machine that holds the host's `/`, without trailing slash; '' for `/`
   * @param proc directory on this machine that is the host's `/proc`
   */
  constructor(root: string, proc: string) {
    this.top = {host: '', local: root}
    this.#proc = proc
    this.#realProcfs = isProcfs(proc)
  }

  /** @param path normal path inside the area; `/proc` is always the host's own */
  locate(area: Area, path: string, intent: Intent): Located {
    if (!isProc(path)) return this.#walk(area, path, intent)
    const root = ROOT.exec(path)
    if (root !== null) return this.#locateInProcess(root[1] ?? '', root[2] ?? '', intent)
    const magic = MAGIC.exec(path)
    const opens = this.#realProcfs ? intent === 'follow' : intent !== 'link'
    if (magic !== null && (magic[1] !== undefined || opens)) return {failure: magicLink(path)}
    if (!this.#realProcfs) return this.#walk(this.top, path, intent)
    return {place: {local: this.#proc + path.slice('/proc'.length), inside: path, procfs: this.#realProcfs}}
  }

  #locateInProcess(root: string, inside: string, intent: Intent): Located {
    if (!this.#realProcfs) {
      const seen = this.#walk(this.top, root, inside === '' ? intent : 'follow')
      if (inside === '' || 'failure' in seen) return seen
      return this.#walk({host: root, local: seen.place.local}, inside, intent)
    }
    const area = {host: root, local: this.#proc + root.slice('/proc'.length)}
    if (inside !== '') return this.#walk(area, inside, intent)
    return {place: {local: area.local, inside: '/', procfs: true}}
  }

  #walk(area: Area, path: string, intent: Intent): Located {
    const source = area.host + path
    const pending = path.split('/').reverse()
    let resolved = ''
    let stats: Stats | undefined
    for (let links = 0; pending.length > 0; ) {
      const name = pending.pop() ?? ''
      if (name === '' || name === '.') continue
      if (name === '..') {
        resolved = resolved.slice(0, Math.max(0, resolved.lastIndexOf('/')))
        stats = undefined
        continue
      }
      const here = `${resolved}/${name}`
      const local = this.#localOf(area, here)
      if (pending.length === 0 && intent === 'link') return this.#place(area, here, undefined)
      const seen = this.#look(local, source, pending.length > 0)
      if ('failure' in seen) return {failure: seen.failure, local: [local, ...pending.toReversed()].join('/')}
      stats = seen.stats
      if (seen.link === undefined) {
        resolved = here
        continue
      }
      if (MAGIC.test(here)) return {failure: magicLink(source)}
      if (++links > MAX_LINKS) return {failure: unreadable(source, 'EIO', 'ELOOP')}
      if (seen.link.startsWith('/')) resolved = ''
      pending.push(...seen.link.split('/').reverse())
      stats = undefined
    }
    return this.#place(area, resolved, stats)
  }

  /** What one component is. A known directory is not looked at again unless it is the end of the path. */
  #look(local: string, source: string, inner: boolean): {stats?: Stats; link?: string} | {failure: Observed<never>} {
    if (inner && this.#known.has(local)) return {}
    try {
      const stats = lstatSync(local, {throwIfNoEntry: false})
      if (stats === undefined) return {failure: absent(source)}
      if (stats.isSymbolicLink()) return {link: readlinkSync(local)}
      if (stats.isDirectory() && this.#known.size < MAX_KNOWN_DIRECTORIES) this.#known.add(local)
      return inner && !stats.isDirectory() ? {failure: absent(source)} : {stats}
    } catch (error) {
      return {failure: failedRead(source, error)}
    }
  }

  #place(area: Area, resolved: string, stats: Stats | undefined): Located {
    const place = {local: this.#localOf(area, resolved) || '/', inside: resolved || '/', procfs: false}
    return {place: stats === undefined ? place : {...place, stats}}
  }

  #localOf(area: Area, path: string): string {
    return area === this.top && isProc(path) ? this.#proc + path.slice('/proc'.length) : area.local + path
  }
}

function magicLink(source: string): Observed<never> {
  return unreadable(source, 'EIO', 'a link of procfs to an open object is not followed')
}

function isProcfs(directory: string): boolean {
  try {
    return statfsSync(directory).type === PROC_SUPER_MAGIC
  } catch {
    return false
  }
}
