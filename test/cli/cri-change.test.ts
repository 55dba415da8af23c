// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {existsSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {ROOT} from '../support/node.ts'
import type {LiveCri} from '../unit/app/cri/live-cri.ts'
import {temporaryFolder} from '../unit/cri/fake-cri.ts'
import {CREATED, emptyWorld, fakeRuntime, RUNNING, type World} from './fake-runtime.ts'
import {rtctl} from './support.ts'

let world: World
let cri: LiveCri
let folder: ReturnType<typeof temporaryFolder>
let podFile: string
let containerFile: string

beforeEach(async () => {
  world = emptyWorld()
  cri = await fakeRuntime(world)
  folder = temporaryFolder()
  podFile = join(folder.path, 'pod.json')
  containerFile = join(folder.path, 'app.yaml')
  writeFileSync(podFile, JSON.stringify({metadata: {name: 'web', namespace: 'shop', uid: 'u'}}))
  writeFileSync(containerFile, 'metadata: {name: app}\nimage: {image: registry.example/app:1}\n')
})

afterEach(() => {
  cri.stop()
  folder.remove()
})

const words = (verb: string, ...argv: readonly string[]) => ['cri', verb, ...argv, '--runtime-endpoint', `unix://${cri.socket}`, '--config', '/dev/null']
const run = (verb: string, ...argv: readonly string[]) => rtctl(...words(verb, ...argv))

/** A process of rtctl, for signals. */
function started(verb: string, ...argv: readonly string[]) {
  const child = spawn(process.execPath, ['bin/dev.js', ...words(verb, ...argv)], {cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe']})
  const heard = {stdout: '', stderr: ''}
  child.stdout.on('data', (bytes: Buffer) => (heard.stdout += bytes.toString()))
  child.stderr.on('data', (bytes: Buffer) => (heard.stderr += bytes.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', (status) => resolve(status)))
  return {heard, ended, interrupt: () => child.kill('SIGINT')}
}

/** Makes a method wait; gives what has to be called for it to answer, once it was asked. */
function held(method: string): {readonly asked: Promise<void>; readonly answer: () => void} {
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  world.before.set(method, () => {
    asked.resolve()
    return answer.promise
  })
  return {asked: asked.promise, answer: answer.resolve}
}

function addContainer(id: string, more: Partial<{state: number; logPath: string; image: string}> = {}): void {
  world.containers.set(id, {id, podSandboxId: 'p', state: RUNNING, image: 'image', ...more})
}

describe('the life of a pod and its container', () => {
  test('prints what crictl prints', async () => {
    expect(await run('runp', podFile)).toEqual({stdout: 'pod-of-web\n', stderr: '', status: 0})
    expect(await run('create', 'pod-of-web', containerFile, podFile)).toEqual({stdout: 'container-app\n', stderr: '', status: 0})
    expect(await run('start', 'container-app')).toEqual({stdout: 'container-app\n', stderr: '', status: 0})
    expect(await run('update', '--memory', '1000', 'container-app')).toEqual({stdout: 'container-app\n', stderr: '', status: 0})
    expect(await run('stop', '-t', '7', 'container-app')).toEqual({stdout: 'container-app\n', stderr: '', status: 0})
    expect(await run('rm', 'container-app')).toEqual({stdout: 'container-app\n', stderr: '', status: 0})
    expect(await run('stopp', 'pod-of-web')).toEqual({stdout: 'Stopped sandbox pod-of-web\n', stderr: '', status: 0})
    expect(await run('rmp', 'pod-of-web')).toEqual({stdout: 'Removed sandbox pod-of-web\n', stderr: '', status: 0})
    expect(world.calls).toEqual([
      'RunPodSandbox web', 'CreateContainer pod-of-web', 'StartContainer container-app', 'UpdateContainerResources container-app', 'StopContainer container-app',
      'RemoveContainer container-app', 'StopPodSandbox pod-of-web', 'RemovePodSandbox pod-of-web',
    ])
    expect(world.requests.get('StopContainer')).toMatchObject({timeout: 7n})
    expect(world.requests.get('UpdateContainerResources')).toMatchObject({linux: {memoryLimitInBytes: 1000n, cpuQuota: 0n}})
    expect(world.requests.get('RunPodSandbox')).toMatchObject({config: {metadata: {name: 'web', namespace: 'shop', uid: 'u'}}, runtimeHandler: ''})
  })

  test('run makes all of it, and prints the container', async () => {
    expect(await run('run', '-r', 'kata', containerFile, podFile)).toEqual({stdout: 'container-app\n', stderr: 'rtctl: pulling registry.example/app:1\n', status: 0})
    expect(world.calls).toEqual(['PullImage registry.example/app:1', 'RunPodSandbox web', 'CreateContainer pod-of-web', 'StartContainer container-app'])
    expect(world.requests.get('RunPodSandbox')).toMatchObject({runtimeHandler: 'kata'})
  })

  test('pulls as the flags and crictl.yaml say', async () => {
    await run('run', '--no-pull', containerFile, podFile)
    await run('create', 'p', containerFile, podFile)
    expect(world.calls.filter((call) => call.startsWith('PullImage'))).toEqual([])
    const config = join(folder.path, 'crictl.yaml')
    writeFileSync(config, 'pull-image-on-create: true\ndisable-pull-on-run: true\n')
    const configured = (...argv: readonly string[]) => rtctl('cri', ...argv, '--runtime-endpoint', `unix://${cri.socket}`, '--config', config)
    await configured('run', containerFile, podFile)
    expect(world.calls.filter((call) => call.startsWith('PullImage'))).toEqual([])
    await configured('create', 'p', containerFile, podFile)
    await configured('run', '--with-pull', containerFile, podFile)
    expect(world.calls.filter((call) => call.startsWith('PullImage'))).toHaveLength(2)
    expect(await run('run', '--with-pull', '--no-pull', containerFile, podFile)).toMatchObject({status: 2})
  })

  test('warns of a pod without cgroup_parent', async () => {
    writeFileSync(podFile, '{"metadata": {"name": "web", "namespace": "shop"}, "linux": {}}')
    const {stdout, stderr} = await run('runp', podFile)
    expect([stdout, stderr]).toEqual(['pod-of-web\n', expect.stringContaining(`${podFile}: linux has no cgroup_parent`)])
  })

  test.each([
    ['gone.json', 'gone.json cannot be read: ENOENT.'], ['-', '- cannot be read: ENOENT.'], ['.', '. is a directory.'],
  ])('says what is wrong with the file %s', async (file, message) => {
    expect(await run('runp', file)).toMatchObject({stdout: '', stderr: expect.stringContaining(message), status: 2})
    expect(world.calls).toEqual([])
  })

  test('names a mistyped key and the nearest one', async () => {
    writeFileSync(podFile, '{"metadata": {"name": "web", "namespace": "shop"}, "log_directry": "/x"}')
    expect(await run('runp', podFile)).toMatchObject({stderr: expect.stringContaining(`${podFile}: log_directry: there is no such key, but log_directory.`), status: 2})
  })
})

describe('run that fails', () => {
  test('removes the pod that it made', async () => {
    world.before.set('StartContainer', () => { throw Object.assign(new Error(), {code: 2, details: 'no such file: "/bin/nope"'}) })
    const {stdout, stderr, status} = await run('run', '--no-pull', containerFile, podFile)
    expect([stdout, status]).toEqual(['', 1])
    expect(stderr).toContain('rtctl: removing pod sandbox pod-of-web again\n')
    expect(stderr).toContain('no such file: "/bin/nope"')
    expect([world.pods.size, world.containers.size]).toEqual([0, 0])
  })

  test('tells both failures when the pod cannot be removed', async () => {
    world.before.set('CreateContainer', () => { throw Object.assign(new Error(), {code: 2, details: 'no image'}) })
    world.before.set('RemovePodSandbox', () => { throw Object.assign(new Error(), {code: 2, details: 'device busy'}) })
    const {stderr, status} = await run('run', '--no-pull', containerFile, podFile)
    expect(stderr).toContain('no image; and pod sandbox pod-of-web could not be removed again: device busy.\nRemove it with `rtctl cri rmp -f pod-of-web`.')
    expect(status).toBe(1)
  })
})

describe('Ctrl-C', () => {
  test.each([
    ['RunPodSandbox', 'run'], ['CreateContainer', 'run'], ['StartContainer', 'run'], ['RunPodSandbox', 'runp'], ['CreateContainer', 'create'],
  ])('during %s of %s leaves nothing behind', async (method, verb) => {
    const hold = held(method)
    const argv = {run: ['--no-pull', containerFile, podFile], runp: [podFile], create: ['p', containerFile, podFile]}[verb] ?? []
    const {heard, ended, interrupt} = started(verb, ...argv)
    await hold.asked
    interrupt()
    await expect.poll(() => heard.stderr, {timeout: 5000}).toContain('rtctl: interrupted; a pod or container that is being made is waited for')
    hold.answer()
    expect([await ended, heard.stdout]).toEqual([130, ''])
    expect(heard.stderr).toMatch(verb === 'create' ? /removing container container-app again/ : /removing pod sandbox pod-of-web again/)
    expect([world.pods.size, world.containers.size]).toEqual([0, 0])
  })

  test('a second time leaves at once', async () => {
    const hold = held('RunPodSandbox')
    const {heard, ended, interrupt} = started('runp', podFile)
    await hold.asked
    interrupt()
    await expect.poll(() => heard.stderr, {timeout: 5000}).toContain('interrupted')
    interrupt()
    expect(await ended).toBe(130)
    hold.answer()
  })

  test('during a pull ends it', async () => {
    const hold = held('PullImage')
    const {heard, ended, interrupt} = started('pull', 'registry.example/app:1')
    await hold.asked
    interrupt()
    expect([await ended, heard]).toEqual([130, {stdout: '', stderr: 'rtctl: interrupted\n'}])
    hold.answer()
  })

  test('during rm -a ends what was begun, begins no more and says how far it came', async () => {
    const hold = held('RemoveContainer')
    for (let index = 0; index < 100; index++) addContainer(`c${index}`, {state: CREATED})
    const {heard, ended, interrupt} = started('rm', '-a')
    await hold.asked
    interrupt()
    await expect.poll(() => heard.stderr, {timeout: 5000}).toContain('what is being removed is waited for')
    hold.answer()
    expect(await ended).toBe(130)
    const removed = heard.stdout.trim().split('\n').length
    expect(removed).toBe(100 - world.containers.size)
    expect(removed).toBeLessThan(100)
    expect(heard.stderr).toContain(`rtctl: ${removed} of 100 were done`)
  })
})

describe('rm', () => {
  test('leaves what runs, unless forced', async () => {
    addContainer('c1')
    expect(await run('rm', 'c1')).toEqual({stdout: '', stderr: 'rtctl: Container c1 is running.\nStop it with `rtctl cri stop`, or remove it with --force.\n', status: 1})
    expect(await run('rm', '-f', 'c1')).toEqual({stdout: 'c1\nc1\n', stderr: '', status: 0})
    expect(world.calls).toEqual(['StopContainer c1', 'RemoveContainer c1'])
  })

  test('removes the log, unless it is to be kept', async () => {
    const logPath = join(folder.path, '0.log')
    for (const [flag, left] of [['-k', true], ['-a', false]] as const) {
      addContainer('c1', {state: CREATED, logPath})
      writeFileSync(logPath, '')
      await run('rm', flag, ...(flag === '-a' ? [] : ['c1']))
      expect(existsSync(logPath)).toBe(left)
    }
  })

  test('tells of all failures and removes the others', async () => {
    for (const id of ['c1', 'c2', 'c3', 'c4']) addContainer(id, {state: CREATED})
    world.before.set('RemoveContainer', (id) => { if (id !== 'c3') throw Object.assign(new Error(), {code: 2, details: `${id} is stuck`}) })
    const {stdout, stderr, status} = await run('rm', '-a')
    expect([stdout, status]).toEqual(['c3\n', 1])
    for (const id of ['c1', 'c2', 'c4']) expect(stderr).toContain(`${id} is stuck`)
  })

  test('with none says so', async () => {
    expect(await run('rm', '-a')).toEqual({stdout: '', stderr: 'rtctl: there is no container to remove\n', status: 0})
    expect(await run('rmp', '-a')).toEqual({stdout: '', stderr: 'rtctl: there is no pod to remove\n', status: 0})
    expect(await run('stop', '-a')).toEqual({stdout: 'No running containers found.\n', stderr: '', status: 0})
    for (const argv of [['rm'], ['rmp'], ['rmi'], ['stop'], ['rm', '-a', 'c1'], ['stop', '-a', 'c1']] as const) expect(await run(...(argv as [string]))).toMatchObject({stdout: '', status: 2})
  })

  test('keeps the number of calls at a time in bounds', async () => {
    let [now, most] = [0, 0]
    world.before.set('RemoveContainer', async () => {
      most = Math.max(most, ++now)
      await new Promise((resolve) => setTimeout(resolve, 5))
      now--
    })
    for (let index = 0; index < 100; index++) addContainer(`c${index}`, {state: CREATED})
    expect(await run('rm', '-a')).toMatchObject({status: 0})
    expect(world.containers.size).toBe(0)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(32)
  })
})

describe('rmp', () => {
  test('leaves what is ready, unless forced', async () => {
    world.pods.set('p1', true).set('p2', false)
    expect(await run('rmp', 'p1', 'p2')).toMatchObject({stdout: 'Removed sandbox p2\n', stderr: expect.stringContaining('Pod sandbox p1 is ready.'), status: 1})
    expect(await run('rmp', '-af')).toEqual({stdout: 'Stopped sandbox p1\nRemoved sandbox p1\n', stderr: '', status: 0})
  })

  test('says that it stopped a pod which it could not remove', async () => {
    world.pods.set('p1', true)
    world.before.set('RemovePodSandbox', () => { throw Object.assign(new Error(), {code: 2, details: 'busy'}) })
    expect(await run('rmp', '-f', 'p1')).toMatchObject({stdout: 'Stopped sandbox p1\n', status: 1})
  })
})

describe('rmi', () => {
  beforeEach(() => {
    world.images.push(
      {id: 'sha256:aa', repoTags: ['docker.io/a:1', 'docker.io/a:2']}, {id: 'sha256:bb', repoTags: [], repoDigests: ['docker.io/b@sha256:00']},
      {id: 'sha256:cc', repoTags: ['docker.io/c:1'], pinned: true}, {id: 'sha256:dd', repoTags: ['docker.io/d:1']},
    )
  })

  test('says which names go with one', async () => {
    const {stdout, stderr, status} = await run('rmi', 'docker.io/a:1', 'docker.io/a:2', 'sha256:bb')
    expect([stdout, status]).toEqual(['Deleted: docker.io/a:1\nDeleted: docker.io/a:2\nDeleted: docker.io/b@sha256:00\n', 0])
    expect(stderr).toBe('rtctl: docker.io/a:1 is one of 2 names of an image, and all of them go: docker.io/a:1, docker.io/a:2\n')
    expect(world.calls).toEqual(['RemoveImage docker.io/a:1', 'RemoveImage sha256:bb'])
  })

  test('--prune leaves what is pinned, and what a container has by id or by name', async () => {
    addContainer('c1', {image: 'docker.io/d:1'})
    addContainer('c2', {image: 'sha256:bb'})
    expect(await run('rmi', '--prune')).toEqual({stdout: 'Deleted: docker.io/a:1\nDeleted: docker.io/a:2\n', stderr: '', status: 0})
    expect(await run('rmi', '-q')).toEqual({stdout: '', stderr: 'rtctl: there is no image to remove\n', status: 0})
  })

  test('--prune removes nothing when it cannot tell what is used', async () => {
    addContainer('c1', {image: 'odd'})
    world.before.set('ImageStatus', (name) => { if (name === 'odd') throw Object.assign(new Error(), {code: 3, details: 'invalid reference format'}) })
    expect(await run('rmi', '--prune')).toMatchObject({stdout: '', stderr: expect.stringContaining('invalid reference format'), status: 1})
    expect(world.calls).toEqual([])
  })

  test('-a takes all', async () => {
    expect((await run('rmi', '-a')).stdout.match(/^Deleted: /gm)).toHaveLength(5)
    expect(world.images).toEqual([])
  })

  test('says that there is no such image, and removes the others', async () => {
    expect(await run('rmi', 'nope', 'sha256:dd')).toMatchObject({stdout: 'Deleted: docker.io/d:1\n', stderr: expect.stringContaining('There is no image "nope" on this node.'), status: 1})
  })
})

describe('pull', () => {
  test('passes on who to be, and what for', async () => {
    expect(await run('pull', '--creds', 'ann:s3cret', '-a', 'k=v', '-a', 'l=m=n', '--pod-config', podFile, 'app@sha256:00')).toEqual({stdout: 'Image is up to date for sha256:pulled\n', stderr: '', status: 0})
    expect(world.requests.get('PullImage')).toMatchObject({
      image: {image: 'app@sha256:00', annotations: new Map([['k', 'v'], ['l', 'm=n']])}, auth: {username: 'ann', password: 's3cret'}, sandboxConfig: {metadata: {name: 'web'}},
    })
  })

  test('takes the credentials from config.json of docker only when it is named', async () => {
    const file = join(folder.path, 'config.json')
    writeFileSync(file, JSON.stringify({auths: {'r.example': {auth: 'YTpi'}}}))
    await run('pull', '--docker-config', file, 'r.example/app')
    expect(world.requests.get('PullImage')).toMatchObject({auth: {auth: 'YTpi'}})
    await run('pull', 'r.example/app')
    expect((world.requests.get('PullImage') as {auth?: object}).auth).toBeUndefined()
  })

  test('gives up after --pull-timeout, and never before it', async () => {
    const hold = held('PullImage')
    expect(await run('pull', '--pt', '300ms', 'app')).toMatchObject({stdout: '', status: 1})
    hold.answer()
    world.before.set('PullImage', () => new Promise((resolve) => setTimeout(resolve, 300)))
    expect(await run('pull', 'app')).toMatchObject({status: 0})
    // One that is given by hand counts for a pull as well.
    expect(await run('pull', '--call-timeout', '100ms', 'app')).toMatchObject({status: 1})
  })

  test('shows no secret, neither in --dry-run nor in errors', async () => {
    world.before.set('PullImage', () => { throw Object.assign(new Error(), {code: 2, details: 'authorization failed'}) })
    for (const flags of [['--creds', 'ann:s3cret'], ['--auth', 's3cret'], ['--creds', 'ann:s3cret', '--dry-run']]) {
      const {stdout, stderr} = await run('pull', ...flags, '--debug', 'app')
      expect(stdout + stderr).toMatch(/PullImage/)
      expect(stdout + stderr).not.toContain('s3cret')
    }
  })

  test.each([[['--creds', 'a:b', '--auth', 'YTpi']], [['--creds', ':b']], [['-a', 'novalue']], [['-u', 'ann']], [['--docker-config', '/nonexistent']]])('%s: is refused', async (flags) => {
    expect(await run('pull', ...flags, 'app')).toMatchObject({stdout: '', status: 2})
    expect(world.calls).toEqual([])
  })
})

describe('--dry-run', () => {
  test.each([
    ['runp', 'RunPodSandbox', () => [podFile]], ['create', 'CreateContainer', () => ['p', containerFile, podFile]], ['start', 'StartContainer', () => ['c1']],
    ['stop', 'StopContainer', () => ['-a']], ['rm', 'RemoveContainer', () => ['-af']], ['stopp', 'StopPodSandbox', () => ['p1']], ['rmp', 'RemovePodSandbox', () => ['-a']],
    ['update', 'UpdateContainerResources', () => ['--cpu-quota', '-1', 'c1']], ['update-runtime-config', 'UpdateRuntimeConfig', () => ['--pod-cidr', '10.0.0.0/24']],
    ['checkpoint', 'CheckpointContainer', () => ['-e', '/x.tar', 'c1']], ['rmi', 'RemoveImage', () => ['-a']], ['pull', 'PullImage', () => ['app']],
  ])('of %s prints %s and changes nothing', async (verb, method, argv) => {
    addContainer('c1')
    world.pods.set('p1', true)
    world.images.push({id: 'sha256:aa', repoTags: ['a:1']})
    const {stdout, status} = await run(verb, ...argv(), '--dry-run')
    expect(JSON.parse(stdout)).toMatchObject({endpoint: `unix://${cri.socket}`, method})
    expect([status, world.calls]).toEqual([0, []])
  })

  test('of run prints all four', async () => {
    const {stdout} = await run('run', containerFile, podFile, '--dry-run')
    expect([...stdout.matchAll(/"method": "(\w+)"/g)].map(([, method]) => method)).toEqual(['PullImage', 'RunPodSandbox', 'CreateContainer', 'StartContainer'])
    expect(world.calls).toEqual([])
  })
})

describe('jsonschema', () => {
  test.each([
    [['runp', 'jsonschema'], ['PodSandboxConfig']], [['pull', 'js'], ['PodSandboxConfig']], [['create', 'jsonschema', '--container'], ['ContainerConfig']],
    [['run', 'js', '-pc'], ['PodSandboxConfig', 'ContainerConfig']], [['-r', 'unix:///none', 'create', 'js', '-c'], ['ContainerConfig']],
  ])('%s prints %s', async (argv, messages) => {
    const {stdout, stderr, status} = await rtctl('cri', ...argv)
    expect([...stdout.matchAll(/^ {2}"\$ref": "#\/\$defs\/(\w+)"/gm)].map(([, name]) => name)).toEqual(messages)
    expect([stderr, status]).toEqual(['', 0])
  })

  test('asks whose', async () => expect(await rtctl('cri', 'create', 'jsonschema')).toMatchObject({stdout: '', status: 2}))
})
