// SPDX-License-Identifier: Apache-2.0
import {readFileSync, statSync} from 'node:fs'
import * as Flags from '@oclif/core/flags'
import type {MigrationQuestion} from '../../app/migrate/plan-migration.ts'
import {type LiveHost, openLiveHost} from '../../host/live-host.ts'
import type {TargetName} from '../../model/check.ts'
import type {Plan} from '../../model/migration/plan.ts'
import {UserError} from '../../model/user-error.ts'
import {versionNumbers} from '../../model/version.ts'
import {runFlags} from './run-flags.ts'

export const TARGETS = ['containerd', 'cri-o', 'cri-dockerd'] as const satisfies readonly TargetName[]

/** Far more than the plan of a node with thousands of pods has. */
const MAX_BYTES = 64 * 2 ** 20

const versionFlag = Flags.custom({
  helpValue: 'VERSION',
  async parse(text, _context, {name}) {
    if (versionNumbers(text).length < 2) throw new UserError(`--${name}: "${text}" is no version.`, 'Give one such as 1.24.')
    return text.replace(/^v/, '')
  },
})

/** Flags of what is planned. */
export const migrationFlags = {
  to: Flags.option({options: TARGETS, helpValue: 'RUNTIME', summary: `The container runtime to go to: ${TARGETS.join(', ')}.`})(),
  'runtime-version': versionFlag({summary: 'Its version; the one that is installed unless told.'}),
  kubernetes: versionFlag({summary: 'The Kubernetes version to go to afterwards; the next one unless told.'}),
  'keep-docker': Flags.boolean({summary: 'Leave Docker running, for containers that are not of Kubernetes.'}),
  plan: Flags.string({helpValue: 'FILE', exclusive: ['to', 'runtime-version', 'kubernetes', 'keep-docker'], summary: 'Show a plan that -o json wrote, or carry it out.'}),
}

export interface MigrationFlags {
  readonly to?: TargetName | undefined
  readonly 'runtime-version'?: string | undefined
  readonly kubernetes?: string | undefined
  readonly 'keep-docker'?: boolean | undefined
  readonly plan?: string | undefined
}

/** Flags that say how to carry a plan out, or where a plan is for that is only looked at. */
const ONLY_APPLIED = Object.keys(runFlags)
const NEVER_APPLIED = ['from', 'root', 'proc', 'out'] as const

/**
 * Whether the flags go together with --apply, or without it.
 *
 * @throws UserError where one of them would have no effect
 */
export function checkApply(flags: Readonly<Record<string, unknown>>): void {
  if (flags['apply'] !== true) {
    const idle = ONLY_APPLIED.find((name) => flags[name] !== undefined && flags[name] !== false)
    if (idle !== undefined) throw new UserError(`--${idle} says how to carry a plan out, and has no effect without --apply.`, 'Add --apply, or leave it out.')
    return
  }
  const wrong = NEVER_APPLIED.find((name) => flags[name] !== undefined)
  if (wrong !== undefined) throw new UserError(`--apply changes this machine, and cannot be given with --${wrong}.`, `Run it on the node itself, without --${wrong}.`)
  if (flags['output'] !== 'text') throw new UserError('--apply writes no plan: -o has no effect.', 'Leave -o out; --json gives the report as JSON.')
}

/** This machine, with nothing taken out of what is read: for files that have to be written as they are. Nothing of it may be printed. */
export function openAsItIs({timeout}: {readonly timeout: number}): LiveHost {
  return openLiveHost({askTimeoutMs: timeout * 1000, redaction: 'none'})
}

/**
 * What to plan.
 *
 * @throws UserError where no target is told
 */
export function migrationQuestion(flags: MigrationFlags): Omit<MigrationQuestion, 'rtctl' | 'now'> {
  const {to, 'runtime-version': version, kubernetes, 'keep-docker': keepDocker} = flags
  if (to === undefined) throw new UserError('The container runtime to go to is not told.', `Name it with --to: ${TARGETS.join(', ')}.`)
  return {to, ...(version !== undefined && {version}), ...(kubernetes !== undefined && {kubernetes}), ...(keepDocker === true && {keepDocker})}
}

/**
 * The plan in a file.
 *
 * @throws UserError where it cannot be read, or is not as rtctl wrote it
 */
export async function readStoredPlan(file: string): Promise<Plan> {
  const {readPlan} = await import('../../app/migrate/stored-plan.ts')
  return readPlan(readText(file), file)
}

function readText(file: string): string {
  const next = 'Name a file that `rtctl migrate -o json` wrote.'
  try {
    const stats = statSync(file)
    if (!stats.isFile()) throw new UserError(`--plan: ${file} is no file.`, next)
    if (stats.size > MAX_BYTES) throw new UserError(`--plan: ${file} has ${stats.size} bytes, more than a plan can have.`, next)
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`--plan: ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, next)
  }
}
