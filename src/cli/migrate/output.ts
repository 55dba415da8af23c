// SPDX-License-Identifier: Apache-2.0
import {randomBytes} from 'node:crypto'
import {chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join, normalize, resolve} from 'node:path'
import type {Plan} from '../../model/migration/plan.ts'
import {UserError} from '../../model/user-error.ts'
import type {Style} from '../../render/style.ts'
import {EXIT, type ExitCode} from '../exit-codes.ts'

export const FORMATS = ['text', 'json', 'yaml', 'script', 'ansible', 'markdown'] as const
export type Format = (typeof FORMATS)[number]

/**
 * A blocker that nobody accepted refuses the migration: 5; something that could not be read leaves the plan open: 4; else 0, also where
 * there is nothing to do.
 *
 * @param accepted ids of checks
 */
export function exitCodeOf(plan: Plan, accepted: readonly string[]): ExitCode {
  const open = plan.remarks.some(({level, id}) => level === 'blocker' && (id === undefined || !accepted.includes(id)))
  if (open) return EXIT.refused
  return (plan.gaps ?? []).length > 0 ? EXIT.incomplete : EXIT.ok
}

export interface TextOptions {
  readonly style: Style
  /** columns of the terminal; undefined where there is none */
  readonly width: number | undefined
  /** the command that comes next */
  readonly next: string
}

/** The plan as text. Only what a format needs is loaded. */
export async function formatted(plan: Plan, format: Format, {style, width = 80, next}: TextOptions): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('../../render/migrate/human.ts')).renderPlan(plan, {style, width, next})
    case 'json':
      return (await import('../../render/migrate/document.ts')).renderPlanJson(plan)
    case 'yaml':
      return (await import('../../render/migrate/document.ts')).renderPlanYaml(plan)
    case 'script':
      return (await import('../../render/migrate/script.ts')).renderScript(plan)
    case 'ansible':
      return (await import('../../render/migrate/ansible.ts')).renderAnsible(plan)
    case 'markdown':
      return (await import('../../render/migrate/markdown.ts')).renderPlanMarkdown(plan)
  }
}

/**
 * Writes the files of a plan as a tree below `files/`, the plan as PLAN.md and plan.json, and its runbook migrate.sh: all or nothing.
 *
 * @param directory is made, or has to be empty
 * @returns what was written, relative to the directory
 * @throws UserError where there is something in it, or it cannot be written
 */
export async function writePlanFolder(directory: string, plan: Plan, options: TextOptions): Promise<readonly string[]> {
  checkEmpty(directory)
  const texts = new Map<string, {readonly text: string; readonly mode: number}>([
    ['PLAN.md', {text: await formatted(plan, 'markdown', options), mode: 0o644}],
    ['migrate.sh', {text: await formatted(plan, 'script', options), mode: 0o755}],
    ['plan.json', {text: await formatted(plan, 'json', options), mode: 0o644}],
    ...plan.files.flatMap(({path, text, mode}) => (text === undefined ? [] : [[join('files', relative(path)), {text, mode}] as const])),
  ])
  const temporary = `${resolve(directory)}.${randomBytes(6).toString('hex')}`
  try {
    for (const [name, {text, mode}] of texts) {
      const file = join(temporary, name)
      mkdirSync(dirname(file), {recursive: true})
      writeFileSync(file, text, {flag: 'wx', mode})
      // Whatever the umask of the shell is.
      chmodSync(file, mode & 0o777)
    }
    renameSync(temporary, directory)
  } catch (error) {
    rmSync(temporary, {recursive: true, force: true})
    throw new UserError(`--out: ${directory} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`, 'Name a folder that you may write, or that is not there yet.')
  }
  return [...texts.keys()]
}

function checkEmpty(directory: string): void {
  try {
    if (readdirSync(directory).length > 0) throw new UserError(`--out: ${directory} is not empty.`, 'Name an empty folder, or one that is not there yet.')
  } catch (error) {
    if (error instanceof UserError) throw error
    const {code} = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') throw new UserError(`--out: ${directory} cannot be used: ${code}.`, 'Name an empty folder, or one that is not there yet.')
  }
}

/** A path of the node as one below a folder here. A name that comes from a node must not lead out of it. */
function relative(path: string): string {
  if (path.startsWith('/') && normalize(path) === path && !path.includes('\0')) return path.slice(1)
  throw new UserError(`--out: the plan has a file whose path leads elsewhere: ${path}`, 'See where the node has that name from.')
}
