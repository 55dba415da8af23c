// SPDX-License-Identifier: Apache-2.0
import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The Node.js that `npm ci` brought for development, and the oldest one that rtctl supports. */
export const NODES = {
  26: `${ROOT}node_modules/node/bin/node`,
  24: `${ROOT}test/node-24/node_modules/node/bin/node`,
} as const

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly status: number | null
}

/** Runs a program to its end, without NODE_OPTIONS of the test run, which are not the user's. */
export function spawned(program: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}): Ended {
  const {NODE_OPTIONS: _, FORCE_COLOR: __, VITEST: ___, NODE_ENV: ____, ...inherited} = process.env
  const ended = spawnSync(program, argv, {cwd: ROOT, encoding: 'utf8', env: {...inherited, ...env}})
  if (ended.error !== undefined) throw ended.error
  return {stdout: ended.stdout, stderr: ended.stderr, status: ended.status}
}
