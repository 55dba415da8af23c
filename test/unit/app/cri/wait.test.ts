// SPDX-License-Identifier: Apache-2.0
import {afterEach, describe, expect, test} from 'vitest'
import {waitForContainers} from '../../../../src/app/cri/wait.ts'
import type {Handler, LiveCri} from './live-cri.ts'
import {liveCri} from './live-cri.ts'

const RUNNING = 1
const EXITED = 2
const notFound = (id: string) => Object.assign(new Error(id), {code: 5, details: `container "${id}": not found`})
const modern: Handler = () => ({runtimeName: 'containerd', runtimeVersion: '2.1.4'})

let cri: LiveCri | undefined
afterEach(() => cri?.stop())

/** A runtime whose containers are what the map says now; undefined: removed. */
async function runtime(containers: ReadonlyMap<string, {state: number; exitCode?: number} | undefined>, more: Readonly<Record<string, Handler>> = {}) {
  cri = await liveCri({
    ContainerStatus: ({containerId}: {containerId: string}) => {
      const id = [...containers.keys()].find((key) => key.startsWith(containerId))
      const status = id === undefined ? undefined : containers.get(id)
      if (status === undefined) throw notFound(containerId)
      return {status: {id, ...status}}
    },
    Version: modern,
    ...more,
  })
  return cri.connection
}

describe('waiting for containers', () => {
  test('returns at once for those that have exited, with whole ids, in the order asked', async () => {
    const connection = await runtime(new Map([['abc1', {state: EXITED, exitCode: 3}], ['def2', {state: EXITED, exitCode: 0}]]))
    const waited = await waitForContainers(connection, ['def', 'abc'])
    expect(waited).toEqual([{outcome: 'exited', id: 'def2', exitCode: 0, reason: ''}, {outcome: 'exited', id: 'abc1', exitCode: 3, reason: ''}])
  })

  test('looks again and again where the runtime has no events', async () => {
    const containers = new Map([['a', {state: RUNNING, exitCode: 0}]])
    const connection = await runtime(containers)
    setTimeout(() => containers.set('a', {state: EXITED, exitCode: 137}), 100)
    expect(await waitForContainers(connection, ['a'])).toEqual([{outcome: 'exited', id: 'a', exitCode: 137, reason: ''}])
  })

  test('takes the exit code from an event when the container is removed at once', async () => {
    const containers = new Map<string, {state: number} | undefined>([['a', {state: RUNNING}]])
    const connection = await runtime(containers, {
      GetContainerEvents: async (_, send) => {
        await new Promise((resolve) => setTimeout(resolve, 50))
        containers.set('a', undefined)
        send({containerId: 'a', containerEventType: 2, containersStatuses: [{id: 'other', state: EXITED}, {id: 'a', state: EXITED, exitCode: 9}]})
        await new Promise((resolve) => setTimeout(resolve, 3000))
      },
    })
    expect(await waitForContainers(connection, ['a'])).toMatchObject([{outcome: 'exited', exitCode: 9}])
  })

  test('reads no events of containerd 1, which gives each to one reader only', async () => {
    let read = false
    const containers = new Map([['a', {state: RUNNING}]])
    const connection = await runtime(containers, {
      Version: () => ({runtimeName: 'containerd', runtimeVersion: '1.7.24'}),
      GetContainerEvents: () => { read = true },
    })
    setTimeout(() => containers.set('a', {state: EXITED}), 300)
    await waitForContainers(connection, ['a'])
    expect(read).toBe(false)
  })

  test('says when a container was removed before its exit code could be read, and still waits for the other', async () => {
    const containers = new Map<string, {state: number; exitCode?: number} | undefined>([['a', {state: RUNNING}], ['b', {state: RUNNING}]])
    const connection = await runtime(containers)
    setTimeout(() => containers.set('a', undefined), 50)
    setTimeout(() => containers.set('b', {state: EXITED, exitCode: 4}), 700)
    expect(await waitForContainers(connection, ['a', 'b'])).toEqual([{outcome: 'removed', id: 'a'}, {outcome: 'exited', id: 'b', exitCode: 4, reason: ''}])
  })

  test('gives up after the time it is given, and knows what it has', async () => {
    const connection = await runtime(new Map([['a', {state: RUNNING}], ['b', {state: EXITED, exitCode: 1}]]))
    const start = performance.now()
    expect(await waitForContainers(connection, ['a', 'b'], {timeoutMs: 300})).toMatchObject([{outcome: 'timeout', id: 'a'}, {outcome: 'exited', exitCode: 1}])
    expect(performance.now() - start).toBeLessThan(3000)
  })

  test('fails when there is no such container to begin with', async () => {
    const connection = await runtime(new Map())
    await expect(waitForContainers(connection, ['nope'])).rejects.toMatchObject({code: 5, call: {method: 'ContainerStatus'}})
  })

  test('fails when the runtime goes away meanwhile', async () => {
    const connection = await runtime(new Map([['a', {state: RUNNING}]]))
    setTimeout(() => cri?.kill(), 100)
    await expect(waitForContainers(connection, ['a'])).rejects.toMatchObject({name: 'CriError'})
  })
})
