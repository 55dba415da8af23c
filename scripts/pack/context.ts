// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'


/** What every packer gets. */
export interface PackContext {
  /** the project's folder, built */
  readonly root: string
  /** where artefacts go */
  readonly out: string
  /** a folder for what is made on the way. It is gone afterwards. */
  readonly work: string
  readonly version: string
  /** seconds since 1970: every time stamp in an artefact, so that the same input gives the same bytes */
  readonly epoch: number
}

/** The architectures of Linux that are shipped, as Node.js names them. */
export type Architecture = 'x64' | 'arm64'

export const ARCHITECTURES: readonly Architecture[] = ['x64', 'arm64']

/** Makes artefacts in `context.out` and gives their names there. */
export type Packer = (context: PackContext) => Promise<readonly string[]>

/** What has been made in `context.work` before, else made there now: whole, or not at all. One at a time. */
export async function once(context: PackContext, name: string, make: (dir: string) => Promise<void>): Promise<string> {
  const dir = join(context.work, name)
  if (existsSync(dir)) return dir
  const unfinished = `${dir}.unfinished`
  rmSync(unfinished, {recursive: true, force: true})
  mkdirSync(unfinished, {recursive: true})
  await make(unfinished)
  renameSync(unfinished, dir)
  return dir
}

/** The context of this project as it is. */
export function contextOf(root: string, out: string, work: string): PackContext {
  const {version} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return {root, out, work, version, epoch: epochOf(root)}
}

/** SOURCE_DATE_EPOCH, as reproducible-builds.org has it; else the date of the last commit. */
function epochOf(root: string): number {
  const told = process.env['SOURCE_DATE_EPOCH'] ?? execFileSync('git', ['log', '-1', '--format=%ct'], {cwd: root, encoding: 'utf8'})
  const epoch = Number(told)
  if (!Number.isSafeInteger(epoch) || epoch < 0) throw new Error(`SOURCE_DATE_EPOCH is no number of seconds: ${told}`)
  return epoch
}
