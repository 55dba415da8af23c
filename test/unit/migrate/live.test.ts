// SPDX-License-Identifier: Apache-2.0
// The real doors: programs, locks, files, Docker's API over a socket, a node over HTTP.
import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {openNode} from '../../../src/cluster/node.ts'
import {isDeaf} from '../../../src/migrate/grace.ts'
import {liveDocker} from '../../../src/migrate/live/docker.ts'
import {liveFiles} from '../../../src/migrate/live/files.ts'
import {lockFile} from '../../../src/migrate/live/lock.ts'
import {runProgram, trustedProgram} from '../../../src/migrate/live/programs.ts'
import {NoProgram, ProgramFailed} from '../../../src/migrate/machine.ts'
import {ROOT} from '../../support/node.ts'

let folder = ''
const servers: Server[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-live-'))
})
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
  rmSync(folder, {recursive: true, force: true})
})

type Respond = (request: IncomingMessage, response: ServerResponse) => unknown

async function serve(at: string | number, respond: Respond): Promise<Server> {
  const server = createServer((request, response) => void respond(request, response))
  servers.push(server)
  await new Promise<void>((resolve) => {
    server.listen(at, () => resolve())
  })
  return server
}

describe('programs', () => {
  test('are those of the system, wherever PATH leads', async () => {
    expect(trustedProgram('sh')).toMatch(/^\/(?:usr\/)?bin\/sh$/)
    expect(() => trustedProgram('rtctl-is-not-there')).toThrow(NoProgram)
    expect(await runProgram('env', [])).not.toContain('HOME')
  })

  test('say with their failure what they wrote', async () => {
    const failed = runProgram('sh', ['-c', 'echo no room >&2; exit 3'])
    await expect(failed).rejects.toThrow('ended with status 3: no room')
    await expect(failed).rejects.toBeInstanceOf(ProgramFailed)
  })

  test('that do not end are ended, with what they started', async () => {
    const begun = Date.now()
    await expect(runProgram('sh', ['-c', 'sleep 60 & wait'], {timeoutMs: 200})).rejects.toThrow('did not end within 0.2 s')
    expect(Date.now() - begun).toBeLessThan(20_000)
  })

  test('have a session of their own, which Ctrl-C does not reach', async () => {
    const [pid, session] = (await runProgram('sh', ['-c', 'cut -d" " -f1,6 /proc/$$/stat'])).trim().split(' ')
    expect(session).toBe(pid)
  })
})

describe('a lock', () => {
  test('is refused to another process, and free when its holder was killed', async () => {
    const path = join(folder, 'lock')
    const script = `import {lockFile} from ${JSON.stringify(join(ROOT, 'src/migrate/live/lock.ts'))}; await lockFile(${JSON.stringify(path)}); process.stdout.write('has it'); setInterval(() => 0, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']})
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(await lockFile(path)).toBe(child.pid)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('close', resolve))
    const lock = await lockFile(path)
    expect(lock).toBeTypeOf('object')
    expect(readFileSync(path, 'utf8')).toBe(`${process.pid}\n`)
    if (typeof lock === 'object') lock.release()
  })

  test('is no file that a link leads to', async () => {
    symlinkSync('/etc/passwd', join(folder, 'lock'))
    await expect(lockFile(join(folder, 'lock'))).rejects.toThrow('ELOOP')
  })
})

describe('files', () => {
  test('are replaced as a whole, with the attributes that are told', () => {
    const files = liveFiles(folder)
    writeFileSync(join(folder, 'a'), 'old')
    files.replace('/a', Buffer.from('new'), {mode: 0o604, mtimeMs: 1_700_000_000_123.5})
    const found = files.look('/a')
    expect(found).toMatchObject({type: 'file', mode: 0o604})
    expect(found.type === 'file' && Math.abs(found.mtimeMs - 1_700_000_000_123.5) < 0.002).toBe(true)
    expect(readdirSync(folder)).toEqual(['a'])
  })

  test('that cannot be written leave nothing behind', () => {
    const files = liveFiles(folder)
    mkdirSync(join(folder, 'b'))
    writeFileSync(join(folder, 'b/inside'), '')
    expect(() => files.replace('/b', Buffer.from('x'), {mode: 0o644})).toThrow('/b cannot be written')
    expect(readdirSync(folder)).toEqual(['b'])
  })

  test.runIf(process.getuid?.() === 0)('on a full disk say so, and leave nothing behind', async () => {
    // A file system in memory of 64 KiB, in a mount namespace that ends with the program.
    const script = `import {liveFiles} from ${JSON.stringify(join(ROOT, 'src/migrate/live/files.ts'))}
import {readdirSync} from 'node:fs'
const files = liveFiles(${JSON.stringify(folder)})
const appender = files.appendTo('/log')
appender.append('first\\n')
const messages = []
for (const work of [() => files.replace('/big', Buffer.alloc(1 << 20), {mode: 0o644}), () => appender.append('x'.repeat(1 << 20))]) try { work() } catch (error) { messages.push(error.message) }
process.stdout.write(JSON.stringify({messages, left: readdirSync(${JSON.stringify(folder)}), log: files.look('/log').bytes.toString()}))`
    const output = await runProgram('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs -o size=64k none "$0" && exec "$1" --input-type=module -e "$2"', folder, process.execPath, script])
    expect(JSON.parse(output)).toEqual({
      messages: ['/big cannot be written: the disk is full (ENOSPC).', '/log cannot be written: the disk is full (ENOSPC).'], left: ['log'], log: 'first\n',
    })
  })

  test.runIf(process.getuid?.() === 0)('on a disk that is read-only say so', async () => {
    writeFileSync(join(folder, 'a'), 'old')
    const script = `import {liveFiles} from ${JSON.stringify(join(ROOT, 'src/migrate/live/files.ts'))}
try { liveFiles(${JSON.stringify(folder)}).replace('/a', Buffer.from('new'), {mode: 0o644}) } catch (error) { process.stdout.write(error.message) }`
    const output = await runProgram('unshare', ['--mount', 'sh', '-c', 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$1" --input-type=module -e "$2"', folder, process.execPath, script])
    expect(output).toBe('/a cannot be written: the file system is read-only (EROFS).')
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('old')
  })

  test('are followed through a link of their own file system, and no further', () => {
    const files = liveFiles(folder)
    writeFileSync(join(folder, 'real'), '')
    symlinkSync('real', join(folder, 'link'))
    expect(files.resolve('/link')).toBe('/real')
    symlinkSync('/proc/version', join(folder, 'far'))
    expect(() => files.resolve('/far')).toThrow('another file system')
    symlinkSync(folder, join(folder, 'dir'))
    expect(() => files.resolve('/dir')).toThrow('no regular file')
    mkdirSync(join(folder, 'open'))
    chmodSync(join(folder, 'open'), 0o777)
    expect(() => files.resolve('/open/file')).toThrow('others than root may change the folder')
  })

  test('that are found are told with what they are', () => {
    const files = liveFiles(folder)
    expect(files.look('/nothing')).toEqual({type: 'absent'})
    expect(files.list('/nothing')).toBeUndefined()
    utimesSync(folder, 1, 1)
    expect(files.look('/').type).toBe('directory')
    expect(statSync(folder).isDirectory()).toBe(true)
  })

  test('and folders are made for all to enter, whatever the umask', () => {
    const before = process.umask(0o077)
    try {
      expect(liveFiles(folder).makeFolder('/x/y')).toEqual(['/x', '/x/y'])
      expect(statSync(join(folder, 'x/y')).mode & 0o777).toBe(0o755)
    } finally {
      process.umask(before)
    }
  })
})

describe('Docker', () => {
  const id = 'a'.repeat(64)

  test('that is not there has no containers to tell', async () => {
    expect(await liveDocker(join(folder, 'none.sock')).containers()).toBeUndefined()
  })

  test('lists, stops, removes and starts, and says what it refuses', async () => {
    const asked: string[] = []
    await serve(join(folder, 'd.sock'), (request, response) => {
      asked.push(`${request.method} ${request.url}`)
      if (request.url!.startsWith('/containers/json')) response.end(JSON.stringify([{Id: id, Names: ['/web'], State: 'running', Labels: {a: 'b', c: 1}}]))
      else if (request.url!.includes('/start')) response.writeHead(500).end('{"message": "no space left"}')
      else response.writeHead(request.method === 'DELETE' ? 404 : 304).end()
    })
    const docker = liveDocker(join(folder, 'd.sock'))
    expect(await docker.containers()).toEqual([{id, name: 'web', running: true, labels: {a: 'b'}}])
    await docker.stop(id, 7)
    await docker.remove(id)
    await expect(docker.start(id)).rejects.toThrow('HTTP 500 no space left')
    await expect(docker.stop('../images', 1)).rejects.toThrow('no id')
    expect(asked).toEqual(['GET /containers/json?all=1', `POST /containers/${id}/stop?t=7`, `DELETE /containers/${id}?force=1&v=1`, `POST /containers/${id}/start`])
  })

  test.each<[string, Respond, RegExp]>([
    ['no list', (_, response) => response.end('{"a": 1}'), /does not list containers as a Docker Engine does/],
    ['no JSON', (_, response) => response.end('<html>'), /does not list containers/],
    ['rows without ids', (_, response) => response.end('[{"Id": "../.."}]'), /without an id/],
    ['null rows', (_, response) => response.end('[null]'), /without an id/],
    ['a broken answer', (_, response) => {
      response.write('[')
      response.destroy()
    }, /does not answer/],
    ['an error', (_, response) => response.writeHead(500).end('{"message": "bad"}'), /HTTP 500 bad/],
  ])('that answers with %s is told', async (_, respond, message) => {
    await serve(join(folder, 'd.sock'), respond)
    await expect(liveDocker(join(folder, 'd.sock')).containers()).rejects.toThrow(message)
  })
})

describe('a process', () => {
  const status = (fields: object) => Object.entries({NSpid: '99\t1', Threads: '1', SigCgt: '0000000000000000', SigBlk: '0000000000000000', ...fields}).map(([name, value]) => `${name}:\t${value}`).join('\n')

  test('that is the first of its namespace and handles no SIGTERM cannot hear it', () => {
    expect(isDeaf(status({}))).toBe(true)
    expect(isDeaf(status({SigCgt: '0000000000004000'}))).toBe(false)
    expect(isDeaf(status({SigBlk: '0000000000004000'}))).toBe(false)
    expect(isDeaf(status({NSpid: '99\t12'}))).toBe(false)
    expect(isDeaf(status({Threads: '3'}))).toBe(false)
    expect(isDeaf('')).toBe(false)
  })
})

describe('a node in its cluster', () => {
  interface FakeCluster {
    node: Record<string, unknown>
    readonly writes: string[]
    /** writes that the kubelet is faster than */
    conflicts: number
    version: string
    eviction: number
  }
  async function cluster(change: Partial<FakeCluster> = {}): Promise<FakeCluster & {readonly kubeconfig: string}> {
    const fake: FakeCluster = {
      node: {metadata: {name: 'n', annotations: {a: '1'}}, spec: {podCIDR: 'x'}, status: {conditions: [{type: 'Ready', status: 'True'}], nodeInfo: {containerRuntimeVersion: 'docker://20.10'}}},
      writes: [], conflicts: 0, version: 'v1.20.2', eviction: 201, ...change,
    }
    const json = (response: ServerResponse, status: number, body: unknown) => response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body))
    const server = await serve(0, async (request, response) => {
      const url = new URL(request.url!, 'http://x')
      const sent = await text(request)
      if (url.pathname === '/version') return json(response, 200, {gitVersion: fake.version})
      if (request.method === 'POST') {
        fake.writes.push(`${url.pathname} ${(JSON.parse(sent) as {readonly apiVersion: string}).apiVersion}`)
        return json(response, fake.eviction, {message: 'told'})
      }
      if (url.pathname === '/api/v1/pods') return json(response, 200, podList(url))
      if (url.pathname !== '/api/v1/nodes/n') return json(response, 404, {message: 'not found'})
      if (request.method === 'GET') return json(response, 200, fake.node)
      if (fake.conflicts-- > 0) return json(response, 409, {message: 'modified'})
      fake.writes.push('PUT')
      fake.node = JSON.parse(sent) as Record<string, unknown>
      return json(response, 200, fake.node)
    })
    const kubeconfig = `apiVersion: v1\nkind: Config\ncurrent-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: "http://127.0.0.1:${(server.address() as AddressInfo).port}"}}]\nusers: [{name: u, user: {}}]\n`
    return Object.assign(fake, {kubeconfig})
  }
  function podList(url: URL): unknown {
    expect(url.searchParams.get('fieldSelector')).toBe('spec.nodeName=n')
    const pod = (name: string, metadata: object) => ({metadata: {namespace: 's', name, ...metadata}, status: {phase: 'Running', containerStatuses: [{state: {running: {}}}, {state: {waiting: {}}}]}})
    if (url.searchParams.get('continue') === 'more') return {items: [pod('c', {ownerReferences: [{kind: 'ReplicaSet', controller: true}], deletionTimestamp: 'now'})]}
    return {metadata: {continue: 'more'}, items: [pod('a', {annotations: {'kubernetes.io/config.mirror': 'x'}}), pod('b', {})]}
  }
  const open = async ({kubeconfig}: {readonly kubeconfig: string}, name = 'n') =>
    openNode({kubeconfig: [{path: 'k', text: kubeconfig}], environment: {}, patience: {tries: 1, busyTries: 1, longestWaitMs: 1, sleep: async () => undefined}}, name)

  test('is read, cordoned, annotated and uncordoned, and nothing else of it is changed', async () => {
    const fake = await cluster({conflicts: 3})
    const before = structuredClone(fake.node)
    const node = await open(fake)
    expect(await node.node()).toEqual({ready: true, unschedulable: false, runtime: 'docker://20.10', annotations: {a: '1'}})
    await node.setUnschedulable(true)
    await node.setUnschedulable(true)
    await node.annotate('b', '2')
    expect((await node.node()).annotations).toEqual({a: '1', b: '2'})
    await node.annotate('b', null)
    await node.setUnschedulable(false)
    expect(fake.node).toEqual(before)
    expect(fake.writes).toEqual(['PUT', 'PUT', 'PUT', 'PUT'])
    node.close()
  })

  test('tells its pods, page by page, with who made them', async () => {
    const node = await open(await cluster())
    expect(await node.pods()).toEqual([
      {namespace: 's', name: 'a', phase: 'Running', terminating: false, running: 1, owner: 'Node'}, {namespace: 's', name: 'b', phase: 'Running', terminating: false, running: 1},
      {namespace: 's', name: 'c', phase: 'Running', terminating: true, running: 1, owner: 'ReplicaSet'},
    ])
    node.close()
  })

  test.each([['v1.20.2', 'policy/v1beta1'], ['v1.22.0', 'policy/v1'], ['v1.35.1+k3s1', 'policy/v1']])('of %s evicts with %s', async (version, apiVersion) => {
    const fake = await cluster({version})
    const node = await open(fake)
    expect(await node.evict('s', 'b')).toBe('evicted')
    expect(fake.writes).toEqual([`/api/v1/namespaces/s/pods/b/eviction ${apiVersion}`])
    node.close()
  })

  test.each([[429, 'blocked'], [404, 'gone']])('that answers an eviction with %i has it %s', async (eviction, outcome) => {
    const node = await open(await cluster({eviction}))
    expect(await node.evict('s', 'b')).toBe(outcome)
    node.close()
  })

  test('that forbids an eviction, or is not there, is told', async () => {
    const fake = await cluster({eviction: 403})
    const node = await open(fake)
    await expect(node.evict('s', 'b')).rejects.toThrow('did not let rtctl evict pod s/b: HTTP 403')
    node.close()
    await expect(open(fake, 'other')).rejects.toMatchObject({exitCode: 8, message: expect.stringContaining('does not tell of node other') as string})
  })

  test('that is written by somebody else all the time is given up in the end', async () => {
    const node = await open(await cluster({conflicts: 1000}))
    await expect(node.setUnschedulable(true)).rejects.toThrow('did not let rtctl change node n')
    node.close()
  })
})
