// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {mkdirSync, readFileSync, readdirSync} from 'node:fs'
import {basename, join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {writePod} from './harness/configs.ts'
import {imageStatus} from './harness/cri-calls.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {writeImages} from './harness/images.ts'
import {packages, suites} from './harness/packages.ts'
import {criOf, type Cri} from './harness/rtctl.ts'
import {outputOf} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'

interface World {
  readonly engines: Engines
  readonly cri: Cri
  readonly socket: string
  /** an archive with an image that the engine does not have yet */
  readonly archive: string
  /** digest of that image's configuration, from the archive itself */
  readonly id: string
}

const NAME = 'rtctl-test/moved:1'
const WHOLE = `docker.io/${NAME}`
const OTHER = 'registry.test/again:2'

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe.each(suites)('images of containerd (%s)', suite => {
  const world = withEngines<World>(async started => {
    const engines = started(await startEngines(suite, {docker: false, cri: true}))
    const archive = join(engines.directory, 'moved.tar')
    writeImages((await packages()).program(suite, 'busybox'), archive, [{tag: NAME, config: {Cmd: ['sh'], Env: ['MOVED=yes']}}])
    const [manifest] = JSON.parse(await outputOf('tar', ['-xOf', archive, 'manifest.json'])) as [{readonly Config: string}]
    return {engines, cri: criOf(engines), socket: engines.containerdSocket, archive, id: `sha256:${basename(manifest.Config, '.json')}`}
  })

  test('go the round of load, tag, save, rmi and load without a changed byte', async () => {
    const {engines, cri, socket, archive, id} = world()
    expect(await imageStatus(socket, NAME)).toBeUndefined()
    expect(await cri.ok('images', 'load', archive)).toBe(WHOLE)
    expect(await imageStatus(socket, NAME)).toMatchObject({id, tags: [WHOLE]})

    expect(await cri.ok('images', 'tag', NAME, OTHER)).toBe(OTHER)
    expect(await imageStatus(socket, OTHER)).toMatchObject({id})
    expect(JSON.parse(await cri.ok('inspecti', OTHER))).toMatchObject({status: {id, repoTags: expect.arrayContaining([WHOLE, OTHER])}})

    const saved = join(engines.directory, 'saved.tar')
    expect(await cri.ok('images', 'save', NAME, OTHER, '--output', saved)).toBe('')
    expect(await wrongBlobs(engines, saved)).toEqual([])

    const removed = await cri.ok('rmi', NAME)
    expect(removed).toContain(`Deleted: ${WHOLE}`)
    expect([await imageStatus(socket, NAME), await imageStatus(socket, OTHER), await imageStatus(socket, id)]).toEqual([undefined, undefined, undefined])
    expect(await engines.ctr('k8s.io', 'images', 'ls', '-q')).not.toMatch(/moved|again/)

    expect((await cri.ok('images', 'load', saved)).split('\n').toSorted()).toEqual([WHOLE, OTHER])
    expect(await imageStatus(socket, NAME)).toMatchObject({id})
    expect(await imageStatus(socket, OTHER)).toMatchObject({id})
  })

  test('go through a pipe, and containers run from them', async () => {
    const {engines, cri, socket, id} = world()
    await cri.ok('images', 'load', world().archive)
    const saved = await cri.fed('', 'images', 'save', id)
    expect(saved.status, saved.stderr).toBe(0)
    await cri.ok('rmi', id)
    expect(await imageStatus(socket, NAME)).toBeUndefined()
    expect(await cri.fed(saved.bytes, 'images', 'load', '-')).toMatchObject({status: 0, stdout: expect.stringContaining(WHOLE)})
    expect(await imageStatus(socket, NAME)).toMatchObject({id})

    const files = writePod(engines, 'moved')
    const podId = await cri.ok('runp', files.pod)
    const container = await cri.ok('create', podId, files.container('main', {image: NAME}), files.pod)
    await cri.ok('start', container)
    expect(await cri.ok('exec', container, 'sh', '-c', 'echo moved: $MOVED')).toBe('moved: yes')
    await cri.ok('rmp', '--force', podId)
  })

  test('that are none are refused, and nothing is loaded or written', async () => {
    const {engines, cri} = world()
    const before = await engines.ctr('k8s.io', 'images', 'ls', '-q')
    const directory = join(engines.directory, 'refused')
    mkdirSync(directory)
    const refusals = [
      ['images', 'load', join(engines.directory, 'config.toml')], ['images', 'load', join(directory, 'none.tar')],
      ['images', 'save', 'none.test/none:1', '--output', join(directory, 'out.tar')], ['images', 'tag', 'none.test/none:1', 'none.test/more:1'],
    ]
    for (const argv of refusals) {
      const {status, stdout, stderr} = await cri(...argv)
      expect({argv, status: status === 0, stdout, said: stderr !== ''}).toEqual({argv, status: false, stdout: '', said: true})
    }
    expect(readdirSync(directory)).toEqual([])
    expect(await engines.ctr('k8s.io', 'images', 'ls', '-q')).toBe(before)
  })
})

/** Blobs of an OCI layout in a tar file whose content is not what their names say; all, when there are none. */
async function wrongBlobs({directory}: Engines, archive: string): Promise<readonly string[]> {
  const folder = join(directory, 'unpacked')
  mkdirSync(folder)
  await outputOf('tar', ['-xf', archive, '-C', folder])
  const blobs = readdirSync(join(folder, 'blobs/sha256'))
  return blobs.length < 3 ? [`only ${blobs.join(' ')}`] : blobs.filter(name => sha256(readFileSync(join(folder, 'blobs/sha256', name))) !== name)
}
