// SPDX-License-Identifier: Apache-2.0
import {afterEach, describe, expect, test} from 'vitest'
import {containerStatsOf, containerUsage, podStatsOf, podUsage} from '../../../../src/app/cri/stats.ts'
import {pause, samples} from '../../../../src/app/cri/stats-watch.ts'
import {topContainers, topLooks} from '../../../../src/app/cri/top.ts'
import {ContainerStats, PodSandboxStats} from '../../../../src/cri/gen/runtime/v1/stats.ts'
import type {LiveCri} from './live-cri.ts'
import {liveCri} from './live-cri.ts'

interface Sample {
  readonly time?: number
  readonly used?: number
  readonly memory?: number
  readonly disk?: number
  readonly labels?: Readonly<Record<string, string>>
}

const container = (id: string, {time = 0, used = 0, memory = 0, disk = 0, labels = {}}: Sample) => ContainerStats.fromJSON({
  attributes: {id, metadata: {name: `name-${id}`}, labels},
  cpu: {timestamp: String(time), usageCoreNanoSeconds: {value: String(used)}},
  memory: {workingSetBytes: {value: String(memory)}},
  writableLayer: {usedBytes: {value: String(disk)}, inodesUsed: {value: '3'}},
})
const pod = (id: string, {time = 0, used = 0, memory = 0}: Sample, system = 'linux') => PodSandboxStats.fromJSON({
  attributes: {id, metadata: {name: `pod-${id}`}},
  [system]: {cpu: {timestamp: String(time), usageCoreNanoSeconds: {value: String(used)}}, memory: {workingSetBytes: {value: String(memory)}}},
})

describe('the usage of containers', () => {
  test('is the CPU time between two looks in percent of the time between the measurements', () => {
    const [row] = containerUsage([container('a', {time: 1e9, used: 5e8})], [container('a', {time: 3e9, used: 8e8, memory: 7, disk: 9})], false)
    expect(row).toEqual({id: 'a', name: 'name-a', cpuPercent: 15, memory: 7, disk: 9, inodes: 3, swap: 0})
  })

  test('is exact where the counters are larger than a double can hold', () => {
    const huge = 2 ** 62
    const [row] = containerUsage(
      [ContainerStats.fromJSON({attributes: {id: 'a'}, cpu: {timestamp: String(BigInt(huge)), usageCoreNanoSeconds: {value: String(BigInt(huge))}}})],
      [ContainerStats.fromJSON({attributes: {id: 'a'}, cpu: {timestamp: String(BigInt(huge) + 100n), usageCoreNanoSeconds: {value: String(BigInt(huge) + 50n)}}})],
      false,
    )
    expect(row?.cpuPercent).toBe(50)
  })

  test('has no CPU where the runtime did not measure anew, or the counter began anew', () => {
    const before = [container('a', {time: 5, used: 5}), container('b', {time: 5, used: 500})]
    const rows = containerUsage(before, [container('a', {time: 5, used: 5}), container('b', {time: 9, used: 1})], false)
    expect(rows.map(({cpuPercent}) => cpuPercent)).toEqual([undefined, undefined])
  })

  test('leaves out what only the later look has, and what does not run unless asked for', () => {
    const after = [container('new', {used: 1}), container('old', {})]
    expect(containerUsage([container('old', {})], after, false)).toEqual([])
    expect(containerUsage([container('old', {})], after, true).map(({id, cpuPercent}) => [id, cpuPercent])).toEqual([['old', 0]])
  })
})

describe('the usage of pods', () => {
  test('is told of Linux and of Windows', () => {
    for (const system of ['linux', 'windows']) {
      const rows = podUsage([pod('a', {time: 0, used: 1}, system)], [pod('a', {time: 100, used: 26, memory: system === 'linux' ? 4 : 0}, system)])
      expect(rows).toEqual([{id: 'a', name: 'pod-a', cpuPercent: 25, memory: system === 'linux' ? 4 : 0}])
    }
  })

  test('is refused of both at once', () => {
    const both = {...pod('a', {}), windows: pod('a', {}, 'windows').windows}
    expect(() => podUsage([], [both])).toThrow('Pod a has statistics of Linux and of Windows.')
  })
})

describe('asking for usage', () => {
  let cri: LiveCri | undefined
  afterEach(() => cri?.stop())

  test('goes by the list where the runtime does not stream it, and sorts by id', async () => {
    cri = await liveCri({ListContainerStats: () => ({stats: [container('b', {}), container('a', {})]})})
    expect((await containerStatsOf(cri.connection)).map(({attributes}) => attributes?.id)).toEqual(['a', 'b'])
  })

  test('takes the stream where there is one', async () => {
    cri = await liveCri({
      StreamPodSandboxStats: (_, send) => {
        send({podSandboxStats: [pod('c', {}), pod('b', {})]})
        send({podSandboxStats: [pod('a', {})]})
      },
    })
    expect((await podStatsOf(cri.connection)).map(({attributes}) => attributes?.id)).toEqual(['a', 'b', 'c'])
  })

  test('passes the filter on', async () => {
    let asked: unknown
    cri = await liveCri({ListContainerStats: (request) => { asked = request; return {stats: []} }})
    await containerStatsOf(cri.connection, {id: 'abc', podSandboxId: 'def', labelSelector: new Map([['k', 'v']])})
    expect(asked).toMatchObject({filter: {id: 'abc', podSandboxId: 'def', labelSelector: new Map([['k', 'v']])}})
  })

  test('names pods by the labels of their containers, and asks for them only where these tell nothing', async () => {
    let asked = 0
    const kubelets = container('k', {used: 1, labels: {'io.kubernetes.pod.name': 'web', 'io.kubernetes.pod.namespace': 'shop'}})
    const stats = [kubelets]
    cri = await liveCri({
      ListContainerStats: () => ({stats}),
      ListContainers: () => { asked++; return {containers: [{id: 'x', podSandboxId: 'p'}]} },
      ListPodSandbox: () => ({items: [{id: 'p', metadata: {name: 'bare', namespace: 'here'}}]}),
    })
    const look = topLooks(cri.connection)
    const first = await look()
    expect(asked).toBe(0)
    stats.push(container('x', {used: 1, memory: 5}))
    const [second, third] = [await look(), await look()]
    expect(asked).toBe(1)
    expect(topContainers(first, first, 'cpu').map(({pod: name, namespace}) => [name, namespace])).toEqual([['web', 'shop']])
    expect(topContainers(second, third, 'mem').map(({id, pod: name}) => [id, name])).toEqual([['x', 'bare'], ['k', 'web']])
  })
})

describe('top', () => {
  test('sorts by what is asked for, unknown CPU last', () => {
    const before = {stats: [container('a', {time: 1, used: 1}), container('b', {time: 1, used: 1}), container('c', {time: 1, used: 1})], pods: new Map()}
    const after = {
      stats: [container('a', {time: 1, used: 1, memory: 9}), container('b', {time: 11, used: 3, memory: 1, disk: 5}), container('c', {time: 11, used: 9, memory: 2})],
      pods: new Map(),
    }
    const order = (sort: 'cpu' | 'mem' | 'disk') => topContainers(before, after, sort).map(({id}) => id).join('')
    expect([order('cpu'), order('mem'), order('disk')]).toEqual(['cba', 'acb', 'bac'])
  })
})

describe('samples', () => {
  test('compare each look with the one before, until the signal', async () => {
    const stop = new AbortController()
    let looks = 0
    const pairs: (readonly [number, number])[] = []
    for await (const pair of samples(async () => looks++, (...two) => two, 1, stop.signal)) {
      pairs.push(pair)
      if (pairs.length === 3) stop.abort()
    }
    expect(pairs).toEqual([[0, 1], [1, 2], [2, 3]])
  })

  test('a pause ends with its signal', async () => {
    const stop = new AbortController()
    const start = performance.now()
    const paused = pause(60_000, stop.signal)
    stop.abort()
    await paused
    expect(performance.now() - start).toBeLessThan(5000)
  })
})
