// SPDX-License-Identifier: Apache-2.0
import {median, quantile, type Cost} from './measure.ts'

/** One line of the table of goals. */
export interface Goal {
  readonly text: string
  readonly goal: string
  readonly measured: string
  readonly met: boolean
}

/** What one part of the bench found. */
export interface Part {
  readonly goals: readonly Goal[]
  /** Markdown */
  readonly text: string
}

export const COLUMNS = ['', 'wall, ms', 'CPU, ms', 'peak memory, MiB']

/** Medians, with the quartiles: half of the runs lie between those. */
export function row(name: string, costs: readonly Cost[], memory?: number): readonly string[] {
  const summary = (values: readonly number[]) =>
    `${median(values).toFixed(0)} (${quantile(values, 0.25).toFixed(0)}–${quantile(values, 0.75).toFixed(0)})`
  return [name, summary(costs.map(({wall}) => wall)), summary(costs.map(({cpu}) => cpu)), memory === undefined ? '' : memory.toFixed(0)]
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('')
}

export function say(text: string): void {
  process.stderr.write(`${text} …\n`)
}
