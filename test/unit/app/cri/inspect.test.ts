// SPDX-License-Identifier: Apache-2.0
import {afterEach, beforeEach, expect, test} from 'vitest'
import {containerDocument} from '../../../../src/app/cri/inspect-containers.ts'
import {imageAnswers} from '../../../../src/app/cri/inspect-images.ts'
import {podDocument} from '../../../../src/app/cri/inspect-pods.ts'
import {runtimeDocument} from '../../../../src/app/cri/runtime-document.ts'
import {StatusResponse} from '../../../../src/cri/gen/runtime/v1/runtime.ts'
import {ContainerStatusResponse, PodSandboxStatusResponse} from '../../../../src/cri/gen/runtime/v1/status.ts'
import {liveCri} from './live-cri.ts'

const before = process.env['TZ']
beforeEach(() => { process.env['TZ'] = 'UTC' })
afterEach(() => {
  if (before === undefined) delete process.env['TZ']
  else process.env['TZ'] = before
})

const NEVER = '0001-01-01T00:00:00Z'
const container = (status: object, info: readonly (readonly [string, string])[] = []) => (
  containerDocument(ContainerStatusResponse.fromPartial({status: status as never, info: new Map(info)})) as {status: Record<string, unknown>} & Record<string, unknown>
)

test('the times of a container are those it has come to', () => {
  const times = (state: number, finishedAt = 3n) => {
    const {createdAt, startedAt, finishedAt: finished} = container({state, createdAt: 1_000_000_000n, startedAt: 2_000_000_000n, finishedAt}).status
    return [createdAt, startedAt, finished]
  }
  expect(times(0)).toEqual(['1970-01-01T00:00:01Z', NEVER, NEVER])
  expect(times(1)).toEqual(['1970-01-01T00:00:01Z', '1970-01-01T00:00:02Z', NEVER])
  expect(times(2)[2]).toBe('1970-01-01T00:00:00.000000003Z')
  expect([times(3)[2], times(3, 0n)[2]]).toEqual(['1970-01-01T00:00:00.000000003Z', NEVER])
})

test('messages that are not set are null, as crictl has them', () => {
  expect(container({}).status).toMatchObject({metadata: null, image: null, resources: null, user: null, labels: {}, mounts: []})
  expect(podDocument(PodSandboxStatusResponse.fromPartial({status: {id: 'x'} as never}))).toMatchObject({status: {id: 'x', metadata: null, network: null, linux: null}})
})

test('what the runtime adds is read as JSON where it is an object, without quotes where it is text', () => {
  const {status: _, ...info} = container({}, [['info', '{"pid": 7, "__proto__": 1}'], ['a', '"text"'], ['b', '[1]'], ['c', '{broken'], ['__proto__', 'x']])
  expect(Object.entries(info)).toEqual([['info', JSON.parse('{"pid": 7, "__proto__": 1}')], ['a', 'text'], ['b', '[1]'], ['c', '{broken'], ['__proto__', 'x']])
})

test('features of a runtime have the names of the protocol, and only those it has', () => {
  const answer = StatusResponse.fromPartial({
    status: {conditions: []} as never, features: {supplementalGroupsPolicy: true} as never,
    runtimeHandlers: [{name: '', features: {recursiveReadOnlyMounts: true} as never}, {name: 'runc', features: undefined}] as never,
    info: new Map([['golang', '"go1.22"']]),
  })
  expect(runtimeDocument(answer)).toEqual({
    status: {conditions: []}, features: {supplemental_groups_policy: true},
    runtimeHandlers: [{features: {recursive_read_only_mounts: true}}, {name: 'runc'}], golang: 'go1.22',
  })
  expect(runtimeDocument(StatusResponse.fromPartial({status: {conditions: []} as never}))).toEqual({status: {conditions: []}})
})

test('an image that is not there is an error, although the runtime answers', async () => {
  const runtime = await liveCri({ImageStatus: () => ({})})
  try {
    await expect(imageAnswers(runtime.connection, ['x:1'], false).next()).rejects.toThrow('The runtime has no image "x:1".')
  } finally {
    runtime.stop()
  }
})
