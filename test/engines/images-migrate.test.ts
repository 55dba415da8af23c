// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {describe, expect, test} from 'vitest'
import {moveImages} from '../../src/images/move-images.ts'
import type {ImageMove, ImageMoveProgress, ImageMoveReport} from '../../src/model/migration/images.ts'
import {UserError} from '../../src/model/user-error.ts'
import {rtctl} from '../cli/support.ts'
import {writePod} from './harness/configs.ts'
import {imageStatus} from './harness/cri-calls.ts'
import {startDockerProxy} from './harness/docker-proxy.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {writeImages} from './harness/images.ts'
import {type LayeredImage, loadLayered, manyImages} from './harness/layered-images.ts'
import {packages, suites} from './harness/packages.ts'
import {startRegistry} from './harness/registry.ts'
import {criOf} from './harness/rtctl.ts'
import {eventually} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'

const PROGRAM = join(resolve(import.meta.dirname, '../..'), 'bin/dev.js')

const tagsOf = (images: readonly LayeredImage[]) => images.map(({tag}) => tag)
const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, number) => total + number, 0)
const statesOf = ({images}: ImageMoveReport) => [...new Set(images.map(({state}) => state))]

function move(engines: Engines, images: readonly string[] | undefined, more: Partial<ImageMove> = {}): Promise<ImageMoveReport> {
  return moveImages({
    dockerSocket: engines.dockerSocket ?? '', to: {name: 'containerd', endpoint: `unix://${engines.containerdSocket}`},
    ...(images !== undefined && {images}), signal: new AbortController().signal, progress: () => undefined, ...more,
  })
}

/** Ids by which Docker knows images: digests of their configurations. */
async function idsOf(engines: Engines, names: readonly string[]): Promise<readonly string[]> {
  return (await engines.docker('image', 'inspect', '--format', '{{.Id}}', ...names)).split('\n')
}

async function statusIds({containerdSocket}: Engines, names: readonly string[]): Promise<readonly (string | undefined)[]> {
  return Promise.all(names.map(async (name) => (await imageStatus(containerdSocket, name))?.id))
}

/** Leases, unfinished blobs and unfinished snapshots of ours, and images that are not whole. */
async function leftIn(engines: Engines): Promise<readonly string[]> {
  const leases = (await engines.ctr('k8s.io', 'leases', 'ls', '-q')).split('\n').filter((line) => line.includes('rtctl'))
  const blobs = (await engines.ctr('k8s.io', 'content', 'active')).split('\n').filter((line) => line.includes('rtctl'))
  const snapshots = (await engines.ctr('k8s.io', 'snapshots', 'ls')).split('\n').filter((line) => line.includes('rtctl-'))
  return [...leases, ...blobs, ...snapshots, ...await brokenIn(engines)]
}

async function brokenIn(engines: Engines): Promise<readonly string[]> {
  return (await engines.ctr('k8s.io', 'images', 'check')).split('\n').slice(1).filter((line) => line !== '' && !line.includes('complete ('))
}

async function failureOf(promise: Promise<unknown>): Promise<UserError> {
  const error: unknown = await promise.then(() => 'no failure', (reason: unknown) => reason)
  if (error instanceof UserError) return error
  throw error
}

describe.each(suites)('images moved from the dockerd to the containerd of %s', (suite) => {
  const world = withEngines<Engines>(async (started) => started(await startEngines(suite, {docker: true, cri: true})))

  test('are there under the names of pod specs, each layer having gone over once, and containers run from them', async () => {
    const engines = world()
    const images = manyImages('twenty', 20, 0.1)
    const sizes = await loadLayered(engines, images)
    const seen: ImageMoveProgress[] = []
    const report = await move(engines, tagsOf(images), {progress: (state) => seen.push(state)})
    expect([report.images.length, statesOf(report), report.unverified]).toEqual([20, ['moved'], undefined])
    expect(report.movedBytes).toBe(sum(sizes.values()))
    expect(report.sharedBytes).toBe(sum(images.flatMap(({layers}) => [sizes.get('') ?? 0, ...layers.map(({name}) => sizes.get(name) ?? 0)])) - report.movedBytes)
    expect(seen.at(-1)?.doneBytes).toBe(report.movedBytes)
    // what Docker says of sizes is without the headers of tar
    expect(seen[0]?.totalBytes).toBeGreaterThan(report.movedBytes * 0.9)
    expect(await statusIds(engines, tagsOf(images))).toEqual(await idsOf(engines, tagsOf(images)))
    expect(await statusIds(engines, tagsOf(images).map((tag) => `docker.io/${tag}`))).toEqual(await idsOf(engines, tagsOf(images)))

    const cri = criOf(engines)
    const files = writePod(engines, 'moved')
    const pod = await cri.ok('runp', files.pod)
    const container = await cri.ok('create', pod, files.container('main', {image: 'rtctl-test/twenty-7:1'}), files.pod)
    await cri.ok('start', container)
    expect(await cri.ok('exec', container, 'sh', '-c', 'set -- /data/*; echo $# $IMAGE')).toBe(`${300 + 150 + 15} rtctl-test/twenty-7:1`)
    await cri.ok('rmp', '--force', pod)

    const again = await move(engines, tagsOf(images))
    expect([statesOf(again), again.movedBytes]).toEqual([['present'], 0])
    expect(await leftIn(engines)).toEqual([])
  })

  test('go on where they were after kill -9, and nothing was half there', async () => {
    const engines = world()
    const images = manyImages('killed', 6, 0.2)
    const sizes = await loadLayered(engines, images)
    const all = sum(sizes.values())
    const proxy = await startDockerProxy(engines.dockerSocket ?? '', join(engines.directory, 'stalls.sock'), Math.round(all * 0.7), 'stall')
    try {
      const argv = [PROGRAM, 'images', 'migrate', '--docker-socket', proxy.socket, '--runtime-endpoint', engines.containerdSocket, ...tagsOf(images)]
      const child = spawn(process.execPath, argv, {stdio: 'ignore'})
      await proxy.reached()
      // what has come is written: a blob that is whole, or one that is not
      await eventually(20_000, async () => expect(await engines.ctr('k8s.io', 'content', 'active')).toContain('rtctl-'))
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    } finally {
      await proxy.stop()
    }
    expect(await brokenIn(engines)).toEqual([])
    const ids = await idsOf(engines, tagsOf(images))
    for (const [index, id] of (await statusIds(engines, tagsOf(images))).entries()) expect([undefined, ids[index]]).toContain(id)

    const report = await move(engines, tagsOf(images))
    expect(report.movedBytes).toBeLessThan(all * 0.5)
    expect(await statusIds(engines, tagsOf(images))).toEqual(ids)
    expect(await leftIn(engines)).toEqual([])
  })

  test('are whole after the second try where Docker goes away in the first', async () => {
    const engines = world()
    const images = manyImages('cut', 6, 0.2)
    const sizes = await loadLayered(engines, images)
    const all = sum(sizes.values())
    const proxy = await startDockerProxy(engines.dockerSocket ?? '', join(engines.directory, 'cuts.sock'), Math.round(all * 0.6), 'cut')
    const failure = await failureOf(move(engines, tagsOf(images), {dockerSocket: proxy.socket})).finally(proxy.stop)
    expect([failure.exitCode, failure.next]).toEqual([1, expect.stringContaining('only the rest is moved')])
    expect(await brokenIn(engines)).toEqual([])
    expect((await statusIds(engines, tagsOf(images))).filter((id) => id === undefined)).not.toEqual([])

    const report = await move(engines, tagsOf(images))
    expect(report.movedBytes).toBeLessThan(all * 0.6)
    expect(await statusIds(engines, tagsOf(images))).toEqual(await idsOf(engines, tagsOf(images)))
    expect(await leftIn(engines)).toEqual([])
  })

  test('may be moved by two at once', async () => {
    const engines = world()
    const images = manyImages('both', 5, 0.2)
    await loadLayered(engines, images)
    const reports = await Promise.all([move(engines, tagsOf(images)), move(engines, tagsOf(images).toReversed())])
    for (const report of reports) expect(report.images.filter(({state}) => state !== 'moved' && state !== 'present')).toEqual([])
    expect(await statusIds(engines, tagsOf(images))).toEqual(await idsOf(engines, tagsOf(images)))
    expect(await leftIn(engines)).toEqual([])
  })

  test('are told apart from those that cannot be moved', async () => {
    const engines = world()
    const other = process.arch === 'arm64' ? 'amd64' : 'arm64'
    await loadLayered(engines, [{tag: 'rtctl-test/other:1', layers: [], architecture: other}])
    const digest = `sha256:${'0'.repeat(64)}`
    const {images} = await move(engines, ['rtctl-test/other:1', 'rtctl-test/none:1', `rtctl-test/busybox@${digest}`, '../../containers/json', 'Up per:1', 'rtctl-test/busybox:1'])
    expect(images).toMatchObject([
      {name: '../../containers/json', state: 'missing', reason: 'This can be no name of an image.'},
      {name: 'Up per:1', state: 'missing'},
      {name: 'rtctl-test/busybox:1', state: 'present'},
      {name: `rtctl-test/busybox@${digest}`, state: 'missing', reason: expect.stringContaining('pull')},
      {name: 'rtctl-test/none:1', state: 'missing', reason: expect.stringContaining('pull')},
      {name: 'rtctl-test/other:1', state: 'missing', reason: expect.stringContaining(other)},
    ])
  })

  test('that are named by a digest have to be pulled, and go over by their tag', async () => {
    const engines = world()
    const {registry, tagged, pinned} = await pulledIntoDocker(engines, 'by-digest')
    try {
      const {images} = await move(engines, [pinned])
      expect(Object.fromEntries(images.map(({name, state}) => [name, state]))).toEqual({[tagged]: 'moved', [pinned]: 'digest'})
      expect(images.find(({name}) => name === pinned)).toMatchObject({reason: expect.stringContaining(`rtctl cri pull ${pinned}`)})
      expect([await imageStatus(engines.containerdSocket, pinned), await imageStatus(engines.containerdSocket, tagged)]).toEqual([undefined, expect.anything()])
    } finally {
      await registry.stop()
    }
  })

  test('are what the command says they are, also with --dry-run, --all and --json', async () => {
    const engines = world()
    const images = manyImages('command', 2, 0.02)
    await loadLayered(engines, images)
    const command = (...argv: readonly string[]) => rtctl('images', 'migrate', '--docker-socket', engines.dockerSocket ?? '', '--runtime-endpoint', engines.containerdSocket, ...argv)
    const dry = await command('--dry-run', ...tagsOf(images))
    expect([dry.status, dry.stderr, await statusIds(engines, tagsOf(images))]).toEqual([0, '', [undefined, undefined]])
    expect(dry.stdout).toMatch(/^to move {3}rtctl-test\/command-1:1\n.*\n2 to move, about \d.*B\n$/)
    const done = await command(...tagsOf(images), 'rtctl-test/none:1')
    expect([done.status, done.stdout]).toEqual([4, expect.stringMatching(/^moved {5}rtctl-test\/command-1:1\n[^]*not moved rtctl-test\/none:1\n {10}Docker has no such image[^]*2 moved: .*; 1 not moved\n$/)])
    const all = await command('--all', '--json')
    expect(JSON.parse(all.stdout)).toMatchObject({images: expect.arrayContaining([expect.objectContaining({name: 'rtctl-test/command-2:1', state: 'present'})])})
    expect((await command('--all', 'x')).status).toBe(2)
  })
})

describe.each(suites)('without the CRI of containerd (%s)', (suite) => {
  const world = withEngines<Engines>(async (started) => started(await startEngines(suite, {docker: true, cri: false})))

  test('images are moved all the same, which the report says, and the CRI finds them when it is switched on', async () => {
    const engines = world()
    const images = manyImages('blind', 3, 0.05)
    await loadLayered(engines, images)
    const report = await move(engines, tagsOf(images))
    expect([statesOf(report), report.unverified]).toEqual([['moved'], expect.stringContaining('CRI plugin')])
    const again = await move(engines, tagsOf(images))
    expect([statesOf(again), again.movedBytes]).toEqual([['present'], 0])
    expect(await leftIn(engines)).toEqual([])

    const config = join(engines.directory, 'config.toml')
    writeFileSync(config, readFileSync(config, 'utf8').replace(/^disabled_plugins = .*$/m, 'disabled_plugins = []'))
    await engines.restart('containerd')
    const ids = await idsOf(engines, tagsOf(images))
    await eventually(30_000, async () => expect(await statusIds(engines, tagsOf(images))).toEqual(ids))
  })
})

describe.each(['trixie', 'forky'] as const)('images of a Docker that keeps them as containerd does (%s)', (suite) => {
  const world = withEngines<Engines>(async (started) => {
    const engines = started(await startEngines(suite, {docker: true, cri: true}))
    const file = join(engines.directory, 'daemon.json')
    writeFileSync(file, JSON.stringify({...JSON.parse(readFileSync(file, 'utf8')) as object, features: {'containerd-snapshotter': true}}))
    await engines.restart('dockerd')
    return engines
  })

  test('keep their digests', async () => {
    const engines = world()
    const {registry, tagged, pinned, id} = await pulledIntoDocker(engines, 'kept')
    try {
      const report = await move(engines, [pinned, tagged])
      expect(statesOf(report)).toEqual(['moved'])
      expect(await statusIds(engines, [pinned, tagged])).toEqual([id, id])
      expect((await imageStatus(engines.containerdSocket, tagged))?.digests).toEqual([pinned])
      expect(statesOf(await move(engines, [pinned, tagged]))).toEqual(['present'])
      expect(await leftIn(engines)).toEqual([])
    } finally {
      await registry.stop()
    }
  })

  test('are there under their names, each layer having gone over once at most, and containers run from them', async () => {
    const engines = world()
    const images = manyImages('stored', 4, 0.05)
    await loadLayered(engines, images)
    const report = await move(engines, tagsOf(images))
    expect([report.images.length, statesOf(report)]).toEqual([4, ['moved']])
    expect((await statusIds(engines, tagsOf(images))).every((id) => id !== undefined)).toBe(true)
    const cri = criOf(engines)
    const files = writePod(engines, 'stored')
    const pod = await cri.ok('runp', files.pod)
    const container = await cri.ok('create', pod, files.container('main', {image: 'rtctl-test/stored-2:1'}), files.pod)
    await cri.ok('start', container)
    expect(await cri.ok('exec', container, 'sh', '-c', 'echo $IMAGE')).toBe('rtctl-test/stored-2:1')
    await cri.ok('rmp', '--force', pod)
    expect(await leftIn(engines)).toEqual([])
  })
})

/** An image of a registry that Docker has pulled, by its tag and by its digest. */
async function pulledIntoDocker(engines: Engines, name: string) {
  const archive = join(engines.directory, `${name}.tar`)
  const image = `rtctl-test/${name}`
  writeImages((await packages()).program(engines.suite, 'busybox'), archive, [{tag: `${image}:1`, config: {Cmd: ['sh'], Env: [`NAME=${name}`]}}])
  const registry = await startRegistry(archive)
  const [tagged, pinned] = [`${registry.host}/${image}:1`, `${registry.host}/${image}@${registry.digests.get(image)}`]
  await engines.docker('pull', '-q', tagged)
  const manifest = JSON.parse((await (await fetch(`http://${registry.host}/v2/${image}/manifests/1`)).text())) as {config: {digest: string}}
  return {registry, tagged, pinned, id: manifest.config.digest}
}
