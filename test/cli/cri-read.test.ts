// SPDX-License-Identifier: Apache-2.0
// The verbs of `rtctl cri` that only read, where the recorded answers of real engines do not reach.
import {load} from 'js-yaml'
import {afterEach, describe, expect, test} from 'vitest'
import {type Handler, type LiveCri, liveCri} from '../unit/app/cri/live-cri.ts'
import {rtctl} from './support.ts'

let runtime: LiveCri | undefined
const cri = async (methods: Readonly<Record<string, Handler>>, ...argv: readonly string[]) => {
  // a test may ask several, one after the other
  runtime?.stop()
  runtime = await liveCri(methods)
  return rtctl('cri', '--runtime-endpoint', `unix://${runtime.socket}`, ...argv)
}

afterEach(() => runtime?.stop())

const HOSTILE = '\u001b[2J\u202e"\n'
const CONTAINERS = [
  {id: 'a'.repeat(64), podSandboxId: 'p'.repeat(64), metadata: {name: HOSTILE, attempt: 1}, image: {image: 'x:1'}, state: 1, createdAt: 1n, labels: new Map([['__proto__', HOSTILE]])},
  {id: 'b'.repeat(64), podSandboxId: 'q'.repeat(64), metadata: {name: 'job', attempt: 0}, image: {image: `sha256:${'c'.repeat(64)}`}, state: 1, createdAt: 2n},
]
const listing = {ListContainers: () => ({containers: CONTAINERS})}
const status = {
  ContainerStatus: async ({containerId, verbose}: {containerId: string; verbose: boolean}) => {
    // Those asked for first answer last.
    await new Promise((resolve) => setTimeout(resolve, containerId === 'one' ? 30 : 0))
    return {status: {id: containerId, metadata: {name: 'n', attempt: 0}, state: 1}, info: verbose ? new Map([['info', '{"pid":7}']]) : new Map()}
  },
}

describe('a hostile name', () => {
  test('cannot drive the terminal, nor break a row of the table', async () => {
    const {stdout} = await cri(listing, 'ps')
    expect(stdout.split('\n')).toHaveLength(4)
    expect(stdout).toContain('\\x1b[2J\\u202e"\\n')
    expect((await cri(listing, 'ps', '-v')).stdout).toContain('\t__proto__ -> \\x1b[2J\\u202e"\\n\n')
  })

  test.each(['json', 'yaml'])('is itself in %s, and no letter of it drives the terminal', async (format) => {
    const {stdout} = await cri(listing, 'ps', '-o', format)
    expect(stdout).not.toMatch(/[\u001b\u202e]/)
    const {containers} = (format === 'json' ? JSON.parse(stdout) : load(stdout)) as {containers: {metadata: {name: string}}[]}
    expect(containers[1]?.metadata.name).toBe(HOSTILE)
  })
})

test('--json is -o json', async () => {
  const [flag, format] = [await cri(listing, 'ps', '--json'), await cri(listing, 'ps', '-o', 'json')]
  expect(JSON.parse(flag.stdout)).toEqual(JSON.parse(format.stdout))
})

test.each(['json', 'yaml'])('a list that is printed in pieces is one document: %s', async (format) => {
  const containers = Array.from({length: 1201}, (_, index) => ({id: String(index), metadata: {name: 'x', attempt: 0}, createdAt: BigInt(5000 - index)}))
  const {stdout} = await cri({ListContainers: () => ({containers})}, 'ps', '-a', '-o', format)
  const document = (format === 'json' ? JSON.parse(stdout) : load(stdout)) as {containers: {id: string}[]}
  expect(document.containers.map(({id}) => id)).toEqual(containers.map(({id}) => id))
})

test('an empty list is a document too', async () => {
  expect((await cri({ListContainers: () => ({})}, 'ps', '-o', 'json')).stdout).toBe('{\n  "containers": []\n}\n')
})

test('short flags can stand together, and filters can be given with commas', async () => {
  let labels: unknown
  const ListContainers: Handler = ({filter}: {filter: {labelSelector: unknown}}) => { labels = filter.labelSelector; return {containers: CONTAINERS} }
  const {stdout} = await cri({ListContainers}, 'ps', '-aq', '--label', 'a=1,b=2', '--label', 'c=3')
  expect(stdout).toBe(`${'b'.repeat(64)}\n${'a'.repeat(64)}\n`)
  expect(labels).toEqual(new Map([['a', '1'], ['b', '2'], ['c', '3']]))
})

test('of an image that is only known by id the beginning is shown', async () => {
  expect((await cri(listing, 'ps')).stdout).toContain(` ${'c'.repeat(13)} `)
  expect((await cri(listing, 'ps', '--no-trunc')).stdout).toContain(` sha256:${'c'.repeat(64)} `)
})

describe('inspect', () => {
  test('gives several in their order, also the same twice, whichever answers first', async () => {
    const {stdout} = await cri(status, 'inspect', 'one', 'two', 'one')
    expect(JSON.parse(stdout).map((one: {status: {id: string}}) => one.status.id)).toEqual(['one', 'two', 'one'])
  })

  test('asks the runtime for no more than the status with -q', async () => {
    expect(JSON.parse((await cri(status, 'inspect', '-q', 'two')).stdout)).not.toHaveProperty('info')
    expect(JSON.parse((await cri(status, 'inspect', 'two')).stdout)).toMatchObject({info: {pid: 7}})
  })

  test('says so when nothing passes the filters', async () => {
    const {stdout, stderr, status: exit} = await cri({ListContainers: () => ({})}, 'inspect', '--name', 'x')
    expect([stdout, exit]).toEqual(['', 1])
    expect(stderr).toContain('No container was told, and none passes the filters.')
  })

  test('prints by a template, and says what is wrong with it', async () => {
    expect((await cri(status, 'inspect', '-o', 'go-template', '--template', '{{.info.pid}}', 'two')).stdout).toBe('7\n')
    const wrong = await cri(status, 'inspect', '-o', 'go-template', '--template', '{{.info.}}', 'two')
    expect([wrong.status, wrong.stdout]).toEqual([2, ''])
    expect(wrong.stderr).toContain('--template, line 1, column 8:')
  })
})

test('the cgroup driver is told in crictl\'s words', async () => {
  expect((await cri({RuntimeConfig: () => ({linux: {cgroupDriver: 1}})}, 'runtime-config')).stdout).toBe('cgroup driver:   CGROUPFS\n')
  expect((await cri({RuntimeConfig: () => ({})}, 'runtime-config')).stdout).toBe('')
})
