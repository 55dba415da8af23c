// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import {chainIds, imageOfManifest} from '../../../src/images/documents.ts'
import {sha256} from './fake-store.ts'

const PLATFORM = {os: 'linux', architecture: 'amd64'}
const layer = sha256('layer')
const blob = (digest: string, size = 1) => ({mediaType: 'x/y', digest, size})

/** Documents by their digests, and what reads them. */
function library(...documents: readonly unknown[]) {
  const held = new Map(documents.map((document) => Buffer.from(JSON.stringify(document))).map((bytes) => [sha256(bytes), bytes]))
  return {digests: [...held.keys()], read: async (digest: string) => held.get(digest)}
}

const config = {rootfs: {diff_ids: [sha256('plain')]}}
const configDigest = sha256(JSON.stringify(config))
const manifest = {schemaVersion: 2, config: blob(configDigest), layers: [blob(layer, 7)]}
const manifestDigest = sha256(JSON.stringify(manifest))

test('snapshots are named by all layers below them', () => {
  expect(chainIds(['sha256:a', 'sha256:b', 'sha256:c'])).toEqual(['sha256:a', sha256('sha256:a sha256:b'), sha256(`${sha256('sha256:a sha256:b')} sha256:c`)])
  expect(chainIds([])).toEqual([])
})

describe('an image by the digest of a manifest', () => {
  test('has the layers of the manifest with the names that the configuration has for them', async () => {
    const {read} = library(config, manifest)
    const image = await imageOfManifest(manifestDigest, PLATFORM, read)
    expect(image).toMatchObject({target: {digest: manifestDigest}, config: {digest: configDigest}, layers: [{digest: layer, size: 7, diffId: sha256('plain')}]})
    expect(image.documents.map(({digest}) => digest)).toEqual([configDigest, manifestDigest])
  })

  test('may be an index, which stays what the name stands for and keeps the image of the platform', async () => {
    const index = {manifests: [{...blob(sha256('arm')), platform: {os: 'linux', architecture: 'arm64'}}, {...blob(sha256('not there')), platform: PLATFORM}, {...blob(manifestDigest), platform: PLATFORM}]}
    const {digests, read} = library(index, config, manifest)
    const image = await imageOfManifest(digests[0] ?? '', PLATFORM, read)
    expect(image.target.digest).toBe(digests[0])
    expect(image.documents.at(-1)).toMatchObject({digest: digests[0], keeps: {'m.0': manifestDigest}})
    await expect(imageOfManifest(digests[0] ?? '', {os: 'linux', architecture: 'riscv64'}, read)).rejects.toThrow('nothing for linux/riscv64')
  })

  test.each([
    ['is not there', sha256('x'), []],
    ['has more layers than its configuration', undefined, [{config: blob(configDigest), layers: [blob(layer), blob(layer)]}, config]],
    ['has a configuration that is none', undefined, [{config: blob(sha256('5')), layers: []}, 5]],
    ['refers to a path', undefined, [{config: blob('../../etc/passwd'), layers: []}]],
    ['refers to nothing', undefined, [{__proto__: null, layers: 'x'}]],
    ['is an index without anything', undefined, [{manifests: [null, 5, {platform: PLATFORM, digest: '../x'}]}]],
  ] as const)('that %s is refused', async (_, digest, documents) => {
    const {digests, read} = library(...documents)
    await expect(imageOfManifest(digest ?? digests[0] ?? '', PLATFORM, read)).rejects.toThrow(/^(?!Cannot read)/)
  })

  test('that is other bytes, no JSON or too long is refused', async () => {
    await expect(imageOfManifest(manifestDigest, PLATFORM, async () => Buffer.from('{}'))).rejects.toThrow('is something else')
    const [text, long] = [Buffer.from('{'), Buffer.alloc(5_000_000, 0x20)]
    await expect(imageOfManifest(sha256(text), PLATFORM, async () => text)).rejects.toThrow('no JSON')
    await expect(imageOfManifest(sha256(long), PLATFORM, async () => long)).rejects.toThrow('too long')
  })
})
