// SPDX-License-Identifier: Apache-2.0
import {Readable} from 'node:stream'
import {describe, expect, test} from 'vitest'
import type {DockerImage} from '../../../src/images/docker.ts'
import {moveClassic} from '../../../src/images/classic-archive.ts'
import {archiveOf, fakeStore, imageOf, sha256, streamOf, type FakeStore, type TarFile} from './fake-store.ts'

const hex = (digest: string) => digest.slice('sha256:'.length)
const folder = (letter: string) => letter.repeat(64)
const [base, app, other] = [Buffer.alloc(3000, 1), Buffer.alloc(2000, 2), Buffer.alloc(2000, 3)]
const one = imageOf(base, app)
const two = imageOf(base, other)

/** As Docker up to 24 writes it: shared layers are links, and names say nothing of the content. */
const OLD: readonly TarFile[] = [
  {name: `${folder('a')}/VERSION`, content: Buffer.from('1.0')}, {name: `${folder('a')}/layer.tar`, content: base},
  {name: `${folder('b')}/layer.tar`, content: app},
  {name: `${folder('c')}/layer.tar`, link: `../${folder('a')}/layer.tar`},
  {name: `${folder('d')}/layer.tar`, content: other},
  {name: `${hex(one.image.id)}.json`, content: one.config}, {name: `${hex(two.image.id)}.json`, content: two.config},
  {name: 'manifest.json', content: Buffer.from('[]')}, {name: 'repositories', content: Buffer.from('{}')},
]

/** As Docker writes it from 25 on. */
const NEW: readonly TarFile[] = [
  ...[base, app, other, one.config, two.config].map((content) => ({name: `blobs/sha256/${hex(sha256(content))}`, content})),
  {name: 'index.json', content: Buffer.from('{}')}, {name: 'manifest.json', content: Buffer.from('[]')}, {name: 'oci-layout', content: Buffer.from('{}')},
]

async function moved(store: FakeStore, images: readonly DockerImage[], ...archives: readonly (readonly TarFile[])[]) {
  const rest = [...archives]
  const done: string[] = []
  await moveClassic(images, store.work, store.unpacker, async () => streamOf(await archiveOf(rest.shift() ?? [])), async ({id}) => void done.push(id))
  return {done, unread: rest.length}
}

describe.each([['up to 24', OLD], ['from 25 on', NEW]])('an archive of Docker %s', (_, files) => {
  test('becomes images whose layers were written and unpacked once', async () => {
    const store = fakeStore()
    expect((await moved(store, [one.image, two.image], files)).done.toSorted()).toEqual([one.image.id, two.image.id].toSorted())
    expect(store.sent.toSorted((a, b) => a - b)).toEqual([2000, 2000, 3000])
    expect(store.unpacked.toSorted()).toEqual([base, app, other].map(sha256).toSorted())
    expect(store.unpacked[0]).toBe(sha256(base))
  })

  test('keeps its layers and snapshots by labels of its documents', async () => {
    const store = fakeStore()
    await moved(store, [one.image], files)
    const top = sha256(`${sha256(base)} ${sha256(app)}`)
    expect(store.labels.get(one.image.id)).toEqual({'containerd.io/gc.ref.snapshot.overlayfs': top})
    const manifest = [...store.blobs.values()].map((bytes) => bytes.toString()).find((text) => text.startsWith('{"schemaVersion"')) ?? ''
    expect(store.labels.get(sha256(manifest))).toEqual({
      'containerd.io/gc.ref.content.config': one.image.id, 'containerd.io/gc.ref.content.l.0': sha256(base), 'containerd.io/gc.ref.content.l.1': sha256(app),
    })
    expect(JSON.parse(manifest)).toMatchObject({config: {digest: one.image.id, size: one.config.length}, layers: [{digest: sha256(base), size: 3000}, {digest: sha256(app), size: 2000}]})
  })

  test('is not written where containerd has the layers, and not asked for where it has all', async () => {
    const store = fakeStore()
    store.blobs.set(sha256(base), base)
    await moved(store, [one.image], files)
    expect(store.sent).toEqual([2000])
    expect(await moved(store, [one.image], files)).toEqual({done: [one.image.id], unread: 1})
  })

  test('that lacks a layer, breaks off or is none gives an error and no image', async () => {
    const lacking = files.filter(({content}) => content !== app)
    await expect(moved(fakeStore(), [one.image], lacking)).rejects.toThrow(`the archive lacks ${sha256(app)}`)
    const whole = await archiveOf(files)
    for (const bytes of [whole.subarray(0, 5000), Buffer.alloc(5000, 7), Buffer.concat([whole.subarray(0, 1024), Buffer.from('{"message": "no space left on device"}')])]) {
      const done: unknown[] = []
      const store = fakeStore()
      await expect(moveClassic([one.image], store.work, store.unpacker, async () => streamOf(bytes), async (image) => void done.push(image))).rejects.toThrow()
      expect(done).toEqual([])
    }
  })
})

test('an archive is left as soon as all that is needed has come', async () => {
  const store = fakeStore()
  const archive = await archiveOf([...NEW.slice(0, 2), ...NEW.slice(3, 4), {name: 'manifest.json', content: Buffer.alloc(1_000_000)}])
  let read = 0
  const stream = Readable.from((function* () {
    for (let at = 0; at < archive.length; at += 1000) {
      read += 1000
      yield archive.subarray(at, at + 1000)
    }
  })(), {objectMode: false})
  await moveClassic([one.image], store.work, store.unpacker, async () => stream, async () => undefined)
  expect([read < archive.length / 2, stream.destroyed]).toEqual([true, true])
})

test('a large layer that has the size of another is found when the archive is read once more', async () => {
  const [large, same] = [Buffer.alloc(17 * 1024 * 1024, 1), Buffer.alloc(17 * 1024 * 1024, 2)]
  const image = imageOf(large, same)
  const files: readonly TarFile[] = [
    {name: `${folder('a')}/layer.tar`, content: large}, {name: `${folder('b')}/layer.tar`, content: same}, {name: `${hex(image.image.id)}.json`, content: image.config},
  ]
  const store = fakeStore()
  expect(await moved(store, [image.image], files, files)).toEqual({done: [image.image.id], unread: 0})
  expect(store.sent).toEqual([large.length, same.length])
})

describe('what is hostile in an archive', () => {
  const evil = Buffer.from('evil')

  test('is not looked at: other names, links, paths that lead elsewhere, documents that lie', async () => {
    const store = fakeStore()
    const added: readonly TarFile[] = [
      {name: `../../${folder('e')}/layer.tar`, content: evil}, {name: `/${folder('e')}/layer.tar`, content: evil}, {name: `${folder('f')}/layer.tar`, link: '/etc/shadow'},
      {name: 'blobs/sha256/../../x', content: evil}, {name: 'manifest.json', content: Buffer.alloc(6_000_000, 0x5b)},
    ]
    expect((await moved(store, [one.image], [...added, ...NEW])).done).toEqual([one.image.id])
    expect([...store.blobs.values()].some((bytes) => bytes.equals(evil))).toBe(false)
  })

  test('is refused where it stands for something: another configuration, another layer, one too large', async () => {
    const named = (digest: string, content: Buffer) => ({name: `blobs/sha256/${hex(digest)}`, content})
    await expect(moved(fakeStore(), [one.image], [named(one.image.id, evil)])).rejects.toThrow('is something else')
    await expect(moved(fakeStore(), [one.image], [named(sha256(app), evil)])).rejects.toThrow('digest')
    await expect(moved(fakeStore(), [one.image], [named(one.image.id, Buffer.alloc(5_000_000))])).rejects.toThrow('more than')
    const lying = {...one.image, layers: [sha256(app), sha256(base)]}
    await expect(moved(fakeStore(), [lying], NEW)).rejects.toThrow('other layers than Docker does')
  })

  test('fails where containerd unpacks something else than Docker had', async () => {
    const store = fakeStore()
    Object.assign(store.work.store, {apply: async () => sha256('other')})
    await expect(moved(store, [one.image], NEW)).rejects.toThrow('was unpacked as')
    expect(store.snapshots.size).toBe(0)
  })
})
