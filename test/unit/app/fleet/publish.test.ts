// SPDX-License-Identifier: Apache-2.0
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {itemOf} from '../../../../src/app/fleet/config-map.ts'
import {publishEvery, publishOnce, type Published, type PublishQuestion} from '../../../../src/app/fleet/publish.ts'
import {readSnapshot} from '../../../../src/host/snapshot-file.ts'
import {replaySnapshot} from '../../../../src/host/snapshot-host.ts'
import type {NodeReport} from '../../../../src/model/fleet.ts'
import type {JsonObject} from '../../../../src/model/json.ts'
import {UserError} from '../../../../src/model/user-error.ts'
import {ROOT} from '../../../support/node.ts'

const FIXTURE = join(ROOT, 'fixtures/dockershim-node/snapshot.jsonl')

async function publish(changes: Partial<PublishQuestion> = {}) {
  const put: [string, JsonObject][] = []
  const published = await publishOnce({
    rtctlVersion: '0.1.0', open: async () => replaySnapshot(FIXTURE, readSnapshot(FIXTURE).records), source: 'this host', node: 'worker-1.example', namespace: 'rtctl',
    plan: {target: 'containerd', kubernetes: '1.24', oracle: {}}, accept: (findings) => findings, now: () => new Date('2026-11-21T12:00:00Z'),
    put: async (name, configMap) => void put.push([name, configMap]), ...changes,
  })
  return {published, put}
}
const reportIn = (configMap: JsonObject | undefined) => {
  const item = itemOf(configMap ?? {})
  return (item.kind === 'report' ? item.value : undefined) as NodeReport | undefined
}

describe('what a node publishes', () => {
  test('is what inspect and preflight say of it, under its name in Kubernetes', async () => {
    const {published, put: [first]} = await publish()
    expect(first?.[0]).toBe('rtctl-node-worker-1.example')
    const report = reportIn(first?.[1])
    expect(report).toMatchObject({node: 'worker-1.example', time: '2026-11-21T12:00:00.000Z', preflight: {verdict: {answer: 'no-go'}, upgrade: {kubernetes: '1.24'}}})
    expect(report?.inspect.chain.containers.length).toBeGreaterThan(0)
    expect(report?.preflight.findings.map(({check}) => check)).toContain('kubelet-on-dockershim')
    expect(published).toMatchObject({node: 'worker-1.example', configMap: 'rtctl/rtctl-node-worker-1.example', verdict: 'no-go'})
  })
  test('leaves out of its verdict what somebody accepts', async () => {
    const {put: [first]} = await publish({accept: (findings) => findings.map((finding) => ({...finding, accepted: {by: 'ignore' as const}}))})
    expect(reportIn(first?.[1])?.preflight.verdict.counts.blocker).toBe(0)
  })
})

describe('again and again', () => {
  const DONE = {sentence: 'fine'} as Published
  class Enough extends Error {}
  async function waits(outcomes: readonly (Published | Error)[], random: number): Promise<{slept: readonly number[]; told: readonly (Published | UserError)[]}> {
    const [slept, told, left]: [number[], (Published | UserError)[], (Published | Error)[]] = [[], [], [...outcomes]]
    const next = async () => {
      const outcome = left.shift()
      if (outcome === undefined || outcome instanceof Error) throw outcome ?? new Enough()
      return outcome
    }
    const work = publishEvery(next, {everyMs: 6 * 3_600_000, random: () => random, sleep: async (ms) => void slept.push(ms)}, async (outcome) => void told.push(outcome))
    await expect(work).rejects.toThrow(Enough)
    return {slept, told}
  }

  test('nodes that start at once are spread over five minutes, and then over a tenth of the time to either side', async () => {
    expect((await waits([DONE, DONE], 0)).slept).toEqual([0, 5.4 * 3_600_000, 5.4 * 3_600_000])
    expect((await waits([DONE], 1)).slept.map(Math.round)).toEqual([300_000, Math.round(6.6 * 3_600_000)])
  })
  test('a failure is told and tried again within minutes', async () => {
    const failure = new UserError('no', 'later', 8)
    const {slept, told} = await waits([failure, DONE], 0.5)
    expect(told).toEqual([failure, DONE])
    expect(slept[1]).toBe(225_000)
  })
  test('a bug ends it', async () => {
    const work = publishEvery(() => Promise.reject(new TypeError('bug')), {everyMs: 1000, random: () => 0, sleep: async () => undefined}, async () => undefined)
    await expect(work).rejects.toThrow(TypeError)
  })
})
