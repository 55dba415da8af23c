// SPDX-License-Identifier: Apache-2.0
import {closeSync, openSync, statSync} from 'node:fs'
import type {Socket} from 'node:net'
import {connect} from 'node:net'
import {basename, dirname} from 'node:path'

/** Longest path that connect(2) takes, in bytes: sun_path of unix(7) has room for 108 with the closing NUL, on BSDs and macOS 104. */
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103

// Linux include/uapi/asm-generic/fcntl.h: a handle to go through, which needs no right to list the directory.
const O_PATH = 0o10000000

/** A path that connect(2) takes. */
export interface ConnectPath {
  readonly path: string
  /** To be called when the last connection was made. */
  readonly release: () => void
}

/**
 * Makes a socket with a path of any length reachable: a long one (a host mounted under another root, a nested node) is
 * reached through `/proc/self/fd`.
 *
 * @throws the system's error when the directory cannot be entered; ENAMETOOLONG when there is no way
 */
export function connectPath(path: string): ConnectPath {
  if (Buffer.byteLength(path) <= MAX_SOCKET_PATH) return {path, release: () => undefined}
  if (process.platform !== 'linux') throw tooLong()
  const descriptor = openSync(dirname(path), O_PATH)
  const short = `/proc/self/fd/${descriptor}/${basename(path)}`
  const release = () => closeSync(descriptor)
  if (Buffer.byteLength(short) <= MAX_SOCKET_PATH) return {path: short, release}
  release()
  throw tooLong()
}

/**
 * Why a connection to a unix socket cannot be made: the name of the system's error (EISDIR for a directory, of which
 * connect(2) says ECONNREFUSED), or undefined when it can.
 */
export async function connectProblem(path: string): Promise<string | undefined> {
  try {
    if (statSync(path).isDirectory()) return 'EISDIR'
  } catch (error) {
    return errorName(error)
  }
  return problemOf(connect(path))
}

/** Why a connection to a port cannot be made, or undefined when it can. */
export async function tcpProblem(host: string, port: number): Promise<string | undefined> {
  return problemOf(connect(port, host))
}

async function problemOf(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (problem: string | undefined) => {
      socket.destroy()
      resolve(problem)
    }
    socket.once('connect', () => done(undefined))
    socket.once('error', (error) => done(errorName(error)))
  })
}

/** What stands at the path of a socket, and who may use it; undefined where there is nothing, or nothing that may be looked at. */
export function socketStats(path: string): {readonly isSocket: boolean; readonly mode: number; readonly gid: number} | undefined {
  try {
    const stats = statSync(path)
    return {isSocket: stats.isSocket(), mode: stats.mode, gid: stats.gid}
  } catch {
    return undefined
  }
}

/** `ENOENT`, `EACCES` …, or `EIO` for what is no error of the system. */
export function errorName(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : 'EIO'
}

function tooLong(): NodeJS.ErrnoException {
  return Object.assign(new Error('the path of the socket is too long'), {code: 'ENAMETOOLONG'})
}
