// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {DockerImage, DockerImages} from '../../../src/images/docker.ts'
import type {ImageName} from '../../../src/images/image-name.ts'
import type {RuntimeImages} from '../../../src/images/runtime.ts'
import {tasksFor} from '../../../src/images/tasks.ts'

const id = (letter: string) => `sha256:${letter.repeat(64)}`
const PLATFORM = {os: 'linux', architecture: 'amd64'}
const image = (letter: string, tags: readonly string[] = []): DockerImage => ({id: id(letter), layers: [], size: 1, ...PLATFORM, tags})

/** @param images Docker's by whole name, and ids of those that the runtime has by the name that it is asked for */
async function tasks(names: readonly string[] | undefined, images: Readonly<Record<string, DockerImage>>, there: Readonly<Record<string, string>> = {}, manifests = false) {
  const docker = {names: async () => Object.keys(images), find: async (name: string) => images[name]} as unknown as DockerImages
  const runtime = {idOf: async ({given}: ImageName) => there[given]} as unknown as RuntimeImages
  const {decided, tasks: found} = await tasksFor({...(names !== undefined && {images: names})}, docker, runtime, {manifests, platform: PLATFORM})
  return {decided, tasks: Object.fromEntries(found.map(({image: one, names: all}) => [one.id, all.map(({whole}) => whole)]))}
}

describe('what is to be moved', () => {
  test('is an image once, with all names that pods have for it', async () => {
    const images = {'docker.io/library/web:1': image('a'), 'docker.io/library/web:latest': image('a')}
    expect(await tasks(['web:1', 'web', 'web:1'], images)).toEqual({decided: [], tasks: {[id('a')]: ['docker.io/library/web:1', 'docker.io/library/web:latest']}})
  })

  test('is everything that Docker has a name for where none is given', async () => {
    expect((await tasks(undefined, {'docker.io/library/web:1': image('a'), 'docker.io/library/db:1': image('b')})).tasks).toEqual({[id('a')]: ['docker.io/library/web:1'], [id('b')]: ['docker.io/library/db:1']})
  })

  test('is not what is there, and it is said where Docker has another under the name', async () => {
    const images = {'docker.io/library/web:1': image('a'), 'docker.io/library/db:1': image('b')}
    const {decided, tasks: found} = await tasks(['web:1', 'db:1'], images, {'web:1': id('a'), 'db:1': id('c')})
    expect([decided, found]).toEqual([[{name: 'web:1', state: 'present', id: id('a')}, {name: 'db:1', state: 'present', id: id('c'), dockerId: id('b')}], {}])
  })

  test('by an id is the image with its names as well', async () => {
    const images = {[id('a')]: image('a', ['web:1']), 'docker.io/library/web:1': image('a', ['web:1'])}
    expect((await tasks([id('a')], images)).tasks).toEqual({[id('a')]: [id('a'), 'docker.io/library/web:1']})
  })
})

describe('an image that is named by a digest', () => {
  const pinned = `web@${id('d')}`
  const images = {[`docker.io/library/${pinned}`]: image('a', ['web:1']), 'docker.io/library/web:1': image('a', ['web:1'])}

  test('goes over by its tags, and has to be pulled by its digest', async () => {
    const {decided, tasks: found} = await tasks([pinned], images)
    expect(decided).toEqual([{name: pinned, state: 'digest', reason: expect.stringContaining(`goes over as web:1. A pod that names the digest has to pull it: rtctl cri pull ${pinned}`)}])
    expect(found).toEqual({[id('a')]: ['docker.io/library/web:1']})
  })

  test('is moved by a Docker that keeps manifests, unless it is of another one', async () => {
    expect((await tasks([pinned], {[`docker.io/library/${pinned}`]: image('d')}, {}, true)).tasks).toEqual({[id('d')]: [`docker.io/library/${pinned}`]})
    expect((await tasks([pinned], images, {}, true)).decided).toMatchObject([{state: 'digest'}])
  })
})
