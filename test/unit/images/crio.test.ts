// SPDX-License-Identifier: Apache-2.0
import {afterEach, expect, test} from 'vitest'
import {moveImages} from '../../../src/images/move-images.ts'
import type {ImageMove} from '../../../src/model/migration/images.ts'
import {liveCri, type LiveCri} from '../app/cri/live-cri.ts'
import {fakeDocker, json, type FakeDocker} from './fake-docker.ts'

const ID = `sha256:${'a'.repeat(64)}`
const architecture = ({x64: 'amd64'} as Record<string, string>)[process.arch] ?? process.arch

let open: readonly {stop(): unknown}[] = []
afterEach(async () => {
  for (const one of open) await one.stop()
  open = []
})

/** A CRI-O that has an image as soon as skopeo was run for it, and a Docker that has all. */
async function world(skopeo: (args: readonly string[]) => void) {
  const there = new Set<string>()
  const cri: LiveCri = await liveCri({ImageStatus: ({image}: {image: {image: string}}) => (there.has(image.image) ? {image: {id: ID}} : {})})
  const docker: FakeDocker = await fakeDocker((path, response) => json(response, path === '/info' ? {} : {Id: ID, RootFS: {Layers: []}, Size: 7, Os: 'linux', Architecture: architecture}))
  open = [docker, cri]
  const ran: (readonly string[])[] = []
  const move: ImageMove = {
    dockerSocket: docker.socket, to: {name: 'cri-o', endpoint: cri.socket}, images: ['shop/web:1'], signal: new AbortController().signal, progress: () => undefined,
    run: async (program, args) => {
      ran.push([program, ...args])
      skopeo(args)
      there.add('shop/web:1')
    },
  }
  return {move, ran, docker}
}

test('images go to CRI-O by skopeo, from the id that Docker has to the name that pods have', async () => {
  const {move, ran, docker} = await world(() => undefined)
  expect(await moveImages(move)).toEqual({images: [{name: 'shop/web:1', state: 'moved', id: ID}], movedBytes: 7, sharedBytes: 0})
  expect(ran).toEqual([['skopeo', 'copy', '--quiet', '--src-daemon-host', `unix://${docker.socket}`, `docker-daemon:${ID}`, 'containers-storage:docker.io/shop/web:1']])
  expect((await moveImages(move)).images).toEqual([{name: 'shop/web:1', state: 'present', id: ID}])
  expect(ran).toHaveLength(1)
})

test('nothing is run for what would be moved', async () => {
  const {move, ran} = await world(() => undefined)
  expect(await moveImages({...move, dryRun: true})).toEqual({images: [{name: 'shop/web:1', state: 'moved', id: ID}], movedBytes: 7, sharedBytes: 0})
  expect(ran).toEqual([])
})

test('without skopeo, or when it fails, the error says what was run', async () => {
  const {move} = await world(() => {
    throw new Error('there is no `skopeo` on this machine')
  })
  await expect(moveImages(move)).rejects.toMatchObject({
    message: 'skopeo could not copy shop/web:1: there is no `skopeo` on this machine.', next: expect.stringMatching(/^Install skopeo.*: skopeo copy --quiet/), exitCode: 1,
  })
})
