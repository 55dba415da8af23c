// SPDX-License-Identifier: Apache-2.0
import {setTimeout as sleep} from 'node:timers/promises'
import type {InspectReport} from '../model/chain.ts'
import type {Host} from '../model/host.ts'
import {inspectHost, type InspectOptions} from './inspect-host.ts'

const INTERVAL_MS = 2000

/**
 * Inspects again and again, and hands on each report that differs from the one before in more than its time. Ends only
 * when the process does.
 *
 * @param open a fresh host for each look: a host may remember what it read
 */
export async function watchHost(open: () => Promise<Host>, options: InspectOptions, show: (report: InspectReport) => Promise<void>): Promise<never> {
  let last = ''
  for (;;) {
    const report = await inspectHost(await open(), options)
    const state = JSON.stringify(report.chain)
    if (state !== last) await show(report)
    last = state
    await sleep(INTERVAL_MS)
  }
}
