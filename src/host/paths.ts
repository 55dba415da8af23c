// SPDX-License-Identifier: Apache-2.0
import {posix} from 'node:path'
import {LIMITS} from './limits.ts'

const NEEDS_WORK = /\/(?:\.{0,2}(?:\/|$))/

/**
 * The one spelling of a path of the inspected host: absolute, no `.`, `..`, `//` or trailing `/`. `..` is taken off
 * by name, before any symlink is looked at. Undefined for what is no such path: relative, empty, too long, or with a NUL.
 */
export function normalPath(path: string): string | undefined {
  if (!path.startsWith('/') || path.includes('\0') || path.length > LIMITS.path) return undefined
  if (!NEEDS_WORK.test(path)) return path
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

/** Whether a normal path is `/proc` or below. Those stay the host's own, even inside another root directory. */
export function isProc(path: string): boolean {
  return path.startsWith('/proc') && (path.length === 5 || path[5] === '/')
}

/** A path of a view (`Host.within`) as path of the host that the view belongs to. Both are normal. */
export function longPath(directory: string, path: string): string {
  if (directory === '' || directory === '/' || isProc(path)) return path
  return path === '/' ? directory : directory + path
}

/**
 * What a path of a view is called: its long path, which is its source and its key in a snapshot. Undefined for what
 * is no path; the same for a live, a recording and a replaying host.
 *
 * @param directory the view's directory, '' for the host itself
 */
export function pathKey(directory: string, path: string): string | undefined {
  const normal = normalPath(path)
  if (normal === undefined || directory === '') return normal
  const long = longPath(directory, normal)
  return normalPath(long) === long ? long : undefined
}

/** The directory of a view inside a view. What is no path stays none, so that every path in it is none. */
export function viewDirectory(outer: string, directory: string): string {
  const normal = normalPath(directory)
  if (normal === undefined) return `./${directory}`
  const long = longPath(outer, normal)
  return long === '/' ? '' : long
}
