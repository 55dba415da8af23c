// SPDX-License-Identifier: Apache-2.0
import {pause, REDRAW_MS, samples} from '../../app/cri/stats-watch.ts'
import {interruptible} from '../interrupt.ts'
import {print} from '../output.ts'
import {openScreen} from './live-screen.ts'

/** Does the work once, or every half second until Ctrl-C. */
export async function onceOrWatching(watch: boolean, work: (signal?: AbortSignal) => Promise<void>): Promise<void> {
  if (!watch) return work()
  await interruptible(async (signal) => {
    try {
      while (!signal.aborted) {
        await work(signal)
        await pause(REDRAW_MS, signal)
      }
    } catch (error) {
      // Ctrl-C in the middle of a call ends that with an error too.
      if (!signal.aborted) throw error
    }
  })
}

/** A table of what is measured between two looks. */
export interface SampledTable<Look, Row> {
  readonly look: (signal?: AbortSignal) => Promise<Look>
  readonly compare: (before: Look, after: Look) => readonly Row[]
  readonly render: (rows: readonly Row[]) => string
  readonly sampleMs: number
  /** told of a sentence for standard error */
  readonly note: (text: string) => void
}

/** Prints the table once, or draws it anew with each look until Ctrl-C. */
export async function showSamples<Look, Row extends {readonly cpuPercent: number | undefined}>(
  watch: boolean, table: SampledTable<Look, Row>,
): Promise<void> {
  if (watch) await interruptible((signal) => drawSamples(table, signal))
  else await printSample(table)
}

async function printSample<Look, Row extends {readonly cpuPercent: number | undefined}>(table: SampledTable<Look, Row>): Promise<void> {
  const before = await table.look()
  await pause(table.sampleMs)
  const rows = table.compare(before, await table.look())
  await print(table.render(rows))
  const unknown = rows.filter(({cpuPercent}) => cpuPercent === undefined).length
  if (unknown > 0) table.note(`rtctl: the runtime took no new measurement of ${unknown} of ${rows.length} in that time; give it more with --seconds`)
}

async function drawSamples<Look, Row>(table: SampledTable<Look, Row>, signal: AbortSignal): Promise<void> {
  const screen = openScreen({alternate: false})
  try {
    const rows = samples(() => table.look(signal), table.compare, Math.max(table.sampleMs, REDRAW_MS), signal)
    for await (const sample of rows) await screen.show(table.render(sample))
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    screen.close()
  }
}
