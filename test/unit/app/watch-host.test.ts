// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {expect, test} from 'vitest'
import {watchHost} from '../../../src/app/watch-host.ts'
import {openLiveHost} from '../../../src/host/live-host.ts'
import type {InspectReport} from '../../../src/model/chain.ts'
import {procFiles} from '../probes/proc-tree.ts'
import {hostWith, processOf} from '../probes/tree.ts'

test('a watched host is looked at again and again with a fresh host, and shown only when it changed', {timeout: 20_000}, async () => {
  const {directory} = hostWith(procFiles(processOf(1, '/sbin/init', 0)))
  const shown: InspectReport[] = []
  let looks = 0
  const open = async () => {
    if (++looks === 3) {
      for (const [path, text] of Object.entries(procFiles(processOf(640, '/usr/bin/dockerd')))) {
        mkdirSync(dirname(join(directory, path)), {recursive: true})
        writeFileSync(join(directory, path), text as string)
      }
    }
    return openLiveHost({root: directory, askTimeoutMs: 1000})
  }
  const show = async (report: InspectReport) => {
    shown.push(report)
    if (shown.length === 2) throw new Error('enough')
  }
  await expect(watchHost(open, {rtctlVersion: '0.1.0'}, show)).rejects.toThrow('enough')
  expect(looks).toBe(3)
  expect(shown.map(({chain}) => chain.chains.map(({title}) => title))).toEqual([[], ['Docker']])
})
