// SPDX-License-Identifier: Apache-2.0
import type {MigrationEvent, StepReport} from '../../model/migration/report.ts'
import type {Style} from '../style.ts'
import {visible} from '../visible.ts'

/** Longest note on a line; the report has all of it. */
const LONGEST = 300

/** What is printed of an event, as a line; undefined: it is only for the line that is overwritten. */
export function progressLine(event: MigrationEvent, style: Style): string | undefined {
  switch (event.kind) {
    case 'begin':
      return style.dim(`Migration ${event.id}, journal in ${visible(event.folder)}`)
    case 'step-end':
      return stepLine(event.report, style)
    case 'rollback':
      return style.yellow(`Rolling back ${event.steps} steps: ${visible(event.reason)}`)
    case 'step':
    case 'progress':
      return undefined
  }
}

/** What is going on, for a line that is overwritten; undefined: nothing new. */
export function momentLine(event: MigrationEvent, title: string): string | undefined {
  if (event.kind === 'step') return `${event.number}/${event.of} ${event.title} …`
  return event.kind === 'progress' ? `${title}: ${event.text}` : undefined
}

/** `✓ stop-docker  Stop docker.socket  1.2 s` */
export function stepLine({title, phase, state, seconds, note}: StepReport, style: Style): string {
  const mark = {done: style.green('✓'), undone: style.green('↶'), skipped: style.dim('-'), failed: style.red('✗'), 'not-undone': style.red('✗')}[state]
  const told = note === undefined ? '' : `: ${note.length > LONGEST ? `${note.slice(0, LONGEST)}…` : note}`
  const word = state === 'undone' ? 'taken back: ' : state === 'not-undone' ? 'not taken back: ' : ''
  return `${mark} ${style.dim(phase.padEnd(12))} ${word}${visible(title)}${visible(told)} ${style.dim(secondsText(seconds))}`
}

/** `0.3 s`, `41 s`, `3 min 20 s` */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return whole < 120 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`
}
