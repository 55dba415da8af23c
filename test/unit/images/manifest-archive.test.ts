// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {moveWithManifests} from '../../../src/images/manifest-archive.ts'
import {archiveOf, fakeStore, imageOf, sha256, streamOf, type FakeStore, type TarFile} from './fake-store.ts'

const PLATFORM = {os: 'linux', architecture: 'amd64'}
const [base, app] = [Buffer.alloc(3000, 1), Buffer.alloc(2000, 2)]
const {config} = imageOf(base, app)
const ref = (content: Uint8Array) => ({mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256(content), size: content.length})
const bytesOf = (document: unknown) => Buffer.from(JSON.stringify(document))
const file = (content: Uint8Array): TarFile => ({name: `blobs/sha256/${sha256(content).slice('sha256:'.length)}`, content})

const manifest = bytesOf({schemaVersion: 2, config: ref(config), layers: [ref(base), ref(app)]})
/** For two platforms, of which Docker has one: the archive lacks the blobs of the other. */
const index = bytesOf({schemaVersion: 2, manifests: [{...ref(Buffer.from('arm')), platform: {os: 'linux', architecture: 'arm64'}}, {...ref(manifest), platform: PLATFORM}]})

async function moved(store: FakeStore, id: string, files: readonly TarFile[], platform = PLATFORM): Promise<readonly string[]> {
  const done: string[] = []
  const image = {id, layers: [], size: 1, ...PLATFORM, tags: []}
  await moveWithManifests([image], platform, store.work, store.unpacker, async () => streamOf(await archiveOf(files)), async (_, {target}) => void done.push(target.digest))
  return done
}

test('an index stays what the image is called by, and needs the blobs of this platform only', async () => {
  const store = fakeStore()
  expect(await moved(store, sha256(index), [file(base), file(index), file(app), file(manifest), file(config)])).toEqual([sha256(index)])
  expect(store.sent).toEqual([3000, 2000])
  expect(store.labels.get(sha256(index))).toEqual({'containerd.io/gc.ref.content.m.0': sha256(manifest)})
  expect(store.unpacked).toEqual([sha256(base), sha256(app)])
})

test('layers that containerd has are not written', async () => {
  const store = fakeStore()
  store.blobs.set(sha256(base), base)
  await moved(store, sha256(manifest), [file(base), file(app), file(manifest), file(config)])
  expect(store.sent).toEqual([2000])
})

test.each([
  ['of another platform', sha256(index), [index, manifest, config, base, app], {os: 'linux', architecture: 's390x'}, 'nothing for linux/s390x'],
  ['without a layer', sha256(manifest), [manifest, config, base], PLATFORM, `lacks layer ${sha256(app)}`],
  ['without its configuration', sha256(manifest), [manifest, base, app], PLATFORM, `has no ${sha256(config)}`],
  ['that is not in the archive', sha256('x'), [manifest], PLATFORM, `has no ${sha256('x')}`],
] as const)('an image %s is refused, and gets no name', async (_, id, contents, platform, words) => {
  await expect(moved(fakeStore(), id, contents.map(file), platform)).rejects.toThrow(words)
})

test('a document that is not what its name says is refused', async () => {
  await expect(moved(fakeStore(), sha256(manifest), [{...file(manifest), content: bytesOf({evil: true})}])).rejects.toThrow('is something else')
})
