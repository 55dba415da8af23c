// SPDX-License-Identifier: Apache-2.0
import type {Process} from '../../../../src/model/facts.ts'

/**
 * The processes of a node of a kind that can no longer be run, or not here: written by hand after what others saw.
 * Pids, ids and names are made up; the shape of each argv is not.
 */
export interface OldShape {
  readonly title: string
  /** where the argv shapes were seen: reports with `ps` output, unit files, the code that starts the process */
  readonly sources: readonly string[]
  readonly processes: readonly Process[]
  /** pid → name of an entry of the component table, or undefined for what is no component (an application, an init) */
  readonly components: Readonly<Record<number, string | undefined>>
}

/** pid, parent, component (or none), argv; the kernel's name is taken from argv[0] unless it is given. */
export type Row = readonly [
  pid: number,
  ppid: number,
  component: string | undefined,
  argv: string | readonly string[],
  comm?: string,
]

/** Makes a shape of rows. An argv that is one string is split at its spaces. */
export function shape(title: string, sources: readonly string[], rows: readonly Row[]): OldShape {
  return {
    title,
    sources,
    processes: rows.map(([pid, ppid, , argv, comm]) => {
      const words = typeof argv === 'string' ? argv.split(' ') : argv
      const program = words[0]?.split('/').at(-1) ?? ''
      return {pid, ppid, startTicks: pid * 10, comm: comm ?? program.slice(0, 15), argv: words}
    }),
    components: Object.fromEntries(rows.map(([pid, , component]) => [pid, component])),
  }
}

/** A made-up container id of 64 hexadecimal digits, the same for the same seed. */
export function id(seed: number): string {
  return (seed * 2_654_435_761).toString(16).padStart(8, '0').slice(-8).repeat(8)
}
