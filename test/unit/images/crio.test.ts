// SPDX-License-Identifier: Apache-2.0
import {afterEach, expect, test} from 'vitest'
import {moveImages} from '../../../src/images/move-images.ts'
import {CannotAsk} from '../../../src/model/host.ts'
import type {ImageMove} from '../../../src/model/migration/images.ts'
import {liveCri, type LiveCri} from '../app/cri/live-cri.ts'
import {fakeDocker, json, type FakeDocker} from './fake-docker.ts'

/** as CRI-O has it */
const BARE = 'a'.repeat(64)
const ID = `sha256:${BARE}`
const architecture = ({x64: 'amd64'} as Record<string, string>)[process.arch] ?? process.arch

let open: readonly {stop(): unknown}[] = []
afterEach(async () => {
  for (const one of open) await one.stop()
  open = []
})

const short = (): never => {
  throw Object.assign(new Error(), {code: 2, details: 'short-name "web" did not resolve to an alias'})
}

/** A CRI-O that has an image as soon as skopeo was run for it, and a Docker that has all. */
async function world(skopeo: (args: readonly string[]) => void, {id = BARE, info = {}, asked = () => undefined}: {id?: string; info?: object; asked?: () => void} = {}) {
  const there = new Set<string>()
  const cri: LiveCri = await liveCri({ImageStatus: ({image}: {image: {image: string}}) => {
    asked()
    return there.has(image.image) ? {image: {id}} : {}
  }})
  const docker: FakeDocker = await fakeDocker((path, response) => (path.startsWith('/images/get') ? response.end(`archive of ${path}`) : json(response, path === '/info' ? info : {Id: ID, RootFS: {Layers: []}, Size: 7, Os: 'linux', Architecture: architecture})))
  open = [docker, cri]
  const ran: (readonly string[])[] = []
  const move: ImageMove = {
    dockerSocket: docker.socket, to: {name: 'cri-o', endpoint: cri.socket}, images: ['shop/web:1'], signal: new AbortController().signal, progress: () => undefined,
    spool: async (chunks, use) => {
      let text = ''
      for await (const chunk of chunks) text += Buffer.from(chunk).toString()
      return use(`/var/tmp/${text}`)
    },
    run: async (program, args) => {
      ran.push([program, ...args])
      skopeo(args)
      there.add('shop/web:1').add(BARE)
    },
  }
  return {move, ran}
}

test('images go to CRI-O by skopeo, from the id that Docker has to the name that pods have', async () => {
  const {move, ran} = await world(() => undefined)
  expect(await moveImages(move)).toEqual({images: [{name: 'shop/web:1', state: 'moved', id: ID}], movedBytes: 7, sharedBytes: 0})
  const query = `names=${encodeURIComponent(ID)}`
  expect(ran).toEqual([['skopeo', 'copy', '--quiet', `docker-archive:/var/tmp/archive of /images/get?${query}`, 'containers-storage:docker.io/shop/web:1']])
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
    throw new CannotAsk('unsupported', 'there is no `skopeo` on this machine')
  })
  await expect(moveImages(move)).rejects.toMatchObject({
    message: 'skopeo could not copy shop/web:1: there is no `skopeo` on this machine.', next: expect.stringMatching(/^Install skopeo.*: skopeo copy --quiet/), exitCode: 1,
  })
})

test('an image that is named by its id goes by that, and is asked for as CRI-O writes ids', async () => {
  const {move, ran} = await world(() => undefined)
  expect((await moveImages({...move, images: [ID]})).images).toEqual([{name: ID, state: 'moved', id: ID}])
  expect(ran[0]?.at(-1)).toBe(`containers-storage:@${BARE}`)
})

test('of a Docker that keeps manifests, whose ids are others, any id will do', async () => {
  const info = {DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']]}
  const other = 'b'.repeat(64)
  const {move} = await world(() => undefined, {id: other, info})
  expect((await moveImages(move)).images).toEqual([{name: 'shop/web:1', state: 'moved', id: `sha256:${other}`}])
  expect((await moveImages(move)).images).toEqual([{name: 'shop/web:1', state: 'present', id: `sha256:${other}`}])
})

test('of any other, an image that is not that of Docker was not moved', async () => {
  const {move} = await world(() => undefined, {id: 'b'.repeat(64)})
  await expect(moveImages(move)).rejects.toThrow(`has another image under this name, sha256:${'b'.repeat(64)}`)
}, 15_000)

test('where CRI-O does not know where short names lead, the error says how it would', async () => {
  const {move, ran} = await world(() => undefined, {asked: short})
  await expect(moveImages(move)).rejects.toMatchObject({
    message: expect.stringContaining('CRI-O does not know where a short name leads'), next: expect.stringContaining('unqualified-search-registries = ["docker.io"]'),
  })
  expect(ran).toEqual([])
})
