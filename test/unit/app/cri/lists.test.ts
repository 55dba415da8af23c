// SPDX-License-Identifier: Apache-2.0
import {afterEach, describe, expect, test} from 'vitest'
import {findContainers, resolveImages} from '../../../../src/app/cri/list-containers.ts'
import {findImages} from '../../../../src/app/cri/list-images.ts'
import {findPods} from '../../../../src/app/cri/list-pods.ts'
import {ContainerState} from '../../../../src/cri/gen/runtime/v1/list.ts'
import {type Handler, type LiveCri, liveCri} from './live-cri.ts'

let runtime: LiveCri | undefined
const start = async (methods: Readonly<Record<string, Handler>>) => {
  runtime = await liveCri(methods)
  return runtime.connection
}

afterEach(() => runtime?.stop())

const container = (id: string, createdAt: bigint, more: object = {}) => ({id, createdAt, metadata: {name: id, attempt: 0}, ...more})
const pod = (id: string, createdAt: bigint, namespace = 'default') => ({id, createdAt, metadata: {name: id, uid: '', namespace, attempt: 0}})
const ids = (items: readonly {readonly id: string}[]) => items.map(({id}) => id).join(' ')

describe('pods', () => {
  test('come newest first, those without metadata not at all', async () => {
    const connection = await start({ListPodSandbox: () => ({items: [pod('a', 1n), {id: 'x'}, pod('b', 3n), pod('c', 2n, 'kube-system')]})})
    expect(ids(await findPods(connection, {}))).toBe('b c a')
    expect(ids(await findPods(connection, {latest: true}))).toBe('b')
    expect(ids(await findPods(connection, {latest: true, last: 2}))).toBe('b c')
    expect(ids(await findPods(connection, {last: 0, namespace: '^kube', name: 'c'}))).toBe('c')
  })

  test('are filtered by id, state and label by the runtime', async () => {
    let filter: unknown
    const connection = await start({ListPodSandbox: (request: {filter: object}) => { filter = request.filter; return {} }})
    await findPods(connection, {id: 'ab', state: 'NotReady', labels: new Map([['a', 'b']])})
    expect(filter).toMatchObject({id: 'ab', state: {state: 1}, labelSelector: new Map([['a', 'b']])})
  })

  test('in a state that is none are not asked for', async () => {
    const connection = await start({ListPodSandbox: () => { throw new Error('asked') }})
    await expect(findPods(connection, {state: 'running'})).rejects.toThrow('--state: "running" is no state.')
  })
})

describe('containers', () => {
  const wanted = async (query: object) => {
    let state: unknown
    const connection = await start({ListContainers: (request: {filter: {state: unknown}}) => { state = request.filter.state; return {} }})
    await findContainers(connection, connection, query)
    runtime?.stop()
    return (state as {state: number} | undefined)?.state
  }

  test('that run are listed, unless all, a state or the newest are wanted', async () => {
    expect(await wanted({})).toBe(ContainerState.CONTAINER_RUNNING)
    expect(await wanted({all: true})).toBeUndefined()
    expect(await wanted({state: 'EXITED', all: true})).toBe(ContainerState.CONTAINER_EXITED)
    expect(await wanted({state: 'exited', latest: true})).toBeUndefined()
    expect(await wanted({last: 3})).toBeUndefined()
    expect(await wanted({last: 0})).toBe(ContainerState.CONTAINER_RUNNING)
  })

  test('of an image are found by any of its names, each name asked for once', async () => {
    const asked: string[] = []
    const connection = await start({
      ListContainers: () => ({containers: [container('a', 1n, {image: {image: 'x:1'}}), container('b', 2n, {image: {image: 'y:1'}}), container('c', 3n, {image: {image: 'x:1'}})]}),
      ImageStatus: ({image}: {image: {image: string}}) => {
        asked.push(image.image)
        return image.image === 'gone' ? {} : {image: {id: image.image === 'y:1' ? 'two' : 'one'}}
      },
    })
    expect(ids(await findContainers(connection, connection, {image: 'one'}))).toBe('c a')
    expect(asked.toSorted()).toEqual(['one', 'x:1', 'y:1'])
    expect(await findContainers(connection, connection, {image: 'gone'})).toEqual([])
  })

  test('are named by the first tag of their image, or as they were', async () => {
    const connection = await start({ImageStatus: ({image}: {image: {image: string}}) => ({image: {id: 'x', repoTags: image.image === 'a' ? ['r/a:1', 'r/a:2'] : []}})})
    expect(await resolveImages(connection, ['a', 'b', 'a'])).toEqual(new Map([['a', 'r/a:1'], ['b', 'b']]))
  })
})

describe('images', () => {
  const IMAGES = [
    {id: 'sha256:3', repoTags: ['r/c:1'], repoDigests: ['r/c@sha256:cc']}, {id: 'sha256:1', repoTags: ['r/a:1'], repoDigests: ['r/a@sha256:aa']},
    {id: 'sha256:2', repoTags: ['r/b:1'], repoDigests: ['r/b@sha256:bb']}, {id: 'sha256:9', repoTags: [], repoDigests: ['r/z@sha256:zz']},
  ]
  test.each([
    [[], 'sha256:1 sha256:2 sha256:3 sha256:9'], [['since=r/b:1'], 'sha256:1'], [['before=r/b:1'], 'sha256:3 sha256:9'], [['since=sha256'], ''], [['dangling=true'], 'sha256:9'],
    [['dangling=false', 'before=r/b@sha256:b'], 'sha256:3'], [['reference=^r/[ab]$'], 'sha256:1 sha256:2'], [['since=a@b'], ''], [['since=nope:1'], 'sha256:1 sha256:2 sha256:3 sha256:9'],
  ])('with filters %j are %s', async (filters, found) => {
    const connection = await start({ListImages: () => ({images: IMAGES})})
    expect(ids(await findImages(connection, {filters}))).toBe(found)
  })

  test('with a filter that is none are not asked for', async () => {
    const connection = await start({ListImages: () => { throw new Error('asked') }})
    await expect(findImages(connection, {filters: ['label=x']})).rejects.toThrow('--filter: "label=x" is no filter.')
  })
})

describe('a streamed list', () => {
  test('is used where the runtime has it, in all its parts', async () => {
    const connection = await start({
      StreamPodSandboxes: (_, send) => { send({podSandboxes: [pod('a', 1n)]}); send({podSandboxes: [pod('b', 2n)]}) },
      ListPodSandbox: () => { throw new Error('asked') },
    })
    expect(ids(await findPods(connection, {}))).toBe('b a')
  })

  test('that is missing is tried once in a connection', async () => {
    let tries = 0
    const connection = await start({
      StreamPodSandboxes: () => { tries++; throw Object.assign(new Error('unknown method'), {code: 12, details: 'unknown method StreamPodSandboxes'}) },
      ListPodSandbox: () => ({items: [pod('a', 1n)]}),
    })
    expect([ids(await findPods(connection, {})), ids(await findPods(connection, {})), tries]).toEqual(['a', 'a', 1])
  })
})
