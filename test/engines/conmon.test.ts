// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {runUnderConmon} from './harness/conmon.ts'
import {startEngines} from './harness/engines.ts'
import {inspect} from './harness/inspect.ts'
import {processRow} from './harness/processes.ts'
import {withEngines} from './harness/suite.ts'

const world = withEngines(async started => {
  const engines = started(await startEngines('bookworm', {docker: false, cri: false}))
  return runUnderConmon(engines)
})

test('a container of conmon is seen with its conmon, its runtime and its log', async () => {
  const {id, pid, conmonPid, logPath} = world()
  expect(processRow(pid)?.ppid).toBe(conmonPid)
  const {report} = await inspect()
  expect(report.chain.containers.filter(container => container.id === id)).toEqual([
    expect.objectContaining({
      id, pid, shimPid: conmonPid, state: 'running', name: 'by-conmon',
      runtime: expect.objectContaining({name: 'runc'}), log: expect.objectContaining({path: logPath}),
    }),
  ])
})
