// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {openLiveHost} from '../../../src/host/live-host.ts'
import {recordHost} from '../../../src/host/recording-host.ts'
import {replaySnapshot} from '../../../src/host/snapshot-host.ts'
import {Records} from '../../../src/host/records.ts'
import {ok} from '../../../src/model/observed.ts'
import {probeCriEndpoints, readStatusInfo} from '../../../src/probes/cri-endpoints.ts'
import type {Answer} from '../cri/fake-cri.ts'
import {container, pod, serveCri, serveRaw, temporaryFolder} from '../cri/fake-cri.ts'

const VERSION = {version: '0.1.0', runtimeName: 'containerd', runtimeVersion: '1.6.20', runtimeApiVersion: 'v1'}
const STATUS = {
  status: {conditions: [{type: 'NetworkReady', status: false, reason: 'NetworkPluginNotReady', message: 'cni plugin not initialized'}]},
  info: new Map([
    ['golang', '"go1.19.8"'],
    [
      'config',
      JSON.stringify({
        containerd: {
          snapshotter: 'overlayfs',
          defaultRuntimeName: 'runc',
          runtimes: {runc: {runtimeType: 'io.containerd.runc.v2', options: {SystemdCgroup: true}}, runsc: {}},
        },
        registry: {configs: {'registry.example': {auth: {username: 'ci', password: 'hunter2'}}}},
        sandboxImage: 'registry.k8s.io/pause:3.9',
      }),
    ],
  ]),
  runtimeHandlers: [],
  features: undefined,
}
const RUNTIME = {Version: VERSION, Status: STATUS, ListPodSandbox: {items: [pod(1)]}, ListContainers: {containers: [container(1)]}}
const FACTS = {
  apiVersions: ['v1'],
  runtimeName: 'containerd',
  runtimeVersion: '1.6.20',
  conditions: STATUS.status.conditions,
  handlers: ['runc', 'runsc'],
  cgroupDriver: 'systemd',
  snapshotter: 'overlayfs',
  sandboxImage: 'registry.k8s.io/pause:3.9',
  pods: [{id: pod(1).id, name: 'pod-1', namespace: 'default', uid: 'uid-1', ready: true, handler: ''}],
  containers: [{id: container(1).id, podSandboxId: 'f'.repeat(64), name: 'app-1', image: `sha256:${'a'.repeat(64)}`, state: 'running'}],
}

let folder: ReturnType<typeof temporaryFolder>
let ends: (() => void)[]

beforeEach(() => {
  folder = temporaryFolder()
  ends = [folder.remove]
})

afterEach(() => {
  for (const end of ends.reverse()) end()
})

const host = (askTimeoutMs = 10_000) => openLiveHost({root: folder.path, proc: '/proc', askTimeoutMs})

async function serve(api: readonly string[], answers: Readonly<Record<string, Answer>>, name = 'cri.sock'): Promise<void> {
  ends.push((await serveCri(join(folder.path, name), api, answers)).stop)
}

async function ask(address = '/cri.sock', from = host()) {
  const [facts] = await probeCriEndpoints(from, [{address, reasons: ['listens']}])
  return facts
}

test('a runtime is described by its version, status, pods and containers', async () => {
  await serve(['v1'], RUNTIME)
  expect(await ask()).toEqual({address: '/cri.sock', reasons: ['listens'], answer: ok(FACTS, 'cri /cri.sock')})
})

test('every version that answers is named, and the old one alone is enough', async () => {
  await serve(['v1alpha2', 'v1'], RUNTIME)
  await serve(['v1alpha2'], RUNTIME, 'old.sock')
  expect(await ask()).toMatchObject({answer: {value: {apiVersions: ['v1', 'v1alpha2']}}})
  expect(await ask('/old.sock')).toMatchObject({answer: {value: {...FACTS, apiVersions: ['v1alpha2']}}})
})

test('what the runtime says of its cgroup driver and handlers goes before its configuration', async () => {
  const handlers = ['', 'runc', 'kata'].map((name) => ({name, features: undefined}))
  await serve(['v1'], {...RUNTIME, Status: {...STATUS, runtimeHandlers: handlers}, RuntimeConfig: {linux: {cgroupDriver: 1}}})
  expect(await ask()).toMatchObject({answer: {value: {cgroupDriver: 'cgroupfs', handlers: ['runc', 'kata']}}})
})

test('nothing secret and nothing superfluous is recorded, and the record replays to the same facts', async () => {
  await serve(['v1'], RUNTIME)
  const recorder = recordHost(host())
  const live = await probeCriEndpoints(recorder.host, [{address: '/cri.sock', reasons: []}])
  const recorded = JSON.stringify(recorder.records.get('ask', 'cri /cri.sock'))
  expect(recorded).not.toContain('hunter2')
  expect(recorded).not.toContain('go1.19.8')
  expect(await probeCriEndpoints(replaySnapshot('s.jsonl', recorder.records), [{address: '/cri.sock', reasons: []}])).toEqual(live)
})

test('a gRPC server without CRI, and a server of another kind, serve no version', async () => {
  await serve(['v1'], {Version: {code: 12, details: 'unknown service runtime.v1.RuntimeService'}})
  ends.push((await serveRaw(join(folder.path, 'docker.sock'), (connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'))).stop)
  expect(await ask()).toMatchObject({answer: {state: 'ok', value: {apiVersions: []}}})
  expect(await ask('/docker.sock')).toMatchObject({answer: {state: 'ok', value: {apiVersions: []}}})
})

test('a missing socket is absent; a directory, a file and a deserted socket are not', async () => {
  mkdirSync(join(folder.path, 'directory'))
  writeFileSync(join(folder.path, 'file'), '')
  expect(await ask('/none.sock')).toMatchObject({answer: {state: 'absent', source: '/none.sock'}})
  expect(await ask('/directory')).toMatchObject({answer: {state: 'unreadable', reason: 'EIO', detail: 'no socket but a directory'}})
  expect(await ask('/file')).toMatchObject({answer: {state: 'unreadable', reason: 'EIO', detail: 'no socket but a file'}})
  expect(await ask('tcp://127.0.0.1:3735')).toMatchObject({answer: {state: 'unreadable', reason: 'malformed'}})
})

test('one runtime that hangs is a timeout, and costs the others nothing', async () => {
  await serve(['v1'], {Version: 'hang'}, 'hangs.sock')
  await serve(['v1'], RUNTIME)
  const begin = performance.now()
  const facts = await probeCriEndpoints(host(2000), ['/hangs.sock', '/cri.sock'].map((address) => ({address, reasons: []})))
  expect(facts).toMatchObject([{answer: {state: 'unreadable', reason: 'timeout'}}, {answer: {state: 'ok'}}])
  expect(performance.now() - begin).toBeLessThan(5000)
}, 10_000)

test('a runtime that breaks in the middle is unreadable, not empty', async () => {
  await serve(['v1'], {...RUNTIME, ListContainers: {code: 2, details: 'metadata store is locked'}})
  await serve(['v1'], {...RUNTIME, ListPodSandbox: Buffer.from([0x0a, 0x05, 0x01])}, 'garbage.sock')
  expect(await ask()).toMatchObject({answer: {state: 'unreadable', reason: 'EIO', detail: 'metadata store is locked'}})
  expect(await ask('/garbage.sock')).toMatchObject({answer: {state: 'unreadable', reason: 'malformed'}})
})

test('10,000 containers fit into one record', async () => {
  await serve(['v1'], {...RUNTIME, ListContainers: {containers: Array.from({length: 10_000}, (_, index) => container(index, {state: (index % 5) as 0}))}})
  const facts = await ask()
  const containers = facts?.answer.state === 'ok' ? facts.answer.value.containers : []
  expect(containers).toHaveLength(10_000)
  expect(new Set(containers.map(({state}) => state))).toEqual(new Set(['created', 'running', 'exited', 'unknown']))
})

test('the same address in a nested machine is another question', async () => {
  mkdirSync(join(folder.path, 'nested'))
  await serve(['v1'], {...RUNTIME, Version: {...VERSION, runtimeVersion: '2.1.9'}}, 'nested/cri.sock')
  await serve(['v1'], RUNTIME)
  const {host: recorder} = recordHost(host())
  const outer = await probeCriEndpoints(recorder, [{address: '/cri.sock', reasons: []}])
  const inner = await probeCriEndpoints(recorder.within('/nested'), [{address: '/cri.sock', reasons: [], inside: 7}])
  expect(outer).toMatchObject([{answer: {value: {runtimeVersion: '1.6.20'}}}])
  expect(inner).toMatchObject([{inside: 7, answer: {value: {runtimeVersion: '2.1.9'}}}])
})

test('whatever a snapshot holds as an answer, the probe gives facts or says malformed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.record({pods: fc.jsonValue(), containers: fc.jsonValue(), handlers: fc.jsonValue()})), async (value) => {
      const records = new Records()
      records.set('stat', '/cri.sock', ok({type: 'socket'}, '/cri.sock'))
      records.set('ask', 'cri /cri.sock', ok(value, 'cri /cri.sock'))
      const [facts] = await probeCriEndpoints(replaySnapshot('s.jsonl', records), [{address: '/cri.sock', reasons: []}])
      if (facts?.answer.state === 'ok') expect(Array.isArray(facts.answer.value.pods)).toBe(true)
      else expect(facts?.answer).toMatchObject({state: 'unreadable', reason: 'malformed'})
    }),
  )
})

test('the texts of a verbose status may be anything', () => {
  const of = (config: string) => readStatusInfo(new Map([['config', config]]))
  expect(of('{"sandboxImage":"registry.k8s.io/pause:3.10"}')).toEqual({sandboxImage: 'registry.k8s.io/pause:3.10', handlers: []})
  expect(of('{"containerd":{"defaultRuntimeName":"__proto__","runtimes":{"runc":{"runtimeType":"io.containerd.runc.v2"}}}}')).toEqual({handlers: ['runc']})
  expect(of('{"systemdCgroup":true,"containerd":{"defaultRuntimeName":"old","runtimes":{"old":{"runtimeType":"io.containerd.runtime.v1.linux"}}}}')).toEqual({
    cgroupDriver: 'systemd',
    handlers: ['old'],
  })
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void of(text)))
})
