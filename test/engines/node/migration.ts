// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync, readdirSync} from 'node:fs'
import type {JournalEntry} from '../../../src/model/migration/journal.ts'
import type {Outcome} from '../harness/run.ts'
import type {Node} from './node.ts'

const NODE = '/opt/rtctl/node_modules/node/bin/node'
const FOLDER = '/var/lib/rtctl/migrations'

/** The whole migration of a node without an API server. */
export const APPLY = ['migrate', '--to', 'containerd', '--apply', '--yes', '--no-drain'] as const
export const ROLLBACK = ['migrate', 'rollback'] as const
export const RESUME = ['migrate', 'resume', '--no-drain'] as const

/** What happens in the middle of a command of rtctl. */
export interface Happening {
  /** number of the entry of the journal after which it happens, or its kind and step: `intent move-images` */
  readonly at: number | string
  /** shell command; $RTCTL is the pid of rtctl */
  readonly command: string
}

export const KILL_9 = 'kill -KILL $RTCTL'

/** Types are taken out of the source once, not by each process. */
const CACHE = {NODE_COMPILE_CACHE: '/tmp/compile-cache'}

/** Runs rtctl on a node, from source. */
export function rtctl(node: Node, argv: readonly string[], happening?: Happening): Promise<Outcome> {
  if (happening === undefined) return node.run(['rtctl', ...argv], {limit: 240_000, env: CACHE})
  const words = [NODE, '--import', '/opt/rtctl/test/engines/node/inside/at-entry.ts', '/opt/rtctl/bin/dev.js', ...argv]
  return node.run(words, {limit: 240_000, env: {...CACHE, RTCTL_TEST_AT: String(happening.at), RTCTL_TEST_DO: happening.command}})
}

/** Folders of the migrations of a node, seen from outside, the oldest first. */
export function migrations(node: Node): readonly string[] {
  const folder = node.path(FOLDER)
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^\d{8}-/.test(name)).sort().map((name) => `${folder}/${name}`) : []
}

/** The journal of the newest one. */
export function journal(node: Node): readonly JournalEntry[] {
  const text = readFileSync(`${migrations(node).at(-1)}/journal.jsonl`, 'utf8')
  return text.trimEnd().split('\n').map((line) => JSON.parse(line) as JournalEntry)
}
