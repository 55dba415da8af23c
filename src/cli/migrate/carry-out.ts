// SPDX-License-Identifier: Apache-2.0
import type {MigrationEvent, MigrationReport} from '../../model/migration/report.ts'
import {UserError} from '../../model/user-error.ts'
import {momentLine, progressLine} from '../../render/migrate/progress.ts'
import {renderReport} from '../../render/migrate/report.ts'
import {EXIT, type ExitCode} from '../exit-codes.ts'
import {print} from '../output.ts'
import {progressOn} from '../progress.ts'
import {styleFor} from '../style.ts'
import {steadily} from './steady.ts'

export interface Showing {
  /** nothing is printed but what is returned */
  readonly json: boolean
  readonly 'no-color'?: boolean | undefined
}

/**
 * Carries work out that changes the node: shows how far it is, does not let it be left in the middle, sets the exit status.
 *
 * @param went the status of a rollback that the user asked for is not that of a migration that failed
 */
export async function carriedOut(
  {json, ...flags}: Showing, asked: 'apply' | 'rollback', work: (signal: AbortSignal, tell: (event: MigrationEvent) => void) => Promise<MigrationReport>,
): Promise<MigrationReport> {
  const style = styleFor(process.stdout, {'no-color': flags['no-color'] === true})
  const moment = progressOn(process.stderr)
  let title = ''
  const tell = (event: MigrationEvent) => {
    if (json) return
    if (event.kind === 'step') ({title} = event)
    if (event.kind === 'rollback') title = 'Rolling back'
    const [line, now] = [progressLine(event, style), momentLine(event, title)]
    if (line !== undefined) {
      moment.end()
      process.stdout.write(`${line}\n`)
    }
    if (now !== undefined) moment.say(now)
  }
  const hear = () => process.stderr.write('\nrtctl: the step under way is ended, then everything is rolled back; once more, and rtctl stops at once.\n')
  const last = () => process.stderr.write('\nrtctl: stopped in the middle. The journal is whole: go on with `rtctl migrate resume`, or back with `rtctl migrate rollback`.\n')
  return steadily(async (signal) => {
    const report = await work(signal, tell)
    moment.end()
    process.exitCode = statusOf(report, asked)
    if (!json) await print(renderReport(report, style))
    return report
  }, hear, last)
}

/** @returns 0, 6 or 7 */
export function statusOf({state}: MigrationReport, asked: 'apply' | 'rollback'): ExitCode {
  if (state === 'complete' || state === 'paused') return EXIT.ok
  if (state === 'rolled-back') return asked === 'rollback' ? EXIT.ok : EXIT.rolledBack
  return EXIT.rollbackIncomplete
}

/**
 * Asks before something is done that stops pods, or cannot be undone.
 *
 * @param word that has to be typed
 * @throws UserError (5) where the answer is another, or nobody can be asked
 */
export async function confirm(question: string, word: string): Promise<void> {
  const {stdin, stderr} = process
  if (!stdin.isTTY || !stderr.isTTY) throw new UserError('Nobody can be asked: standard input is no terminal.', 'Give --yes when it may go ahead.', EXIT.refused)
  const {createInterface} = await import('node:readline/promises')
  const reader = createInterface({input: stdin, output: stderr})
  try {
    // Ctrl-C rejects, Ctrl-D closes: both are a no.
    const left = new Promise<string>((resolve) => reader.once('close', () => resolve('')))
    const answer = await Promise.race([reader.question(`${question}\nType "${word}" to go ahead: `).catch(() => ''), left])
    if (answer.trim() !== word) throw new UserError('Nothing was changed.', `Type ${word} where it may go ahead.`, EXIT.refused)
  } finally {
    reader.close()
  }
}
