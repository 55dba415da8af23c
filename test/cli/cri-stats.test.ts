// SPDX-License-Identifier: Apache-2.0
import {afterEach, describe, expect, test} from 'vitest'
import type {Handler, LiveCri} from '../unit/app/cri/live-cri.ts'
import {liveCri} from '../unit/app/cri/live-cri.ts'
import {rtctl} from './support.ts'

let cri: LiveCri | undefined
afterEach(() => cri?.stop())

const run = (verb: string, ...words: readonly string[]) => rtctl('cri', verb, ...words, '--runtime-endpoint', `unix://${cri?.socket}`)

/** Statistics that are later, and use more, with every look. */
function counting(): Handler {
  let looks = 0n
  return () => {
    looks++
    const stats = ['bbb', 'aaa'].map((id) => ({
      attributes: {id, metadata: {name: `n-${id}`, attempt: 0}, labels: new Map(), annotations: new Map()},
      cpu: {timestamp: looks * 1000n, usageCoreNanoSeconds: {value: looks * (id === 'aaa' ? 100n : 500n)}, usageNanoCores: undefined, psi: undefined},
      memory: {workingSetBytes: {value: 5_000_000n}},
    }))
    return {stats}
  }
}

describe('rtctl cri stats', () => {
  test('prints crictl\'s table, sorted by id', async () => {
    cri = await liveCri({ListContainerStats: counting()})
    const {stdout, stderr, status} = await run('stats', '-s', '0')
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
      ['CONTAINER', 'NAME', 'CPU %', 'MEM'], ['aaa', 'n-aaa', '10.00', '5MB'], ['bbb', 'n-bbb', '50.00', '5MB'], [''],
    ])
    expect([stderr, status]).toEqual(['', 0])
  })

  test('prints the same document with -o json and --json', async () => {
    const documents: unknown[] = []
    for (const form of [['-o', 'json'], ['--json']]) {
      cri = await liveCri({ListContainerStats: counting()})
      documents.push(JSON.parse((await run('stats', ...form)).stdout))
      cri.stop()
    }
    expect(documents[0]).toEqual(documents[1])
    expect(documents[0]).toMatchObject({stats: [{attributes: {id: 'aaa'}, cpu: {timestamp: '1000', usageCoreNanoSeconds: {value: '100'}}}, {attributes: {id: 'bbb'}}]})
  })

  test('says when the runtime measured only once, and still prints the rest', async () => {
    cri = await liveCri({ListContainerStats: () => ({stats: [{attributes: {id: 'a'}, cpu: {timestamp: 1n, usageCoreNanoSeconds: {value: 5n}}}]})})
    const {stdout, stderr, status} = await run('stats', '-s', '0')
    expect(stdout).toContain('a                                       -  ')
    expect(stderr).toContain('no new measurement of 1 of 1')
    expect(status).toBe(0)
  })

  test('refuses a label that is none', async () => {
    cri = await liveCri({})
    expect(await run('stats', '--label', 'x')).toMatchObject({status: 2, stderr: expect.stringContaining('"x" is no label')})
  })
})

describe('rtctl cri top', () => {
  test('prints once where standard output is no terminal, the greediest first', async () => {
    cri = await liveCri({ListContainerStats: counting(), ListContainers: () => ({}), ListPodSandbox: () => ({})})
    const {stdout} = await run('top', '-s', '1')
    expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/)[4])).toEqual(['NAME', 'n-bbb', 'n-aaa', undefined])
  })
})

describe('rtctl cri metricsp and metricdescs', () => {
  test('are refused by a runtime that has them not, with status 1', async () => {
    cri = await liveCri({Version: () => ({})})
    for (const verb of ['metricsp', 'metricdescs']) expect(await run(verb)).toMatchObject({status: 1, stdout: ''})
  })

  test('print what there is', async () => {
    cri = await liveCri({
      ListMetricDescriptors: () => ({descriptors: [{name: 'cpu', help: 'h', labelKeys: ['id']}]}),
      StreamPodSandboxMetrics: (_, send) => send({podSandboxMetrics: [{podSandboxId: 'p'}]}),
    })
    expect(JSON.parse((await run('metricdescs')).stdout)).toEqual({descriptors: [{name: 'cpu', help: 'h', labelKeys: ['id']}]})
    expect(JSON.parse((await run('metricsp')).stdout)).toMatchObject({podMetrics: [{podSandboxId: 'p'}]})
  })
})

describe('rtctl cri events', () => {
  const two: Handler = (_, send) => {
    for (const containerId of ['a', 'b']) send({containerId, containerEventType: 1, createdAt: 5n})
  }

  test('prints each event, and says when the runtime ends the stream', async () => {
    cri = await liveCri({GetContainerEvents: two})
    const {stdout, stderr, status} = await run('events')
    expect(stdout.match(/"containerId": "[ab]"/g)).toHaveLength(2)
    expect(stderr).toContain('the runtime ended the stream of events')
    expect(status).toBe(0)
  })

  test('parts the documents of YAML, and is called event as well', async () => {
    cri = await liveCri({GetContainerEvents: two})
    expect((await run('event', '-o', 'yaml')).stdout.split('---\n')).toHaveLength(2)
  })

  test('says what is lost when the connection breaks', async () => {
    cri = await liveCri({
      GetContainerEvents: async (_, send) => {
        send({containerId: 'a'})
        setTimeout(() => cri?.kill(), 100)
        await new Promise((resolve) => setTimeout(resolve, 5000).unref())
      },
    })
    expect(await run('events')).toMatchObject({status: 1, stderr: expect.stringContaining('the runtime went away after 1 event;')})
  })

  test('refuses a template without its format, and the format without a template', async () => {
    cri = await liveCri({})
    expect(await run('events', '--template', 'x')).toMatchObject({status: 2})
    expect(await run('events', '-o', 'go-template')).toMatchObject({status: 2})
  })
})

describe('rtctl cri wait', () => {
  const statuses = (states: Readonly<Record<string, object>>): Readonly<Record<string, Handler>> => ({
    ContainerStatus: ({containerId}: {containerId: string}) => ({status: {id: containerId, ...states[containerId]}}),
  })

  test('prints exit codes in the order of the containers', async () => {
    cri = await liveCri(statuses({a: {state: 2, exitCode: 7}, b: {state: 2, exitCode: 0}}))
    expect(await run('wait', 'a', 'b')).toEqual({stdout: '7\n0\n', stderr: '', status: 0})
  })

  test('names the one that took too long, with status 1', async () => {
    cri = await liveCri(statuses({a: {state: 1}, b: {state: 2, exitCode: 3}}))
    expect(await run('wait', 'a', 'b', '--timeout', '100ms')).toEqual({stdout: '3\n', stderr: 'rtctl: container a has not exited in time\n', status: 1})
  })
})

describe('rtctl cri changes', () => {
  test('refuses a container that does not run', async () => {
    cri = await liveCri({ContainerStatus: () => ({status: {id: 'abc'}})})
    expect(await run('changes', 'abc')).toMatchObject({status: 1, stderr: expect.stringContaining('The runtime names no process of container abc')})
  })
})
