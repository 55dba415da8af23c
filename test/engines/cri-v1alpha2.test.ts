// SPDX-License-Identifier: Apache-2.0
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {image, writePod} from './harness/configs.ts'
import {sandboxIds} from './harness/cri-calls.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {withoutV1, type OldCri} from './harness/old-cri.ts'
import {criOf, type Cri} from './harness/rtctl.ts'
import {withEngines} from './harness/suite.ts'
import {truthOf} from './harness/truth.ts'

interface World {
  readonly engines: Engines
  readonly old: OldCri
  readonly cri: Cri
}

const stops: (() => Promise<void>)[] = []

const world = withEngines<World>(async started => {
  const engines = started(await startEngines('bookworm', {docker: false, cri: true}))
  const socket = join(engines.directory, 'old.sock')
  const old = await withoutV1(engines.containerdSocket, socket)
  stops.push(old.stop)
  return {engines, old, cri: criOf(engines, socket)}
})

afterAll(async () => {
  for (const stop of stops) await stop()
})

test('a runtime that has only v1alpha2 is spoken to in v1alpha2', async () => {
  const {cri} = world()
  expect(JSON.parse(await cri.ok('version', '--json'))).toMatchObject({runtimeName: 'containerd', runtimeApiVersion: 'v1alpha2'})
})

test('a pod and a container go through their lives in v1alpha2, and containerd agrees at each step', async () => {
  const {engines, cri, old} = world()
  const state = async (id: string) => (await truthOf(engines)).find(container => container.id === id)?.state
  const files = writePod(engines, 'old')
  const command = ['sh', '-c', 'echo first; echo second; sleep 1000']

  const podId = await cri.ok('runp', files.pod)
  expect(await state(podId)).toBe('running')
  const id = await cri.ok('create', podId, files.container('main', {command}), files.pod)
  expect(await cri.ok('start', id)).toBe(id)
  expect(await state(id)).toBe('running')

  expect(JSON.parse(await cri.ok('ps', '-o', 'json'))).toMatchObject({containers: [{id, podSandboxId: podId, state: 'CONTAINER_RUNNING'}]})
  expect(JSON.parse(await cri.ok('pods', '-o', 'json'))).toMatchObject({items: [{id: podId, state: 'SANDBOX_READY', metadata: {name: 'old'}}]})
  expect(JSON.parse(await cri.ok('inspect', id))).toMatchObject({status: {id, state: 'CONTAINER_RUNNING', image: {image}}})
  expect(JSON.parse(await cri.ok('inspectp', podId))).toMatchObject({status: {id: podId, state: 'SANDBOX_READY'}})
  expect(JSON.parse(await cri.ok('inspecti', image))).toMatchObject({status: {repoTags: [image]}})
  expect(await cri.ok('images', '-q')).not.toBe('')
  expect(JSON.parse(await cri.ok('stats', '-o', 'json', id))).toMatchObject({stats: [{attributes: {id}}]})

  expect(await cri.fed('', 'exec', id, 'sh', '-c', 'echo out; exit 7')).toMatchObject({status: 7, stdout: 'out\n'})
  expect(await cri.fed('', 'exec', '--sync', id, 'sh', '-c', 'exit 7')).toMatchObject({status: 7})
  expect(await cri.fed('fed', 'exec', '-i', id, 'cat')).toMatchObject({status: 0, stdout: 'fed'})
  expect(await cri.ok('logs', '--tail', '1', id)).toBe('second')

  expect(await cri.ok('update', '--cpu-share', '512', id)).toBe(id)
  expect(await cri.ok('stop', id)).toBe(id)
  expect(await state(id)).toBe('exited')
  expect(await cri.ok('rm', id)).toBe(id)
  expect(await state(id)).toBeUndefined()
  expect(await cri.ok('stopp', podId)).toBe(`Stopped sandbox ${podId}`)
  expect(await cri.ok('rmp', podId)).toBe(`Removed sandbox ${podId}`)
  expect(await sandboxIds(engines.containerdSocket)).toEqual([])
  expect(old.passed).toEqual(expect.arrayContaining(['RuntimeService/RunPodSandbox', 'RuntimeService/Exec', 'ImageService/ListImages']))
})

test('events, which v1alpha2 does not have, is refused with a sentence', async () => {
  const {status, stdout, stderr} = await world().cri('events')
  expect({status, stdout}).toEqual({status: 1, stdout: ''})
  expect(stderr).toContain('old.sock')
})
