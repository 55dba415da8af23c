// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {ArchiveNames} from '../../../../src/app/cri/image-archive-names.ts'
import {canBeTag, wholeImageName} from '../../../../src/images/image-name.ts'
import {tar} from './tar.ts'

const index = (...names: readonly string[]) => JSON.stringify({manifests: names.map((name) => ({annotations: {'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': 'latest'}}))})
const manifest = (...tags: readonly string[]) => JSON.stringify([{Config: 'x', RepoTags: tags}, {RepoTags: null}])

function read(bytes: Buffer, cut = bytes.length) {
  const names = new ArchiveNames()
  for (let start = 0; start < bytes.length; start += cut) names.push(bytes.subarray(start, start + cut))
  return names
}

describe('the whole name of an image', () => {
  test.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1', 'docker.io/library/busybox:1'],
    ['lab/busybox', 'docker.io/lab/busybox:latest'],
    ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['registry.k8s.io/pause:3.9', 'registry.k8s.io/pause:3.9'],
    ['localhost.test/app', 'localhost.test/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['host:5000/a/b:1', 'host:5000/a/b:1'],
    ['app@sha256:00', 'docker.io/library/app@sha256:00'],
  ])('of %s is %s', (name, whole) => expect(wholeImageName(name)).toBe(whole))

  test('stays what it is', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z0-9]{1,5}([./:-][a-z0-9]{1,5}){0,4}$/), (name) => {
      expect(wholeImageName(wholeImageName(name))).toBe(wholeImageName(name))
    }))
  })
})

describe('a new name', () => {
  test.each(['app', 'app:1', 'lab/app', 'Host.example:5000/lab/app__x:V1'])('may be %s', (name) => expect(canBeTag(name)).toBe(true))
  test.each(['', 'App', 'a b', 'app@sha256:00', 'app:', '-app', 'a//b', 'app:x/y:', '../x', '--force'])('may not be "%s"', (name) => expect(canBeTag(name)).toBe(false))
})

describe('the names in an archive', () => {
  test('are those of docker save, whole', () => {
    const names = read(tar({'abc/layer.tar': 'x'.repeat(5000), 'manifest.json': manifest('busybox:1', 'lab/app:2')}))
    expect(names.names()).toEqual(['docker.io/library/busybox:1', 'docker.io/lab/app:2'])
    expect([names.isTar, names.isWhole]).toEqual([true, true])
  })

  test('are those of containerd, once where both lists have them', () => {
    const names = read(tar({'./index.json': index('docker.io/library/busybox:1'), 'manifest.json': manifest('busybox:1')}))
    expect(names.names()).toEqual(['docker.io/library/busybox:1'])
  })

  test('are none where there is only a tag, a list that is no list, or broken JSON', () => {
    const bare = JSON.stringify({manifests: [{annotations: {'org.opencontainers.image.ref.name': 'v1'}}, null, 5]})
    expect(read(tar({'index.json': bare, 'manifest.json': '{"__proto__": 1}'})).names()).toEqual([])
    expect(read(tar({'index.json': '[', 'manifest.json': '[{"RepoTags": [5, null]}]'})).names()).toEqual([])
  })

  test('are the same however the bytes are cut', () => {
    const bytes = tar({a: 'x'.repeat(700), 'index.json': index('docker.io/a/b:1'), 'manifest.json': manifest('c:2')})
    fc.assert(fc.property(fc.integer({min: 1, max: 2000}), (cut) => {
      const names = read(bytes, cut)
      expect([names.names(), names.isWhole]).toEqual([['docker.io/a/b:1', 'docker.io/library/c:2'], true])
    }), {numRuns: 50})
  })

  test('tell what is no tar file, and one that was cut off', () => {
    expect(read(Buffer.from('x'.repeat(2000))).isTar).toBe(false)
    const bytes = tar({a: 'x'.repeat(700)})
    expect([read(bytes.subarray(0, 900)).isTar, read(bytes.subarray(0, 900)).isWhole]).toEqual([true, false])
  })

  test('come out of no bytes whatever as an error', () => {
    fc.assert(fc.property(fc.uint8Array({maxLength: 3000}), (noise) => {
      const header = tar({'manifest.json': 'x'}).subarray(0, 512)
      read(Buffer.concat([header, noise])).names()
    }))
  })
})

describe('where skopeo finds an image', () => {
  const layout = (...annotations: readonly object[]) => tar({'index.json': JSON.stringify({manifests: annotations.map((one) => ({annotations: one}))})})
  const REF = 'org.opencontainers.image.ref.name'
  const NAME = 'io.containerd.image.name'

  test('is the list of Docker, where there is one', () => {
    const both = tar({'index.json': index('docker.io/library/app:1', 'docker.io/library/more:1'), 'manifest.json': manifest('app:1', 'more:1')})
    expect(read(both).images()).toEqual(['app:1', 'more:1'].map((tag) => ({name: `docker.io/library/${tag}`, transport: 'docker-archive', reference: `docker.io/library/${tag}`})))
  })

  test.each([
    ['alone: by no reference', [{[REF]: 'host.test/app:1'}], [['host.test/app:1', undefined]]],
    ['alone with a name of containerd', [{[NAME]: 'host.test/app:1', [REF]: '1'}], [['host.test/app:1', undefined]]],
    ['among others: by its own', [{[REF]: 'host.test/a:1'}, {[REF]: 'host.test/b:1'}], [['host.test/a:1', 'host.test/a:1'], ['host.test/b:1', 'host.test/b:1']]],
    ['among others with the same: skopeo refuses', [{[NAME]: 'host.test/a:1', [REF]: '1'}, {[NAME]: 'host.test/b:1', [REF]: '1'}], [['host.test/a:1', undefined], ['host.test/b:1', undefined]]],
    ['of a bare tag: nowhere', [{[REF]: '1'}], []],
  ] as const)('in an OCI layout, %s', (_, annotations, images) => {
    expect(read(layout(...annotations)).images()).toEqual(images.map(([name, reference]) => ({name, transport: 'oci-archive', reference})))
  })
})
