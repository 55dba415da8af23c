// SPDX-License-Identifier: Apache-2.0
// Endpoints that are told in every way, and runtimes that fail in every way.
import {spawn} from 'node:child_process'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {once} from 'node:events'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {type Answer as CriAnswer, container, serveCri, serveRaw, temporaryFolder} from '../unit/cri/fake-cri.ts'
import {rtctl} from './support.ts'

const DEV = join(import.meta.dirname, '../../bin/dev.js')
const VERSION = {version: '0.1.0', runtimeName: 'containerd', runtimeVersion: '1.7.24', runtimeApiVersion: 'v1'}
const ENVIRONMENT = ['CONTAINER_RUNTIME_ENDPOINT', 'IMAGE_SERVICE_ENDPOINT', 'CRI_CONFIG_FILE'] as const

let folder: ReturnType<typeof temporaryFolder>
let socket: string
let ends: (() => void)[]
beforeEach(() => {
  folder = temporaryFolder()
  socket = join(folder.path, 'cri.sock')
  ends = [folder.remove]
  for (const name of ENVIRONMENT) delete process.env[name]
})
afterEach(() => {
  for (const name of ENVIRONMENT) delete process.env[name]
  for (const end of ends.reverse()) end()
})

async function serve(answers: Readonly<Record<string, CriAnswer>>, api: readonly string[] = ['v1'], path = socket): Promise<void> {
  ends.push((await serveCri(path, api, answers)).stop)
}

const cri = (...argv: readonly string[]) => rtctl('cri', ...argv, '--runtime-endpoint', `unix://${socket}`, '--max-retries', '0')

function file(name: string, text: string): string {
  const path = join(folder.path, name)
  writeFileSync(path, text)
  return path
}

describe('the endpoint', () => {
  const gone = (name: string) => `unix://${join(folder.path, name)}`
  test('is that of the flag, else of the environment, else of the configuration', async () => {
    const config = file('crictl.yaml', `runtime-endpoint: ${gone('of-file')}\nmax-retries: 0\n`)
    const from = async (...argv: readonly string[]) => (await rtctl('cri', 'version', '--config', config, ...argv)).stderr
    expect(await from()).toContain(`at ${gone('of-file')} (${config})`)
    process.env['CONTAINER_RUNTIME_ENDPOINT'] = gone('of-env')
    expect(await from()).toContain(`at ${gone('of-env')} (CONTAINER_RUNTIME_ENDPOINT)`)
    expect(await from('--runtime-endpoint', gone('of-flag'))).toContain(`at ${gone('of-flag')} (--runtime-endpoint)`)
  })

  test('of images is named where it is the one that failed', async () => {
    await serve({Version: VERSION})
    const {stderr, status} = await cri('images', '--image-endpoint', gone('images'))
    expect(stderr).toContain(`at ${gone('images')} (--image-endpoint): there is no socket`)
    expect(status).toBe(1)
  })

  test('is told with --debug, and why', async () => {
    await serve({Version: VERSION})
    const {stdout, stderr} = await cri('version', '--debug')
    expect(stderr).toMatch(new RegExp(`^rtctl: endpoint unix://${socket} \\(--runtime-endpoint\\)\nrtctl: v1 Version [\\d.]+ ms\n$`))
    expect(stdout).toContain('containerd')
  })

  test('may be a bare path with a note, and not a pipe of Windows', async () => {
    await serve({Version: VERSION})
    expect(await rtctl('cri', 'version', '--runtime-endpoint', socket)).toMatchObject({status: 0, stderr: expect.stringContaining('has no scheme')})
    expect(await rtctl('cri', 'version', '--runtime-endpoint', 'npipe:////./pipe/x')).toMatchObject({status: 2, stderr: expect.stringContaining('Windows')})
  })

  test('may be longer than connect(2) takes', async () => {
    const deep = join(folder.path, 'd'.repeat(200))
    mkdirSync(deep)
    const {stderr, status} = await rtctl('cri', 'version', '--runtime-endpoint', `unix://${deep}/cri.sock`, '--max-retries', '0')
    expect([stderr, status]).toEqual([expect.stringContaining('there is no socket'), 1])
    expect((await rtctl('cri', 'version', '--runtime-endpoint', `unix://${deep}/${'e'.repeat(200)}/cri.sock`, '--max-retries', '0')).stderr).toContain('there is no socket')
  })

  test('of a tcp port is warned of', async () => {
    const {stderr, status} = await rtctl('cri', 'version', '--runtime-endpoint', 'tcp://127.0.0.1:1', '--max-retries', '0')
    expect(stderr).toMatch(/not encrypted[^]*Version failed at tcp:\/\/127\.0\.0\.1:1 \(--runtime-endpoint\): nobody listens on this port/)
    expect(status).toBe(1)
  })
})

describe('the configuration', () => {
  test('is changed line by line, and not at all where lines do not show a setting', async () => {
    const path = file('crictl.yaml', '# ours\ntimeout: 2 # seconds\n')
    expect(await rtctl('cri', 'config', '--config', path, '--set', 'timeout=5,debug=true')).toMatchObject({status: 0, stdout: ''})
    expect(readFileSync(path, 'utf8')).toBe('# ours\ntimeout: 5 # seconds\ndebug: true\n')
    expect((await rtctl('cri', 'config', '--config', path, '--get', 'timeout')).stdout).toBe('5\n')
    const quoted = file('quoted.yaml', '"timeout": 2\n')
    expect(await rtctl('cri', 'config', '--config', quoted, 'timeout', '5')).toMatchObject({status: 2, stderr: expect.stringContaining('in a way that rtctl cannot change')})
    expect(readFileSync(quoted, 'utf8')).toBe('"timeout": 2\n')
  })
})

describe('a runtime', () => {
  test('that hangs costs the time limit', async () => {
    await serve({StreamContainers: 'hang'})
    const begin = performance.now()
    expect(await cri('ps', '--call-timeout', '300ms')).toMatchObject({status: 1, stdout: '', stderr: expect.stringContaining('no answer in time')})
    expect(performance.now() - begin).toBeLessThan(5000)
  })

  describe.each(['table', 'json'])('printed as %s', (format) => {
    test.each([
      ['refuses', {code: 13, details: 'boltdb: page 17 is broken'}, 'page 17'],
      ['goes away', 'reset', 'broke off'],
      ['sends garbage', new Uint8Array([0x0a, 0xff]), 'StreamContainers'],
    ] as const)('that %s in the middle of a list has no half of it printed', async (_what, end, words) => {
      await serve({StreamContainers: [{containers: [container(1)]}, end]})
      expect(await cri('ps', '-a', '-o', format)).toMatchObject({status: 1, stdout: '', stderr: expect.stringContaining(words)})
    })
  })

  test('that speaks no gRPC is told with its endpoint, and not waited for', async () => {
    ends.push((await serveRaw(socket, (connection) => connection.end('HTTP/1.1 400 Bad Request\r\n\r\n'))).stop)
    const {stderr, status} = await rtctl('cri', 'ps', '--runtime-endpoint', `unix://${socket}`)
    expect([stderr, status]).toEqual([expect.stringMatching(/cri\.sock \(--runtime-endpoint\): .* does not speak gRPC/), 1])
  })

  test('that has v1alpha2 only answers as any other', async () => {
    await serve({ListContainers: {containers: [container(1)]}, ListImages: {images: []}}, ['v1alpha2'])
    expect((await cri('ps', '-a', '-q')).stdout).toBe(`${container(1).id}\n`)
    expect((await cri('images', '-q')).status).toBe(0)
  })

  test('that is older than a call is told since when others have it', async () => {
    await serve({Version: VERSION})
    expect(await cri('runtime-config')).toMatchObject({status: 1, stderr: expect.stringContaining('containerd has it since 2.0')})
  })

  test.each(['one', 'in parts'])('that has 10,000 containers has them listed: %s', async (how) => {
    const containers = Array.from({length: 10_000}, (_, index) => container(index))
    await serve(how === 'one' ? {ListContainers: {containers}} : {StreamContainers: Array.from({length: 20}, (_, index) => ({containers: containers.slice(index * 500, index * 500 + 500)}))})
    const {stdout, status} = await cri('ps', '-a', '-q')
    expect(new Set(stdout.trimEnd().split('\n')).size).toBe(10_000)
    expect(status).toBe(0)
  })

  test('that answers with more than 80 MiB is asked for less', async () => {
    await serve({ListContainers: new Uint8Array(81 * 1024 * 1024)})
    expect(await cri('ps')).toMatchObject({status: 1, stderr: expect.stringContaining('Ask for less')})
  })

  test('whose words are meant for the terminal is shown them as they are', async () => {
    await serve({Version: {code: 2, details: `\u001b]0;x\u0007\n${'y'.repeat(1_000_000)}`}})
    const {stderr, status} = await cri('version')
    expect(stderr).not.toMatch(/[\u001b\u0007]/)
    expect([stderr.length < 3000, status]).toEqual([true, 1])
  })

  test('that is gone is an error document with --json, with status 1', async () => {
    const {stdout, status} = await cri('version', '--json')
    expect(JSON.parse(stdout)).toEqual({error: {message: expect.stringContaining('there is no socket'), next: expect.any(String), exitCode: 1}})
    expect(status).toBe(1)
  })
})

test('a process that waits for a runtime ends at once with Ctrl-C', async () => {
  const child = spawn(process.execPath, [DEV, 'cri', 'version', '--max-retries', '-1', '--debug', '--runtime-endpoint', `unix://${socket}`], {stdio: ['ignore', 'ignore', 'pipe']})
  const ended = once(child, 'close')
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  await expect.poll(() => stderr, {timeout: 15_000}).toContain('there is no socket; try 2 in 0.5 s')
  const begin = performance.now()
  child.kill('SIGINT')
  await ended
  expect(performance.now() - begin).toBeLessThan(2000)
  expect(stderr).not.toContain('failed')
})

describe.runIf(process.platform === 'linux')('which', () => {
  test('answers for those processes that are there, and then tells of the others', async () => {
    const {stdout, stderr, status} = await rtctl('cri', 'which', '4194303999', String(process.pid))
    expect(stdout).toMatch(new RegExp(`^process +${process.pid} `))
    expect([stderr, status]).toEqual([expect.stringContaining('There is no process 4194303999 on this host.'), 1])
  })

  test('takes numbers only', async () => {
    expect(await rtctl('cri', 'which', '1', 'init')).toMatchObject({status: 2, stdout: '', stderr: expect.stringContaining('"init" is no process id')})
  })
})
