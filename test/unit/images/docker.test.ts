// SPDX-License-Identifier: Apache-2.0
import type {ServerResponse} from 'node:http'
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, describe, expect, test} from 'vitest'
import {DockerImages} from '../../../src/images/docker.ts'
import {UserError} from '../../../src/model/user-error.ts'
import {fakeDocker, json, type FakeDocker} from './fake-docker.ts'

const ID = `sha256:${'a'.repeat(64)}`
const LAYER = `sha256:${'b'.repeat(64)}`

let docker: FakeDocker | undefined
afterEach(async () => {
  await docker?.stop()
  docker = undefined
})

async function images(answer: (path: string, response: ServerResponse) => void, signal = new AbortController().signal): Promise<DockerImages> {
  docker = await fakeDocker(answer)
  return new DockerImages(docker.socket, signal)
}

async function problemOf(promise: Promise<unknown>): Promise<readonly [message: string, next: string, exitCode: number]> {
  const error: unknown = await promise.then(() => undefined, (reason: unknown) => reason)
  if (!(error instanceof UserError)) throw new Error('no error for the user', {cause: error})
  return [error.message, error.next, error.exitCode]
}

describe('what Docker says of images', () => {
  test('is read: names, an image, the sizes of its steps, the kind of its store', async () => {
    const asked = await images((path, response) => {
      if (path === '/images/json') json(response, [{RepoTags: ['a:1', 'b:2']}, {RepoTags: ['<none>:<none>'], RepoDigests: [`c@${ID}`]}, {RepoTags: null, RepoDigests: null}])
      else if (path === '/info') json(response, {DriverStatus: [['Backing Filesystem', 'extfs'], ['driver-type', 'io.containerd.snapshotter.v1']]})
      else if (path.endsWith('/history')) json(response, [{Size: 5}, {Size: 0}, {Size: 7}])
      else json(response, {Id: ID, RootFS: {Layers: [LAYER]}, Size: 12, Os: 'linux', Architecture: 'amd64', RepoTags: ['a:1', '<none>:<none>']})
    })
    expect(await asked.names()).toEqual(['a:1', 'b:2', `c@${ID}`])
    expect(await asked.keepsManifests()).toBe(true)
    expect(await asked.find('registry.test:5000/a/b:1')).toEqual({id: ID, layers: [LAYER], size: 12, os: 'linux', architecture: 'amd64', tags: ['a:1']})
    expect(await asked.stepSizes(ID)).toEqual([7, 0, 5])
    expect(docker?.asked).toContain('/images/registry.test%3A5000/a/b%3A1/json')
  })

  test('may be that there is none', async () => {
    expect(await (await images((_, response) => json(response, {message: 'No such image'}, 404))).find('a')).toBeUndefined()
  })

  test.each([
    ['no JSON', (response: ServerResponse) => response.end('<html>')],
    ['an image without an id', (response: ServerResponse) => json(response, {RootFS: {Layers: []}})],
    ['layers that are paths', (response: ServerResponse) => json(response, {Id: ID, RootFS: {Layers: ['../../x']}})],
    ['a list', (response: ServerResponse) => json(response, [])],
    ['null', (response: ServerResponse) => json(response, null)],
  ] as const)('is refused when it is %s', async (_, answer) => {
    const asked = await images((__, response) => answer(response))
    expect((await problemOf(asked.find('a')))[0]).toContain('gives no Docker Engine\'s answer')
  })

  test('is of the wrong types, or under keys that all objects have, and counts as not there', async () => {
    const asked = await images((path, response) => json(response, path === '/images/json' ? {constructor: 1} : path === '/info' ? {DriverStatus: 'driver-type'} : [{Size: -5}, {Size: '7'}, null]))
    expect([await asked.names(), await asked.keepsManifests(), await asked.stepSizes(ID)]).toEqual([[], false, [0, 0, 0]])
  })
})

describe('a failure of Docker', () => {
  test('is told in its words', async () => {
    const asked = await images((_, response) => json(response, {message: 'no space left on device'}, 500))
    expect(await problemOf(asked.export([ID], undefined))).toEqual(['Docker refused with status 500: no space left on device.', expect.any(String), 1])
  })

  test('in the middle of an answer is one', async () => {
    const asked = await images((_, response) => {
      response.writeHead(200, {'content-length': '100'}).write('{')
      setImmediate(() => response.destroy())
    })
    expect((await problemOf(asked.names()))[0]).toContain('broke')
  })

  test('that there is no socket, a directory or nobody is told with what to do', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rtctl-docker-'))
    try {
      mkdirSync(join(folder, 'directory'))
      const {signal} = new AbortController()
      expect(await problemOf(new DockerImages(join(folder, 'none'), signal).names())).toEqual([expect.stringContaining('There is no socket'), expect.stringContaining('--docker-socket'), 1])
      expect((await problemOf(new DockerImages(join(folder, 'directory'), signal).names()))[0]).toContain('is a directory')
    } finally {
      rmSync(folder, {recursive: true})
    }
  })

  test('to answer ends with the signal', async () => {
    const controller = new AbortController()
    const asked = await images(() => controller.abort(new Error('enough')), controller.signal)
    await expect(asked.names()).rejects.toThrow('enough')
  })
})

test('an archive is asked for by ids, for one platform where Docker has several', async () => {
  const asked = await images((_, response) => response.end('tar'))
  await asked.export([ID, LAYER], undefined)
  await asked.export([ID], {os: 'linux', architecture: 'arm64'})
  const [first = '', second = ''] = docker?.asked ?? []
  expect(new URL(first, 'http://d').searchParams.getAll('names')).toEqual([ID, LAYER])
  expect(JSON.parse(new URL(second, 'http://d').searchParams.get('platform') ?? '')).toEqual({os: 'linux', architecture: 'arm64'})
})
