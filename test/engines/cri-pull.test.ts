// SPDX-License-Identifier: Apache-2.0
import {randomBytes} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {imageStatus} from './harness/cri-calls.ts'
import {type Engines, startEngines} from './harness/engines.ts'
import {writeImages} from './harness/images.ts'
import {packages} from './harness/packages.ts'
import {type RegistryUser, startRegistry} from './harness/registry.ts'
import {criOf} from './harness/rtctl.ts'
import {withEngines} from './harness/suite.ts'

const NAME = 'rtctl-test/pulled'

/** A registry with one image, by its tag and by its digest. No engine has its layer: what follows a program's end does not matter. */
async function registryFor({directory}: Engines, user?: RegistryUser) {
  const [archive, busybox] = [join(directory, 'pulled.tar'), join(directory, 'pulled-busybox')]
  writeFileSync(busybox, Buffer.concat([readFileSync((await packages()).program('bookworm', 'busybox')), randomBytes(16)]))
  writeImages(busybox, archive, [{tag: `${NAME}:1`, config: {Cmd: ['sh']}}])
  const registry = await startRegistry(archive, user)
  return {registry, tagged: `${registry.host}/${NAME}:1`, pinned: `${registry.host}/${NAME}@${registry.digests.get(NAME)}`}
}

describe.each(['bookworm', 'trixie', 'forky'] as const)('rtctl cri pull with the containerd of %s', (suite) => {
  const engines = withEngines<Engines>(async (started) => started(await startEngines(suite, {docker: false, cri: true})))

  test('pulls by tag and by digest, and removes again', async () => {
    const cri = criOf(engines())
    const {registry, tagged, pinned} = await registryFor(engines())
    try {
      expect(await cri.ok('pull', tagged)).toMatch(/^Image is up to date for sha256:[0-9a-f]{64}$/)
      expect(await imageStatus(engines().containerdSocket, tagged)).toBeDefined()
      expect(registry.asked().filter(({path, status}) => path.includes('/blobs/') && status === 200)).not.toHaveLength(0)
      expect(await cri.ok('images')).toContain(`${registry.host}/${NAME}`)
      expect(await cri.ok('rmi', tagged)).toBe(`Deleted: ${tagged}`)
      expect(await cri.ok('pull', pinned)).toContain('Image is up to date for ')
      expect(await cri.ok('rmi', pinned)).toBe(`Deleted: ${pinned}`)
    } finally {
      await registry.stop()
    }
  })

  test('is who the flags say, and says when the registry does not believe it', async () => {
    const cri = criOf(engines())
    const {registry, tagged} = await registryFor(engines(), {name: 'ci', password: 'a secret'})
    try {
      const nobody = await cri('pull', tagged)
      expect([nobody.status, nobody.stdout]).toEqual([1, ''])
      const wrong = await cri('pull', '--creds', 'ci:guess', tagged)
      expect(wrong.status).toBe(1)
      expect(wrong.stderr).not.toContain('guess')
      expect(await cri.ok('pull', '--auth', Buffer.from('ci:a secret').toString('base64'), tagged)).toContain('Image is up to date for ')
      await cri.ok('rmi', tagged)
      expect(await cri.ok('pull', '--creds', 'ci:a secret', tagged)).toContain('Image is up to date for ')
      await cri.ok('rmi', tagged)
    } finally {
      await registry.stop()
    }
  })

  test('fails when the registry breaks off, and leaves no image', async () => {
    const cri = criOf(engines())
    const {registry, tagged} = await registryFor(engines())
    registry.serveLayers('altered')
    try {
      const {status, stdout, stderr} = await cri('pull', '--pull-timeout', '20s', tagged)
      expect([status, stdout]).toEqual([1, ''])
      expect(stderr).toContain(tagged)
      expect(await imageStatus(engines().containerdSocket, tagged)).toBeUndefined()
    } finally {
      await registry.stop()
    }
  })
})
