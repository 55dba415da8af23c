// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {afterAll, beforeEach, describe, expect, test} from 'vitest'
import {startCrioNode, type CrioNode} from './harness/crio-node.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {writeImages} from './harness/images.ts'
import {loadLayered, manyImages} from './harness/layered-images.ts'
import {packages, suites} from './harness/packages.ts'
import {outputOf} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'

interface World {
  readonly engines: Engines
  readonly node: CrioNode
  /** in the form of `docker save`, with two images */
  readonly archive: string
  /** ids of the two, from the archive itself */
  readonly ids: readonly [string, string]
}

const [NAME, OTHER] = ['docker.io/rtctl-test/moved:1', 'registry.test/other:2']

async function configsIn(archive: string): Promise<readonly {readonly Config: string; readonly RepoTags: readonly string[]}[]> {
  return JSON.parse(await outputOf('tar', ['-xOf', archive, 'manifest.json']))
}

describe.each(suites)('images of CRI-O by a real skopeo, and the dockerd of %s', (suite) => {
  let node: CrioNode | undefined
  const world = withEngines<World>(async (started) => {
    const engines = started(await startEngines(suite, {docker: true, cri: false}))
    node = await startCrioNode(engines)
    const archive = join(engines.directory, 'moved.tar')
    writeImages((await packages()).program(suite, 'busybox'), archive, [
      {tag: 'rtctl-test/moved:1', config: {Cmd: ['sh'], Env: ['MOVED=yes']}}, {tag: OTHER, config: {Cmd: ['sh'], Env: ['OTHER=yes']}},
    ])
    const [one, other] = (await configsIn(archive)).map(({Config}) => Config.replace('.json', ''))
    return {engines, node, archive, ids: [one ?? '', other ?? '']}
  })

  beforeEach(() => node?.empty())
  afterAll(() => node?.stop())

  const cri = (...argv: readonly string[]) => world().node.rtctl(['cri', ...argv, '--runtime-endpoint', `unix://${world().node.socket}`, '--config', '/dev/null'])
  const ok = async (...argv: readonly string[]) => {
    const {status, stdout, stderr} = await cri(...argv)
    expect({status, stderr}, argv.join(' ')).toMatchObject({status: 0})
    return stdout
  }
  const idOf = (name: string) => world().node.images().find(({names}) => names.includes(name))?.id
  const forget = (...names: readonly string[]) => Promise.all(names.map((name) => world().node.skopeo('delete', `containers-storage:${name}`)))
  const leftInTmp = () => readdirSync(join(world().engines.directory, 'crio/tmp')).filter((name) => name.startsWith('rtctl-'))
  const isLaid = () => existsSync('/var/lib/containers') || existsSync('/etc/containers')

  test('without its policy it copies nothing, and rtctl says which file is missing', async () => {
    const {node: there, archive} = world()
    const {policy} = there
    there.policy = undefined
    const {status, stdout, stderr} = await cri('images', 'load', archive)
    there.policy = policy
    expect([status, stdout, there.images()]).toEqual([1, '', []])
    expect(stderr).toContain('could not load it: Error loading trust policy: open /etc/containers/policy.json: no such file or directory.')
    expect(stderr).toContain('{"default":[{"type":"insecureAcceptAnything"}]}')
  })

  test.each([
    ['a file', (archive: string) => [archive, undefined]],
    ['one with a colon in its path', (archive: string, folder: string) => {
      copyFileSync(archive, join(folder, 'a:b.tar'))
      return [join(folder, 'a:b.tar'), undefined]
    }],
    ['gzip', (archive: string, folder: string) => {
      writeFileSync(join(folder, 'moved.tar.gz'), gzipSync(readFileSync(archive)))
      return [join(folder, 'moved.tar.gz'), undefined]
    }],
    ['standard input', (archive: string) => ['-', readFileSync(archive)]],
    ['standard input with zstd', (archive: string) => ['-', zstdCompressSync(readFileSync(archive))]],
  ] as const)('an archive in the form of docker save is loaded, all its images: %s', async (_, given) => {
    const {engines, node: there, archive, ids} = world()
    const [path, input] = given(archive, engines.directory) as [string, Buffer | undefined]
    const {status, stdout, stderr} = await there.rtctl(['cri', 'images', 'load', path, '--runtime-endpoint', there.socket, '--config', '/dev/null', '--json'], input)
    expect({status, stderr}).toMatchObject({status: 0})
    expect(JSON.parse(stdout)).toEqual({images: [{name: NAME, id: `sha256:${ids[0]}`}, {name: OTHER, id: `sha256:${ids[1]}`}]})
    expect([idOf(NAME), idOf(OTHER)]).toEqual(ids)
    expect(leftInTmp()).toEqual([])
  })

  test('an image goes the round of load, tag, save, removal and load without a changed byte', async () => {
    const {engines, archive, ids: [id, otherId]} = world()
    expect(await ok('images', 'load', archive)).toBe(`${NAME}\n${OTHER}\n`)
    // as a pod spec has it
    expect(await ok('images', 'tag', 'rtctl-test/moved:1', 'again')).toBe('docker.io/library/again:latest\n')
    expect(idOf('docker.io/library/again:latest')).toBe(id)
    // a name that another image has goes over
    expect(await ok('images', 'tag', OTHER, 'again')).toBe('docker.io/library/again:latest\n')
    expect(idOf('docker.io/library/again:latest')).toBe(otherId)
    expect(JSON.parse(await ok('images', 'tag', id, 'registry.test:5000/by-id:3', '--json'))).toEqual({name: 'registry.test:5000/by-id:3', id: `sha256:${id}`})

    const saved = join(engines.directory, 'saved.tar')
    expect(await ok('images', 'save', 'rtctl-test/moved:1', '--output', saved)).toBe('')
    expect(await configsIn(saved)).toMatchObject([{Config: `${id}.json`, RepoTags: [NAME]}])
    expect(await contentOf(saved, `${id}.json`)).toEqual(await contentOf(archive, `${id}.json`))
    const streamed = await cri('images', 'save', NAME)
    expect([streamed.status, streamed.bytes.equals(readFileSync(saved))]).toEqual([0, true])
    const two = await cri('images', 'save', NAME, OTHER, '--output', join(engines.directory, 'two.tar'))
    expect([two.status, two.stderr]).toEqual([2, expect.stringContaining('skopeo saves one image')])

    await forget(NAME, OTHER)
    expect(idOf(NAME)).toBeUndefined()
    expect(await ok('images', 'load', saved)).toBe(`${NAME}\n`)
    expect(idOf(NAME)).toBe(id)
    // Docker takes it as well
    await engines.docker('load', '--input', saved)
    expect(await engines.docker('image', 'inspect', '--format', '{{.Id}}', 'rtctl-test/moved:1')).toBe(`sha256:${id}`)
    await engines.docker('rmi', 'rtctl-test/moved:1')
  })

  test('an OCI layout is loaded by the name that it gives an image, or that containerd gave it', async () => {
    const {engines, node: there, archive} = world()
    const layout = join(engines.directory, 'oci.tar')
    await there.skopeo('copy', '--quiet', `docker-archive:${archive}:${NAME}`, `oci-archive:${layout}:registry.test/oci:4`)
    expect(await ok('images', 'load', layout)).toBe('registry.test/oci:4\n')
    const id = await configIn(layout)
    expect(idOf('registry.test/oci:4')).toBe(id)
    await forget('registry.test/oci:4')
    const named = join(engines.directory, 'containerd.tar')
    await renamed(engines.directory, layout, named, {'io.containerd.image.name': 'registry.test/by-containerd:5', 'org.opencontainers.image.ref.name': '5'})
    expect(await ok('images', 'load', named)).toBe('registry.test/by-containerd:5\n')
    expect(idOf('registry.test/by-containerd:5')).toBe(id)

    // what came with a manifest of OCI leaves as an archive of Docker, with the same configuration
    const back = join(engines.directory, 'back.tar')
    await ok('images', 'save', 'registry.test/by-containerd:5', '--output', back)
    expect(await configsIn(back)).toMatchObject([{Config: `${id}.json`, RepoTags: ['registry.test/by-containerd:5']}])
  })

  test('what is no image, or not there, is refused, and nothing is written', async () => {
    const {engines, node: there} = world()
    const out = join(engines.directory, 'out.tar')
    for (const argv of [['load', join(engines.directory, 'crio/enter')], ['save', 'none.test/none:1', '--output', out], ['tag', 'none.test/none:1', 'none.test/more:1']]) {
      const {status, stdout, stderr} = await cri('images', ...argv)
      expect({argv, status, stdout, said: stderr !== ''}).toEqual({argv, status: 1, stdout: '', said: true})
    }
    expect([existsSync(out), there.images()]).toEqual([false, []])
  })

  test('images migrate takes images from Docker, under the names of pod specs, and skips those that are there', async () => {
    const {engines, node: there} = world()
    const images = manyImages('crio', 3, 0.05)
    await loadLayered(engines, images)
    const tags = images.map(({tag}) => tag)
    const ids = (await engines.docker('image', 'inspect', '--format', '{{.Id}}', ...tags)).split('\n')
    const migrate = (...names: readonly string[]) => there.rtctl([
      'images', 'migrate', '--to', 'cri-o', '--docker-socket', engines.dockerSocket ?? '', '--runtime-endpoint', `unix://${there.socket}`, '--json', ...names,
    ])
    const moved = await migrate(...tags)
    expect(moved, moved.stdout).toMatchObject({status: 0, stderr: ''})
    expect(JSON.parse(moved.stdout).images).toEqual(tags.map((name, index) => ({name, state: 'moved', id: ids[index]})))
    expect(tags.map((tag) => `sha256:${idOf(`docker.io/${tag}`)}`)).toEqual(ids)

    const again = await migrate(...tags, ids[0] ?? '')
    expect(JSON.parse(again.stdout)).toMatchObject({movedBytes: 0, images: [...tags, ids[0] ?? ''].toSorted((one, other) => (one < other ? -1 : 1)).map((name) => ({name, state: 'present'}))})

    const other = manyImages('short', 1, 0.01)
    await loadLayered(engines, other)
    there.searched = []
    const unknown = await there.rtctl(['images', 'migrate', '--to', 'cri-o', '--docker-socket', engines.dockerSocket ?? '', '--runtime-endpoint', there.socket, other[0]?.tag ?? ''])
    there.searched = ['docker.io']
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('unqualified-search-registries = ["docker.io"]')])
    await engines.docker('rmi', ...tags, other[0]?.tag ?? '')
  })

  test('nothing of it is on this machine', () => {
    expect(isLaid()).toBe(false)
  })
})

async function contentOf(archive: string, name: string): Promise<string> {
  return createHash('sha256').update(await outputOf('tar', ['-xOf', archive, name])).digest('hex')
}

/** Id of the one image of a layout: skopeo writes configurations anew when it makes one of an archive of Docker. */
async function configIn(layout: string): Promise<string> {
  const [{digest}] = (JSON.parse(await outputOf('tar', ['-xOf', layout, 'index.json'])) as {manifests: [{digest: string}]}).manifests
  const manifest = JSON.parse(await outputOf('tar', ['-xOf', layout, `blobs/${digest.replace(':', '/')}`])) as {config: {digest: string}}
  return manifest.config.digest.replace('sha256:', '')
}

/** The same layout whose one image has these annotations. */
async function renamed(folder: string, from: string, to: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  const unpacked = join(folder, 'layout')
  await outputOf('mkdir', ['-p', unpacked])
  await outputOf('tar', ['-xf', from, '-C', unpacked])
  const index = JSON.parse(readFileSync(join(unpacked, 'index.json'), 'utf8')) as {manifests: {annotations: unknown}[]}
  for (const manifest of index.manifests) manifest.annotations = annotations
  writeFileSync(join(unpacked, 'index.json'), JSON.stringify(index))
  await outputOf('tar', ['-cf', to, '-C', unpacked, 'oci-layout', 'index.json', 'blobs'])
}
