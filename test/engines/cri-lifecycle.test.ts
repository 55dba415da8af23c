// SPDX-License-Identifier: Apache-2.0
import {createHash, randomBytes} from 'node:crypto'
import {existsSync, readFileSync, renameSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {rtctl} from '../cli/support.ts'
import {image, writePod, type ContainerExtra} from './harness/configs.ts'
import {containerStatus, sandboxIds} from './harness/cri-calls.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import type {Suite} from './harness/packages.ts'
import {criOf, type Cri} from './harness/rtctl.ts'
import {eventually, outputOf} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'
import {truthOf} from './harness/truth.ts'

interface World {
  readonly engines: Engines
  readonly cri: Cri
  readonly socket: string
}

const ID = /^[0-9a-f]{64}$/

const generations: readonly {readonly suite: Suite; readonly version: string; readonly hasEvents: boolean}[] = [
  {suite: 'bookworm', version: '1.6', hasEvents: false},
  {suite: 'trixie', version: '1.7', hasEvents: true},
  {suite: 'forky', version: '2.', hasEvents: true},
]

/** A pod with one container, made by rtctl. */
async function runContainer({engines, cri}: World, name: string, extra: ContainerExtra = {}) {
  const files = writePod(engines, name)
  const podId = await cri.ok('runp', files.pod)
  const id = await cri.ok('create', podId, files.container('main', extra), files.pod)
  await cri.ok('start', id)
  return {podId, id, files}
}

async function remove({cri}: World, podId: string): Promise<void> {
  expect(await cri.ok('rmp', '--force', podId)).toBe(`Stopped sandbox ${podId}\nRemoved sandbox ${podId}`)
}

async function truth({engines}: World, id: string) {
  return (await truthOf(engines)).find(container => container.id === id)
}

/** The first process of a container, as the engine says. */
async function pidOf(world: World, id: string): Promise<number> {
  const {pid} = await truth(world, id) ?? {}
  if (pid === undefined) throw new Error(`${id} does not run`)
  return pid
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe.each(generations)('rtctl cri on containerd $version ($suite)', ({suite, version, hasEvents}) => {
  const world = withEngines<World>(async started => {
    const engines = started(await startEngines(suite, {docker: false, cri: true}))
    return {engines, cri: criOf(engines), socket: engines.containerdSocket}
  })

  test('takes a pod and a container through their lives, and the engine agrees at each step', async () => {
    const {engines, cri, socket} = world()
    expect(JSON.parse(await cri.ok('version', '--json'))).toMatchObject({runtimeName: 'containerd', runtimeVersion: expect.stringContaining(version)})
    const files = writePod(engines, 'life')

    const podId = await cri.ok('runp', files.pod)
    expect(podId).toMatch(ID)
    expect(await truth(world(), podId)).toMatchObject({kind: 'sandbox', pod: 'shop/life', state: 'running'})

    const id = await cri.ok('create', podId, files.container('main'), files.pod)
    expect(id).toMatch(ID)
    expect(await containerStatus(socket, id)).toMatchObject({state: 'created'})

    expect(await cri.ok('start', id.slice(0, 13))).toBe(id.slice(0, 13))
    expect(await truth(world(), id)).toMatchObject({name: 'main', pod: 'shop/life', image, state: 'running'})
    expect(await cri.ok('ps', '-q')).toContain(id)

    expect(await cri.ok('update', '--memory', String(64 << 20), id)).toBe(id)
    expect(memoryLimit(await pidOf(world(), id))).toBe(64 << 20)

    expect(await cri.ok('stop', id)).toBe(id)
    expect(await truth(world(), id)).toMatchObject({state: 'exited', pid: undefined})
    expect(await containerStatus(socket, id)).toMatchObject({state: 'exited', exitCode: 137})

    expect(await cri.ok('rm', id)).toBe(id)
    expect(await truth(world(), id)).toBeUndefined()

    expect(await cri.ok('stopp', podId)).toBe(`Stopped sandbox ${podId}`)
    expect(await truth(world(), podId)).toMatchObject({state: 'exited'})
    expect(await cri.ok('rmp', podId)).toBe(`Removed sandbox ${podId}`)
    expect(await sandboxIds(socket)).not.toContain(podId)
    expect(await truth(world(), podId)).toBeUndefined()
  })

  test('refuses what the engine refuses: status 1, nothing on standard output, and nothing changed', async () => {
    const {cri, engines} = world()
    const {podId, id, files} = await runContainer(world(), 'kept')
    const before = await truthOf(engines)
    for (const argv of [['rm', id], ['rmp', podId], ['start', id], ['runp', files.pod], ['exec', 'f'.repeat(12), 'true']]) {
      const refused = await cri(...argv)
      expect({argv, status: refused.status, stdout: refused.stdout}).toEqual({argv, status: 1, stdout: ''})
      expect(refused.stderr).not.toBe('')
    }
    expect(await truthOf(engines)).toEqual(before)
    await remove(world(), podId)
  })

  test('runs a command in a container and waits for it: both outputs and its status', async () => {
    const {cri} = world()
    const {podId, id} = await runContainer(world(), 'sync')
    const {status, stdout, stderr} = await cri.fed('', 'exec', '--sync', id, 'sh', '-c', 'echo out; echo err >&2; exit 7')
    expect({status, said: (stdout + stderr).trim().split('\n').filter(Boolean)}).toMatchObject({status: 7, said: ['out', 'err']})
    await remove(world(), podId)
  })

  describe('exec over a stream', () => {
    test('keeps the outputs apart, passes the status on, and reads no standard input that it was not given', async () => {
      const {cri} = world()
      const {podId, id} = await runContainer(world(), 'streams')
      const {status, stdout, stderr} = await cri.fed('unread', 'exec', id, 'sh', '-c', 'cat; echo out; echo err >&2; exit 7')
      expect({status, stdout, stderr}).toEqual({status: 7, stdout: 'out\n', stderr: expect.stringContaining('err\n')})
      await remove(world(), podId)
    })

    test('carries 10 MB in either direction intact, and the end of standard input', async () => {
      const {cri} = world()
      const {podId, id} = await runContainer(world(), 'bytes')
      const root = `/proc/${await pidOf(world(), id)}/root`
      const sent = randomBytes(10 << 20)
      // with its standard output in a file too, containerd would end its standard input: the shell keeps it open
      expect(await cri.fed(sent, 'exec', '-i', id, 'sh', '-c', 'cat > /tmp/bytes; :')).toMatchObject({status: 0, stdout: ''})
      expect(sha256(readFileSync(`${root}/tmp/bytes`))).toBe(sha256(sent))
      const got = await cri.fed('', 'exec', id, 'cat', '/tmp/bytes')
      expect({status: got.status, length: got.bytes.length, sum: sha256(got.bytes)}).toEqual({status: 0, length: sent.length, sum: sha256(sent)})
      const echoed = await cri.fed(sent, 'exec', '-i', id, 'cat')
      expect({status: echoed.status, length: echoed.bytes.length, sum: sha256(echoed.bytes)}).toEqual({status: 0, length: sent.length, sum: sha256(sent)})
      await remove(world(), podId)
    })

    test('gives a terminal its size, its changes, Ctrl-C and the status', async () => {
      const {cri} = world()
      const {podId, id} = await runContainer(world(), 'terminal')
      const shell = cri.onTerminal('exec', '-it', id, 'sh')
      const [, terminal = ''] = /(\/dev\/pts\/\d+)/.exec(await shell.says(/\/dev\/pts\/\d+/)) ?? []
      await shell.says('# ')
      shell.write('busybox stty size\n')
      await shell.says('33 101')
      await outputOf('stty', ['-F', terminal, 'rows', '44', 'cols', '88'])
      await eventually(10_000, async () => {
        shell.write('busybox stty size\n')
        await new Promise(resolve => setTimeout(resolve, 100))
        expect(shell.stdout()).toContain('44 88')
      })
      shell.write('echo before; sleep 1000\n')
      await shell.says(/^before\r/m)
      shell.write('\u0003')
      shell.write('echo aft""er\n')
      await shell.says('after')
      shell.write('exit 7\n')
      expect((await shell.ended).status).toBe(7)
      await remove(world(), podId)
    })

    test('ends when it is interrupted', async () => {
      const {cri} = world()
      const {podId, id} = await runContainer(world(), 'interrupted')
      const run = cri.start('exec', id, 'sh', '-c', 'echo ready; sleep 1000')
      await run.says('ready')
      run.signal('SIGINT')
      const {status, stderr} = await run.ended
      expect(status).not.toBe(0)
      expect(stderr).not.toMatch(/\n\s+at /)
      await remove(world(), podId)
    })
  })

  test('logs follows a container across a rotation, misses and repeats no line, and ends with the container', async () => {
    const {cri} = world()
    const command = ['sh', '-c', 'i=0; while [ $i -lt 40 ]; do echo line $i; i=$((i+1)); sleep 0.1; done']
    const {podId, id, files} = await runContainer(world(), 'rotated', {command})
    const log = join(files.logDirectory, 'main/0.log')
    expect((await containerStatus(world().socket, id)).logPath).toBe(log)
    const follower = cri.start('logs', '-f', id)
    await follower.says('line 8\n')
    // as the kubelet does it: rename, then ask the runtime to open the log anew
    renameSync(log, `${log}.20260101-000000`)
    expect(await cri.ok('logs', '--reopen', '--tail', '0', id)).toBe('')
    expect(existsSync(log)).toBe(true)
    const {status, stdout} = await follower.ended
    expect({status, stdout}).toEqual({status: 0, stdout: Array.from({length: 40}, (_, line) => `line ${line}\n`).join('')})
    const [stamp = '', stream, tag, ...words] = readFileSync(log, 'utf8').trimEnd().split('\n').at(-1)?.split(' ') ?? []
    expect([stream, tag, words.join(' ')]).toEqual(['stdout', 'F', 'line 39'])
    // containerd leaves zeros at the end away; crictl and the kubelet print nine digits
    const nine = stamp.replace(/(?:\.(\d+))?Z$/, (_, digits = '') => `.${String(digits).padEnd(9, '0')}Z`)
    expect(await cri.ok('logs', '--tail', '1', '--timestamps', id)).toBe(`${nine} line 39`)
    await remove(world(), podId)
  })

  test('stats says what a container uses', async () => {
    const {cri} = world()
    const {podId, id} = await runContainer(world(), 'measured', {command: ['sh', '-c', 'while :; do :; done']})
    const first = JSON.parse(await cri.ok('stats', '-o', 'json', id)) as StatsDocument
    const pid = await pidOf(world(), id)
    const ticks = Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[13])
    expect(first.stats.map(({attributes}) => attributes.id)).toEqual([id])
    const nanoseconds = Number(first.stats[0]?.cpu.usageCoreNanoSeconds.value)
    // it spins in user mode; /proc counts in ticks of 10 ms, a little later
    expect(nanoseconds).toBeGreaterThan(0)
    expect(nanoseconds).toBeLessThan((ticks + 100) * 1e7)
    expect(Number(first.stats[0]?.memory.workingSetBytes.value)).toBeGreaterThan(0)
    expect(await cri.ok('stats', id)).toMatch(new RegExp(`${id.slice(0, 13)}\\s+main\\s+\\d`))
    await remove(world(), podId)
  })

  test('wait gives the status of a container, and changes the files that it has written', async () => {
    const {cri} = world()
    const command = ['sh', '-c', 'echo new > /www/new.html; read word; exit 7']
    const {podId, id} = await runContainer(world(), 'awaited', {command, stdin: true})
    await eventually(10_000, async () => expect(await cri.ok('changes', id)).toContain('C /www\nA /www/new.html'))
    const waiting = cri.start('wait', id)
    expect(await cri.fed('go\n', 'attach', '-i', id)).toMatchObject({status: 0})
    expect(await waiting.ended).toMatchObject({status: 0, stdout: '7\n'})
    await remove(world(), podId)
  })

  test('events tells of a container from its creation to its removal, or says that the runtime is too old for it', () => (
    hasEvents ? eventsAreTold(world()) : eventsAreRefused(world())
  ))

  test('port-forward serves two connections at once', async () => {
    const {cri} = world()
    const {podId} = await runContainer(world(), 'served', {command: ['httpd', '-f', '-p', '8080', '-h', '/www']})
    const forward = cri.start('port-forward', podId, ':8080')
    const [, port = ''] = /127\.0\.0\.1:(\d+) -> 8080/.exec(await forward.says(/127\.0\.0\.1:(\d+) -> 8080/)) ?? []
    const pages = await Promise.all([1, 2, 3].map(async () => (await fetch(`http://127.0.0.1:${port}/index.html`)).text()))
    expect(pages).toEqual(Array.from({length: 3}, () => 'a test page\n'))
    forward.signal('SIGINT')
    expect((await forward.ended).stderr).not.toMatch(/\n\s+at /)
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow()
    await remove(world(), podId)
  })

  test('attach reads and writes the first process of a container', async () => {
    const {cri, socket} = world()
    const command = ['sh', '-c', 'read word; echo got $word; read word; exit 7']
    const {podId, id} = await runContainer(world(), 'attached', {command, stdin: true})
    const attached = cri.start('attach', '-i', id)
    attached.write('hello\n')
    await attached.says('got hello\n')
    attached.write('bye\n')
    await attached.ended
    await eventually(10_000, async () => expect(await containerStatus(socket, id)).toMatchObject({state: 'exited', exitCode: 7}))
    await remove(world(), podId)
  })

  test('attach with a terminal is a terminal', async () => {
    const {cri} = world()
    const {podId, id} = await runContainer(world(), 'attached-terminal', {command: ['sh'], stdin: true, tty: true})
    const attached = cri.onTerminal('attach', '-it', id)
    attached.write('busybox stty size\n')
    await attached.says('33 101')
    attached.write('exit\n')
    await attached.ended
    await remove(world(), podId)
  })

  test('which knows the container of a process', async () => {
    const {podId, id} = await runContainer(world(), 'asked-for')
    const which = async (pid: number, ...flags: readonly string[]) => (await rtctl('cri', 'which', String(pid), ...flags)).stdout
    const pid = await pidOf(world(), id)
    expect(await which(pid, '--quiet')).toBe(`${id}\n`)
    expect(await which(pid)).toContain('asked-for')
    expect(JSON.parse(await which(pid, '--json'))).toMatchObject({container: {id, pid}})
    expect(await which(await pidOf(world(), podId), '--quiet')).toBe(`${podId}\n`)
    expect(await which(process.pid, '--quiet')).toBe('')
    await remove(world(), podId)
  })
})

async function eventsAreTold(world: World): Promise<void> {
  const events = world.cri.start('events')
  try {
    await untilHeard(world, () => documents(events.stdout()).length > 0)
    const {podId, id} = await runContainer(world, 'watched')
    await remove(world, podId)
    const seen = (type: string, one: string) => eventually(20_000, () => {
      if (documents(events.stdout()).some(event => event.containerEventType === type && event.containerId === one)) return
      throw new Error(`no ${type} of ${one}: ${events.stdout()}${events.stderr()}`)
    })
    for (const one of [podId, id]) {
      for (const type of ['CONTAINER_CREATED_EVENT', 'CONTAINER_STARTED_EVENT', 'CONTAINER_STOPPED_EVENT', 'CONTAINER_DELETED_EVENT']) await seen(type, one)
    }
  } finally {
    // Left running it would take the events of the next try: containerd 1 gives each to one reader only.
    events.signal('SIGINT')
  }
  expect((await events.ended).status).toBeLessThan(131)
}

/** Nothing says that a reader of events is connected but an event: whether those of before are kept for it is not for sure. */
async function untilHeard(world: World, heard: () => boolean): Promise<void> {
  for (let turn = 0; !heard(); turn += 1) {
    expect(turn).toBeLessThan(20)
    const {podId} = await runContainer(world, `herald-${turn}`)
    await remove(world, podId)
  }
}

async function eventsAreRefused({cri}: World): Promise<void> {
  const {status, stdout, stderr} = await cri('events')
  expect({status, stdout}).toEqual({status: 1, stdout: ''})
  expect(stderr).toContain('GetContainerEvents')
}

interface StatsDocument {
  readonly stats: readonly {
    readonly attributes: {readonly id: string}
    readonly cpu: {readonly usageCoreNanoSeconds: {readonly value: string}}
    readonly memory: {readonly workingSetBytes: {readonly value: string}}
  }[]
}

/** JSON documents one after the other, as far as they are complete. */
function documents(text: string): readonly {readonly containerEventType?: string; readonly containerId?: string}[] {
  return text.split(/(?<=^\})\n/m).flatMap(part => {
    try {
      return [JSON.parse(part) as {containerEventType?: string; containerId?: string}]
    } catch {
      return []
    }
  })
}

/** Bytes, from the kernel: cgroup v1 or v2, whichever has the memory controller. */
function memoryLimit(pid: number): number {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n')
  const path = (part: string) => lines.find(line => line.includes(part))?.split(':')[2] ?? ''
  const v1 = join('/sys/fs/cgroup/memory', path(':memory:'), 'memory.limit_in_bytes')
  return Number(readFileSync(existsSync(v1) ? v1 : join('/sys/fs/cgroup', path('0::'), 'memory.max'), 'utf8'))
}
