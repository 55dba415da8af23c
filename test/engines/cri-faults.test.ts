// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:http'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {forever, writePod} from './harness/configs.ts'
import {containerStatus} from './harness/cri-calls.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {rtctlAsNobody} from './harness/inspect.ts'
import type {Suite} from './harness/packages.ts'
import {criOf, type Cri, type Ended, type Running} from './harness/rtctl.ts'
import {eventually} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'

/** What rtctl may take to notice that its daemon is gone, and to try whether it comes back; a busy machine included. */
const SECONDS = 15_000

/** Verbs that were under way when containerd was killed. */
const verbs = ['runp', 'exec', 'events', 'pull', 'stop'] as const
type Verb = typeof verbs[number]

interface World {
  readonly engines: Engines
  readonly cri: Cri
  readonly ended: Readonly<Record<Verb, Ended>>
  /** verbs that had ended before the kill */
  readonly early: readonly Verb[]
  /** milliseconds from the kill to the end */
  readonly took: Readonly<Record<Verb, number>>
  /** `logs -f`, which goes on */
  readonly logs: Running
  readonly chatty: string
  readonly podId: string
}

/** A registry that takes requests and never answers. */
async function mute() {
  let asked = () => {}
  const wasAsked = new Promise<void>(resolve => { asked = resolve })
  const server = createServer(() => asked())
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  return {
    name: `127.0.0.1:${(server.address() as AddressInfo).port}`, wasAsked,
    stop: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** An OCI runtime that never has a container ready, under the name of a RuntimeClass handler. What it gives waits until it is called. */
function slowRuntime({directory}: Engines): () => Promise<void> {
  const called = join(directory, 'called')
  const program = join(directory, 'bin/crun')
  renameSync(program, `${program}.real`)
  // containerd 2 asks it for its features when it starts
  const script = `#!/bin/sh\ncase "$*" in *create*) touch ${called}; exec sleep 1000;; esac\nexec ${program}.real "$@"\n`
  writeFileSync(program, script, {mode: 0o755})
  return () => eventually(20_000, () => {
    if (!existsSync(called)) throw new Error('the OCI runtime was not called')
  })
}

const talk = ['sh', '-c', 'i=0; while :; do echo line $i; i=$((i+1)); sleep 0.2; done']
const deaf = ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 1; done']

/** Starts every verb, waits until each is under way, and kills containerd. */
async function killInTheMiddle(engines: Engines): Promise<World> {
  const cri = criOf(engines)
  const registry = await mute()
  const files = writePod(engines, 'kept')
  const podId = await cri.ok('runp', files.pod)
  const make = async (name: string, command: readonly string[]) => {
    const id = await cri.ok('create', podId, files.container(name, {command}), files.pod)
    return cri.ok('start', id)
  }
  const [chatty, stubborn] = [await make('chatty', talk), await make('stubborn', deaf)]
  await eventually(20_000, async () => expect(await cri.ok('logs', stubborn)).toBe('ready'))
  const isCalled = slowRuntime(engines)
  const running: Record<Verb, Running> = {
    runp: cri.start('runp', '--runtime', 'crun', writePod(engines, 'slow').pod),
    exec: cri.start('exec', chatty, 'sh', '-c', 'echo ready; sleep 1000'),
    events: cri.start('events'),
    pull: cri.start('pull', `${registry.name}/some/image:1`),
    stop: cri.start('stop', '--timeout', '100', stubborn),
  }
  const logs = cri.start('logs', '-f', chatty)
  await Promise.all([isCalled(), registry.wasAsked, running.exec.says('ready'), logs.says('line 3')])
  // nothing shows that a stop or a stream of events is under way
  await new Promise(resolve => setTimeout(resolve, 1500))
  const over: Verb[] = []
  for (const verb of verbs) void running[verb].ended.then(() => over.push(verb))
  // one that has ended already is noted before the next line
  await new Promise(resolve => setImmediate(resolve))
  const early = [...over]
  const killed = performance.now()
  await engines.kill9('containerd')
  const took: Partial<Record<Verb, number>> = {}
  const results = await Promise.all(verbs.map(async verb => {
    const ended = await running[verb].ended
    took[verb] = performance.now() - killed
    return [verb, ended] as const
  }))
  registry.stop()
  return {engines, cri, ended: Object.fromEntries(results) as Record<Verb, Ended>, early, took: took as Record<Verb, number>, logs, chatty, podId}
}

const generations = [{suite: 'bookworm', version: '1.6'}, {suite: 'trixie', version: '1.7'}, {suite: 'forky', version: '2.1'}] as const

describe.each(generations)('when containerd $version ($suite) is killed', ({suite}: {suite: Suite}) => {
  const world = withEngines<World>(async started => killInTheMiddle(started(await startEngines(suite, {docker: false, cri: true}))))

  test('all verbs were under way, but for events where the runtime has none', () => {
    expect(world().early).toEqual(suite === 'bookworm' ? ['events'] : [])
  })

  test.each(verbs)('%s ends within seconds, with status 1 and a sentence that says where', verb => {
    const {engines, ended, took} = world()
    const {status, stderr} = ended[verb]
    const where = verb === 'exec' ? /streaming server of the runtime, http:\/\/127\.0\.0\.1:\d+/ : new RegExp(engines.containerdSocket)
    expect({status, stderr}).toEqual({status: 1, stderr: expect.stringMatching(where)})
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(took[verb]).toBeLessThan(SECONDS)
  })

  test('every verb says that nobody listens', async () => {
    const {cri, engines} = world()
    const {status, stdout, stderr} = await cri('ps')
    expect({status, stdout, stderr}).toEqual({status: 1, stdout: '', stderr: expect.stringContaining(engines.containerdSocket)})
  })

  test('a verb that is started meanwhile waits for it, and logs -f has gone on, and all verbs work again', async () => {
    const {cri, engines, chatty, podId} = world()
    const waiting = cri.start('ps', '--quiet', '--max-retries', '-1')
    await engines.restart('containerd')
    expect(await waiting.ended).toMatchObject({status: 0, stdout: expect.stringContaining(chatty)})
    expect(await cri.fed('', 'exec', chatty, 'sh', '-c', 'echo again; exit 7')).toMatchObject({status: 7, stdout: 'again\n'})
    const seen = world().logs.stdout().length
    await eventually(20_000, () => expect(world().logs.stdout().length).toBeGreaterThan(seen + 30))
    const files = writePod(engines, 'after')
    const after = await cri.ok('runp', files.pod)
    const id = await cri.ok('create', after, files.container('main', {command: forever}), files.pod)
    expect(await cri.ok('start', id)).toBe(id)
    expect(await cri.ok('stop', chatty)).toBe(chatty)
    expect(await containerStatus(engines.containerdSocket, chatty)).toMatchObject({state: 'exited'})
    const logs = await world().logs.ended
    // it has noticed if it asked meanwhile whether the container still runs
    expect({status: logs.status, stderr: logs.stderr}).toEqual({status: 0, stderr: expect.stringMatching(/^(rtctl: the runtime does not answer .*\n)?$/)})
    expect(logs.stdout).toBe(await linesOf(engines, chatty))
    expect(await cri.ok('rmp', '--force', after, podId)).toContain(`Removed sandbox ${podId}`)
  })
})

/** What a container has written to its log file, without the format of the CRI. */
async function linesOf(engines: Engines, id: string): Promise<string> {
  const {logPath} = await containerStatus(engines.containerdSocket, id)
  return readFileSync(logPath, 'utf8').replaceAll(/^\S+ stdout F /gm, '')
}

describe('a CRI endpoint', () => {
  const engines = withEngines(async started => started(await startEngines('trixie', {docker: false, cri: true})))
  const endpoint = () => ['--runtime-endpoint', `unix://${engines().containerdSocket}`]

  test('that this user may not open is told to be one, with what to do', async () => {
    const {code, stdout, stderr} = await rtctlAsNobody(engines(), 'cri', ...endpoint(), 'ps')
    expect({code, stdout}).toEqual({code: 1, stdout: ''})
    expect(stderr).toContain(engines().containerdSocket)
    expect(stderr).toContain('may not connect')
    expect(stderr).toContain('Run it as root')
  })

  test('that hangs costs the time limit and no more, for questions and for changes', async () => {
    const cri = criOf(engines())
    const files = writePod(engines(), 'never')
    engines().signal('containerd', 'SIGSTOP')
    try {
      for (const argv of [['ps'], ['version'], ['images'], ['stats'], ['runp', files.pod], ['pull', '--pull-timeout', '1s', 'docker.io/rtctl-test/other:1']]) {
        const started = performance.now()
        const {status, stdout, stderr} = await cri(...argv, '--call-timeout', '1s')
        expect({argv, status, stdout, stderr}).toEqual({argv, status: 1, stdout: '', stderr: expect.stringContaining(engines().containerdSocket)})
        expect(performance.now() - started).toBeLessThan(SECONDS)
      }
    } finally {
      engines().signal('containerd', 'SIGCONT')
    }
    expect(JSON.parse(await cri.ok('version', '--json'))).toMatchObject({runtimeName: 'containerd'})
  })
})
