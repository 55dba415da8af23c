// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, writeFileSync} from 'node:fs'
import type {RequestListener} from 'node:http'
import {createServer} from 'node:http'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {openLiveHost} from '../../../src/host/live-host.ts'
import {recordHost} from '../../../src/host/recording-host.ts'
import {Records} from '../../../src/host/records.ts'
import {replaySnapshot} from '../../../src/host/snapshot-host.ts'
import {ok} from '../../../src/model/observed.ts'
import {probeDockerApi} from '../../../src/probes/docker-api.ts'
import {serveRaw, temporaryFolder} from '../cri/fake-cri.ts'

const RUNNING = 'a'.repeat(64)
const EXITED = 'b'.repeat(64)
const GONE = 'c'.repeat(64)

const VERSION = {
  Version: '20.10.24',
  ApiVersion: '1.41',
  MinAPIVersion: '1.12',
  Components: [
    {Name: 'Engine', Version: '20.10.24', Details: {GoVersion: 'go1.19'}},
    {Name: 'containerd', Version: '1.6.20', Details: {GitCommit: '1.6.20'}},
    {Name: 'runc', Version: '1.1.5'},
  ],
}
const INFO = {
  Driver: 'overlay2',
  LoggingDriver: 'json-file',
  CgroupDriver: 'systemd',
  CgroupVersion: '2',
  DefaultRuntime: 'runc',
  Runtimes: {runc: {path: 'runc'}, nvidia: {path: 'nvidia-container-runtime', runtimeArgs: ['--token', 'hunter2']}},
  DockerRootDir: '/var/lib/docker',
  Swarm: {LocalNodeState: 'inactive', NodeAddr: ''},
  LiveRestoreEnabled: false,
  Containers: 3,
  ContainersRunning: 2,
  Images: 5,
  HttpProxy: 'http://ci:hunter2@proxy.example:3128',
  RegistryConfig: {Mirrors: ['https://ci:hunter2@mirror.example/']},
}
const LIST = [
  {Id: RUNNING, Names: ['/web'], Image: 'web:1', ImageID: 'sha256:1', State: 'running', Labels: {}},
  {Id: EXITED, Names: ['/job'], Image: 'job:1', ImageID: 'sha256:2', State: 'exited', Labels: {'com.docker.compose.project': 'shop', password: 'hunter2'}},
  {Id: GONE, Names: ['/gone'], Image: 'gone:1', ImageID: 'sha256:3', State: 'running', Labels: {}},
]
const INSPECT = {
  Id: RUNNING,
  Name: '/web',
  Image: 'sha256:1',
  State: {Status: 'running', Running: true, Paused: false, Restarting: false, Dead: false, Pid: 812, StartedAt: '2026-01-01T00:00:00Z'},
  Config: {Image: 'web:1', Env: ['TOKEN=hunter2'], Labels: {'io.kubernetes.pod.name': 'web-0', secret: 'hunter2'}},
  LogPath: '/var/lib/docker/containers/a/a-json.log',
  HostConfig: {Runtime: 'runc', LogConfig: {Type: 'json-file', Config: {'splunk-token': 'hunter2'}}, CgroupParent: '/kubepods', Init: true},
  NetworkSettings: {Ports: {'80/tcp': [{HostIp: '0.0.0.0', HostPort: '8080'}]}},
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

async function serve(answer: RequestListener): Promise<void> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(join(folder.path, 'docker.sock'), resolve))
  ends.push(() => {
    server.closeAllConnections()
    server.close()
  })
}

/** A dockerd that answers with these documents; everything else is 404. */
function engine(documents: Readonly<Record<string, unknown>> = {}): RequestListener {
  const all: Readonly<Record<string, unknown>> = {
    '/version': VERSION,
    '/info': INFO,
    '/containers/json': LIST,
    [`/containers/${RUNNING}/json`]: INSPECT,
    ...documents,
  }
  return (request, response) => {
    const document = all[(request.url ?? '').replace(/\?.*/, '')]
    response.statusCode = document === undefined ? 404 : 200
    response.end(document === undefined ? '{"message":"No such container"}' : JSON.stringify(document))
  }
}

const ask = (containers = false, limitMs?: number) => probeDockerApi(host(limitMs), '/docker.sock', {containers})

describe('a Docker Engine that answers', () => {
  test('is described by its version and info', async () => {
    await serve(engine())
    expect(await ask()).toEqual(
      ok(
        {
          socket: '/docker.sock',
          version: '20.10.24',
          apiVersion: '1.41',
          minApiVersion: '1.12',
          storageDriver: 'overlay2',
          loggingDriver: 'json-file',
          cgroupDriver: 'systemd',
          cgroupVersion: '2',
          defaultRuntime: 'runc',
          runtimes: ['runc', 'nvidia'],
          rootDir: '/var/lib/docker',
          swarm: 'inactive',
          liveRestore: false,
          containersTotal: 3,
          containersRunning: 2,
          images: 5,
          components: {containerd: '1.6.20', runc: '1.1.5'},
        },
        'docker /docker.sock',
      ),
    )
  })

  test('is asked for its containers only when that is wanted', async () => {
    const urls: string[] = []
    const answer = engine()
    await serve((request, response) => {
      urls.push(request.url ?? '')
      answer(request, response)
    })
    await ask()
    expect(urls.sort()).toEqual(['/info', '/version'])
    expect(await ask(true)).toMatchObject({
      value: {
        containers: [
          {
            id: RUNNING,
            name: 'web',
            image: 'web:1',
            imageId: 'sha256:1',
            state: 'running',
            pid: 812,
            runtime: 'runc',
            logDriver: 'json-file',
            logPath: '/var/lib/docker/containers/a/a-json.log',
            cgroupParent: '/kubepods',
            init: true,
            labels: {'io.kubernetes.pod.name': 'web-0'},
            ports: ['8080->80/tcp'],
            source: '/docker.sock',
          },
          {id: EXITED, name: 'job', image: 'job:1', imageId: 'sha256:2', state: 'exited', labels: {'com.docker.compose.project': 'shop'}, ports: []},
          {id: GONE, name: 'gone', state: 'running'},
        ],
      },
    })
    expect(urls.filter((url) => url.includes(EXITED))).toEqual([])
  })

  test('leaves nothing secret in the record, which replays to the same facts', async () => {
    await serve(engine())
    const recorder = recordHost(host())
    const live = await probeDockerApi(recorder.host, '/docker.sock', {containers: true})
    expect(live.state).toBe('ok')
    expect(JSON.stringify(recorder.records.sorted())).not.toContain('hunter2')
    expect(await probeDockerApi(replaySnapshot('s.jsonl', recorder.records), '/docker.sock', {containers: true})).toEqual(live)
  })

  test('is asked at its socket, whatever DOCKER_HOST says', async () => {
    const names = {DOCKER_HOST: 'tcp://192.0.2.1:2376', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: '/nowhere'}
    Object.assign(process.env, names)
    ends.push(() => {
      for (const name of Object.keys(names)) delete process.env[name]
    })
    await serve(engine())
    expect(await ask()).toMatchObject({state: 'ok', value: {version: '20.10.24'}})
    expect(process.env['DOCKER_HOST']).toBe('tcp://192.0.2.1:2376')
  })

  test('cannot lead to another path with an id that is none', async () => {
    const urls: string[] = []
    const answer = engine({'/containers/json': [{Id: '../images', State: 'running', Names: 7, Labels: ['x']}]})
    await serve((request, response) => {
      urls.push(request.url ?? '')
      answer(request, response)
    })
    expect(await ask(true)).toMatchObject({value: {containers: [{id: '../images', labels: {}}]}})
    expect(urls.filter((url) => url.includes('images'))).toEqual([])
  })
})

describe('a socket that is no use', () => {
  test('that is missing is absent; a directory and a deserted one are not', async () => {
    expect(await ask()).toMatchObject({state: 'absent', source: '/docker.sock'})
    writeFileSync(join(folder.path, 'file'), '')
    expect(await probeDockerApi(host(), '/file', {containers: false})).toMatchObject({state: 'unreadable', reason: 'EIO', detail: 'no socket but a file'})
    mkdirSync(join(folder.path, 'docker.sock'))
    expect(await ask()).toMatchObject({state: 'unreadable', reason: 'EIO', detail: 'no socket but a directory'})
  })

  test('whose daemon hangs is a timeout, and its connection is closed', async () => {
    let open = 0
    ends.push(
      (
        await serveRaw(join(folder.path, 'docker.sock'), (connection) => {
          open++
          connection.on('close', () => open--)
          connection.resume()
        })
      ).stop,
    )
    expect(await ask(false, 500)).toMatchObject({state: 'unreadable', reason: 'timeout'})
    await expect.poll(() => open).toBe(0)
  })

  test('whose daemon hangs within the answer is a timeout', async () => {
    await serve((_request, response) => void response.writeHead(200, {'Content-Length': '100'}).write('{"Version":'))
    expect(await ask(false, 500)).toMatchObject({state: 'unreadable', reason: 'timeout'})
  })

  test('whose daemon dies within the answer is unreadable at once', async () => {
    await serve((_request, response) => {
      response.writeHead(200, {'Content-Length': '100'}).write('{"Version":')
      setTimeout(() => response.socket?.destroy(), 20)
    })
    const begin = performance.now()
    expect(await ask()).toMatchObject({state: 'unreadable', reason: 'EIO'})
    expect(performance.now() - begin).toBeLessThan(2000)
  })

  test.each([
    ['no JSON', 'hello'],
    ['JSON of something else', '{"hello":"world"}'],
    ['an empty answer', ''],
  ])('that answers with %s is malformed', async (_what, body) => {
    await serve((_request, response) => void response.end(body))
    expect(await ask()).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })

  test('that does not speak HTTP is malformed', async () => {
    ends.push((await serveRaw(join(folder.path, 'docker.sock'), (connection) => connection.end('SSH-2.0-OpenSSH_9.2\r\n'))).stop)
    expect(await ask()).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })

  test('that answers with an error is unreadable, with its words', async () => {
    await serve((_request, response) => void response.writeHead(500).end('{"message":"database is locked"}'))
    const answer = await ask()
    expect(answer).toMatchObject({state: 'unreadable', reason: 'EIO'})
    expect(JSON.stringify(answer)).toContain('database is locked')
  })

  test('that answers without end is given up before memory is', async () => {
    await serve((request, response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(1 << 20, ' ')));
      }
      response.on('drain', more)
      request.on('close', () => response.destroy())
      more()
    })
    expect(await ask()).toMatchObject({state: 'unreadable', reason: 'EIO', detail: 'the answer is too large'})
  }, 10_000)

  test('that redirects is not followed', async () => {
    let visited = 0
    const elsewhere = createServer((_request, response) => {
      visited++
      response.end(JSON.stringify(VERSION))
    })
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve))
    ends.push(() => elsewhere.close())
    const {port} = elsewhere.address() as {port: number}
    await serve((_request, response) => void response.writeHead(302, {Location: `http://127.0.0.1:${port}/version`}).end())
    expect((await ask()).state).toBe('unreadable')
    expect(visited).toBe(0)
  })
})

test('whatever a snapshot holds as an answer, the probe gives facts or says malformed', async () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({
      version: fc.constant({Version: '1', ApiVersion: '1'}),
      info: fc.jsonValue(),
      containers: fc.array(fc.oneof(fc.jsonValue(), fc.record({row: fc.jsonValue(), inspect: fc.jsonValue()}))),
    }),
  )
  await fc.assert(
    fc.asyncProperty(value, async (answer) => {
      const records = new Records()
      records.set('stat', '/docker.sock', ok({type: 'socket'}, '/docker.sock'))
      records.set('ask', 'docker /docker.sock', ok(answer, 'docker /docker.sock'))
      const facts = await probeDockerApi(replaySnapshot('s.jsonl', records), '/docker.sock', {containers: false})
      if (facts.state !== 'ok') expect(facts).toMatchObject({state: 'unreadable', reason: 'malformed'})
    }),
  )
})
