// SPDX-License-Identifier: Apache-2.0
import type {MigrationReport, MigrationStatus} from '../../model/migration/report.ts'
import type {Style} from '../style.ts'
import {visible} from '../visible.ts'
import {secondsText} from './progress.ts'

/** How a run ended, in a few lines: what, why, what to do. */
export function renderReport(report: MigrationReport, style: Style): string {
  const {failure, notUndone = [], next, folder} = report
  const lines = [
    headline(report, style),
    ...(failure === undefined ? [] : [`Failed: ${failure.title}: ${failure.reason}`]),
    ...notUndone.map(({title, reason}) => `Not taken back: ${title}: ${reason}`),
    ...(next === undefined ? [] : [next]),
    `Journal: ${folder}`,
  ]
  return `${[lines[0]!, ...lines.slice(1).map(visible)].join('\n')}\n`
}

function headline({state, seconds, steps}: MigrationReport, style: Style): string {
  const time = secondsText(seconds)
  switch (state) {
    case 'complete':
      return style.bold(style.green(`The migration is complete: ${steps.filter((step) => step.state === 'done').length} steps in ${time}.`))
    case 'paused':
      return style.bold(`The migration is paused after ${time}.`)
    case 'rolled-back':
      return style.bold(style.yellow(`Everything is rolled back; the node is as it was. ${time}.`))
    case 'rollback-incomplete':
    case 'rolling-back':
      return style.bold(style.red(`The rollback is not complete. ${time}.`))
    default:
      return style.bold(style.red(`The migration stopped where it failed. ${time}.`))
  }
}

/** The state of a migration for a person. */
export function renderStatus(status: MigrationStatus, style: Style): string {
  const {id, state, node, from, to, begun, last, done, steps, step, failure, pid, remarks, notUndone, next, folder} = status
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Migration', id],
    ['State', pid === undefined ? state : `${state} (pid ${pid})`],
    ['Node', `${node}: ${from} → ${to}`],
    ['Begun', begun],
    ['Last entry', last],
    ['Steps', `${done} of ${steps}`],
    ['Step', step === undefined ? undefined : `${step.phase}: ${step.title}, since ${step.since}`],
    ['Failed', failure],
    ...notUndone.map(({step: name, reason}) => ['Not undone', `${name}: ${reason}`] as const),
    ['Journal', folder],
    ...remarks.map((remark) => ['Note', remark] as const),
    ['Next', next],
  ]
  return `${rows.flatMap(([name, value]) => (value === undefined ? [] : [`${style.dim(name.padEnd(11))} ${visible(value)}`])).join('\n')}\n`
}

/** One line for each migration, the newest first. */
export function renderList(list: readonly (MigrationStatus | {readonly id: string; readonly problem: string})[]): string {
  if (list.length === 0) return 'No migration was begun on this machine.\n'
  const rows = list.map((each) => ('problem' in each ? [each.id, 'unreadable', each.problem] : [each.id, each.state, `${each.node}: ${each.from} → ${each.to}, ${each.done} of ${each.steps} steps`]))
  return `${rows.map(([id = '', state = '', what = '']) => `${id}  ${state.padEnd(19)}  ${visible(what)}`).join('\n')}\n`
}

/** What is, would be or was removed. */
export function renderCleanup({folders, packages, simulation, removed}: CleanupText): string {
  const verb = removed === true ? 'Removed' : 'To remove'
  const nothing = folders.length === 0 && packages.length === 0
  const lines = [
    ...folders.map((folder) => `${verb}: ${folder} with all that is in it`),
    ...(packages.length > 0 ? [`${verb}: packages ${packages.join(', ')}`] : []),
    ...(nothing ? ['Nothing of Docker is left to remove.'] : []),
    ...(simulation === undefined || removed === true ? [] : simulation.trim().split('\n').map((line) => `  ${line}`)),
  ]
  return `${lines.map(visible).join('\n')}\n`
}

interface CleanupText {
  readonly folders: readonly string[]
  readonly packages: readonly string[]
  readonly simulation?: string
  readonly removed?: true
}
