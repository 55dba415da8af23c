// SPDX-License-Identifier: Apache-2.0
import {afterAll, beforeAll, beforeEach, expect} from 'vitest'
import {canRunEngines, type CanRun} from './can-run.ts'
import type {Engines} from './engines.ts'

/**
 * For the tests of one file or `describe`: starts engines before the first one and removes them after the last, which
 * fails when anything of them is left. Where engines cannot run every test is skipped with the reason.
 *
 * @param start starts and populates all engines that the tests need; what it gives is what the tests get
 */
export function withEngines<T>(start: (started: (engines: Engines) => Engines) => Promise<T>): () => T {
  let can: CanRun = {ok: false, reason: 'not asked yet'}
  let value: T | undefined
  const all: Engines[] = []

  beforeAll(async () => {
    can = await canRunEngines()
    if (!can.ok) return
    value = await start(engines => {
      all.push(engines)
      return engines
    })
  })

  beforeEach(context => {
    if (!can.ok) context.skip(`no real engines: ${can.reason}`)
  })

  afterAll(async () => {
    const left: string[] = []
    for (const engines of all.toReversed()) left.push(...await engines.stop())
    expect(left, 'left behind on this machine').toEqual([])
  })

  return () => {
    if (value === undefined) throw new Error('the engines have not started')
    return value
  }
}
