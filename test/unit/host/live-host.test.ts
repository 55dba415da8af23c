// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {openLiveHost} from '../../../src/host/live-host.ts'
import {CannotAsk} from '../../../src/model/host.ts'
import type {Observed} from '../../../src/model/observed.ts'
import {valueOf} from '../../../src/model/observed.ts'

let folder = ''
let root = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-host-'))
  root = join(folder, 'root')
  mkdirSync(root)
})

afterEach(() => rmSync(folder, {recursive: true, force: true}))

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), {recursive: true})
  writeFileSync(join(root, path), text)
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), {recursive: true})
  symlinkSync(target, join(root, path))
}

function rooted(proc = '/proc') {
  return openLiveHost({root, proc, askTimeoutMs: 1000})
}

/** Runs with no privilege: these tests may run as root, whom no file mode stops. */
function asNobody<T>(act: () => T): T {
  if (process.getuid?.() !== 0) return act()
  process.seteuid?.(65_534)
  try {
    return act()
  } finally {
    process.seteuid?.(0)
  }
}

function lengthOf(text: Observed<string>): number | undefined {
  return valueOf(text)?.length
}

describe('a root directory', () => {
  test('gives the text, the names, the link and the stat of what is in it, under the paths of the host', () => {
    put('/etc/os-release', 'ID=debian\n')
    put('/etc/a', '')
    link('/etc/link', '../etc/os-release')
    const host = rooted()
    expect(host.text('/etc/os-release')).toEqual({state: 'ok', value: 'ID=debian\n', source: '/etc/os-release'})
    expect(host.entries('/etc')).toEqual({state: 'ok', value: ['a', 'link', 'os-release'], source: '/etc'})
    expect(host.target('/etc/link')).toEqual({state: 'ok', value: '../etc/os-release', source: '/etc/link'})
    expect(host.stat('/etc/link')).toMatchObject({state: 'ok', value: {type: 'file', size: 10}})
    expect(host.origin).toEqual({kind: 'root', root, proc: '/proc'})
  })

  test.each([
    ['absolute', '/real/file'],
    ['relative', '../real/file'],
    ['climbing above the root', '../../../../../../real/file'],
    ['through a link to a directory', '/alias/file'],
  ])('resolves an %s link inside itself', (_, target) => {
    put('/real/file', 'inside')
    link('/alias', '/real')
    link('/etc/link', target)
    expect(rooted().text('/etc/link')).toEqual({state: 'ok', value: 'inside', source: '/etc/link'})
    expect(rooted().localPath('/etc/link')).toBe(join(root, 'real/file'))
  })

  test('resolves links of directories on the way, in every kind of question', () => {
    put('/data/docker/daemon.json', '{}')
    link('/etc/docker', '/data/docker')
    const host = rooted()
    expect(host.text('/etc/docker/daemon.json')).toMatchObject({value: '{}'})
    expect(host.entries('/etc/docker')).toMatchObject({value: ['daemon.json']})
    expect(host.stat('/etc/docker')).toMatchObject({value: {type: 'directory'}})
    expect(host.target('/etc/docker/daemon.json')).toEqual({state: 'absent', source: '/etc/docker/daemon.json'})
  })

  test('never reaches a file outside, neither by a link nor by ..', () => {
    writeFileSync(join(folder, 'secret'), 'outside')
    link('/etc/absolute', join(folder, 'secret'))
    link('/etc/relative', '../../secret')
    const host = rooted()
    for (const path of ['/etc/absolute', '/etc/relative', '/../secret', '/etc/../../secret']) {
      expect(host.text(path).state, path).toBe('absent')
      expect(host.stat(path).state, path).toBe('absent')
      expect(host.localPath(path), path).not.toBe(join(folder, 'secret'))
    }
  })

  test('gives a path to connect to that fails where the file is missing, never one outside', () => {
    link('/run/docker.sock', '/foo/docker.sock')
    expect(rooted().localPath('/run/docker.sock')).toBe(join(root, 'foo/docker.sock'))
  })

  test('gives up on a loop of links, and follows 40 links but not 41', () => {
    link('/loop', '/loop')
    put('/chain/0', 'end')
    for (let index = 1; index <= 41; index++) link(`/chain/${index}`, `${index - 1}`)
    const host = rooted()
    expect(host.text('/loop')).toEqual({state: 'unreadable', source: '/loop', reason: 'EIO', detail: 'ELOOP'})
    expect(host.text('/chain/40')).toMatchObject({value: 'end'})
    expect(host.text('/chain/41')).toMatchObject({state: 'unreadable', reason: 'EIO'})
    expect(host.localPath('/loop')).toBeUndefined()
  })

  test('takes /proc from where it was told, and links into /proc too', () => {
    link('/etc/mtab', '../proc/self/mounts')
    put('/proc/version', 'of the tree')
    expect(rooted().text('/proc/self/stat').state).toBe('ok')
    expect(rooted().text('/etc/mtab').state).toBe('ok')
    expect(rooted().text('/proc/version')).not.toMatchObject({value: 'of the tree'})
    expect(openLiveHost({root, askTimeoutMs: 1}).text('/proc/version')).toMatchObject({value: 'of the tree'})
  })

  test('keeps links of a procfs that is only files inside the root', () => {
    writeFileSync(join(folder, 'secret'), 'outside')
    put('/proc/7/stat', '7 (x)')
    link('/proc/8', join(folder))
    link('/proc/7/cmdline', join(folder, 'secret'))
    link('/proc/7/root', folder)
    link('/proc/7/exe', '/usr/bin/x')
    const host = openLiveHost({root, askTimeoutMs: 1})
    expect(host.text('/proc/7/stat')).toMatchObject({value: '7 (x)'})
    expect(host.target('/proc/7/exe')).toMatchObject({value: '/usr/bin/x'})
    for (const path of ['/proc/7/cmdline', '/proc/8/secret', '/proc/7/root/secret']) expect(host.text(path).state, path).not.toBe('ok')
  })
})

describe('this machine', () => {
  const host = openLiveHost({askTimeoutMs: 1000})

  test('reads procfs files, which report size 0, to their end', () => {
    expect(host.origin).toEqual({kind: 'live'})
    expect(host.text('/proc/self/stat')).toMatchObject({state: 'ok', value: expect.stringMatching(new RegExp(`^${process.pid} \\(`))})
    expect(host.text('/proc/net/unix')).toMatchObject({state: 'ok', value: expect.stringMatching(/^Num .*\n[^]*\n$/)})
  })

  test('does not follow links of procfs to objects, but tells where they point and what they are', () => {
    expect(host.text('/proc/self/exe')).toMatchObject({state: 'unreadable', reason: 'EIO'})
    expect(host.entries('/proc/self/cwd')).toMatchObject({state: 'unreadable', reason: 'EIO'})
    expect(host.text('/proc/self/cwd/package.json')).toMatchObject({state: 'unreadable', reason: 'EIO'})
    expect(host.text('/proc/self/task/1/fd/0').state).not.toBe('ok')
    expect(host.target('/proc/self/exe')).toMatchObject({state: 'ok'})
    expect(host.target('/proc/self/ns/net')).toMatchObject({value: expect.stringMatching(/^net:\[\d+\]$/)})
    expect(host.stat('/proc/self/exe')).toMatchObject({value: {type: 'file'}})
  })

  test('names a device by decimal major and minor number, as stat prints it', () => {
    const printed = execFileSync('stat', ['-L', '-c', '%Hd:%Ld %i %u %a', '/etc/passwd'], {encoding: 'utf8'}).trim()
    const stat = host.stat('/etc/passwd')
    if (stat.state !== 'ok') throw new Error('no /etc/passwd')
    const {device, inode, uid, mode} = stat.value
    expect(`${device} ${inode} ${uid} ${mode.toString(8)}`).toBe(printed)
  })

  test('enters the root of a process and resolves links inside it', () => {
    const inside = host.within('/proc/self/root')
    expect(inside.text('/etc/passwd')).toEqual({...host.text('/etc/passwd'), source: '/proc/self/root/etc/passwd'})
    expect(inside.text('/proc/self/exe')).toMatchObject({source: '/proc/self/exe'})
    expect(inside.stat('/')).toMatchObject({value: {type: 'directory'}})
    expect(inside.localPath('/etc/passwd')).toBe('/proc/self/root/etc/passwd')
    expect(host.text('/proc/self/root/etc/passwd')).toEqual(inside.text('/etc/passwd'))
  })

  test('says that a process that has gone is absent', () => {
    expect(host.text('/proc/4194399/stat')).toEqual({state: 'absent', source: '/proc/4194399/stat'})
    expect(host.entries('/proc/4194399/fd')).toEqual({state: 'absent', source: '/proc/4194399/fd'})
    expect(host.target('/proc/4194399/exe')).toEqual({state: 'absent', source: '/proc/4194399/exe'})
  })
})

describe('a view of another root directory', () => {
  test('reads below the directory, keeps links inside it, and leaves /proc to the host', () => {
    put('/machines/web/etc/hostname', 'web')
    put('/etc/hostname', 'outer')
    link('/machines/web/etc/link', '/etc/hostname')
    const web = rooted().within('/machines/web')
    expect(web.text('/etc/link')).toEqual({state: 'ok', value: 'web', source: '/machines/web/etc/link'})
    expect(web.text('/proc/self/stat')).toMatchObject({state: 'ok', source: '/proc/self/stat'})
    expect(web.within('/etc').text('/hostname')).toMatchObject({value: 'web', source: '/machines/web/etc/hostname'})
    expect(rooted().within('/').text('/etc/hostname')).toMatchObject({value: 'outer', source: '/etc/hostname'})
  })

  test('of a directory that is not there says so for every file, but still has the /proc of the host', () => {
    const view = rooted().within('/nowhere')
    expect(view.text('/etc/hostname')).toEqual({state: 'absent', source: '/nowhere/etc/hostname'})
    expect(view.text('/proc/self/stat').state).toBe('ok')
  })

  test('of something that is no path refuses every file', () => {
    put('/etc/hostname', 'outer')
    expect(rooted().within('etc').text('/hostname')).toMatchObject({state: 'unreadable', reason: 'malformed'})
    expect(rooted().within('/etc').text('hostname')).toMatchObject({state: 'unreadable', reason: 'malformed'})
  })
})

describe('an outcome', () => {
  test('is absent for a missing file and for a path through a file', () => {
    put('/file', '')
    const host = rooted()
    for (const path of ['/missing', '/file/below', '/missing/below']) {
      expect(host.text(path)).toEqual({state: 'absent', source: path})
      expect(host.entries(path).state).toBe('absent')
      expect(host.stat(path).state).toBe('absent')
      expect(host.target(path).state).toBe('absent')
    }
  })

  test('is unreadable EACCES, never absent, where the system refuses', () => {
    put('/closed/file', 'x')
    put('/file', 'x')
    chmodSync(folder, 0o755)
    chmodSync(join(root, 'closed'), 0)
    chmodSync(join(root, 'file'), 0)
    asNobody(() => {
      const host = rooted()
      const refused = {state: 'unreadable', reason: 'EACCES'}
      expect(host.text('/file')).toEqual({...refused, source: '/file'})
      expect(host.text('/closed/file')).toEqual({...refused, source: '/closed/file'})
      expect(host.entries('/closed')).toMatchObject(refused)
      expect(host.stat('/closed/file')).toMatchObject(refused)
      expect(host.target('/closed/file')).toMatchObject(refused)
      expect(host.text('/closed/missing')).toMatchObject(refused)
    })
    chmodSync(join(root, 'closed'), 0o700)
  })

  test.each(['relative', '', 'a\0b', '/a\0b', `/${'x'.repeat(5000)}`])('is malformed for what is no path: %j', (path) => {
    expect(rooted().text(path)).toMatchObject({state: 'unreadable', reason: 'malformed', source: path})
  })

  test('has the normal path as its source, however it was asked for', () => {
    put('/etc/hostname', 'h')
    expect(rooted().text('//etc/./x/../hostname')).toEqual({state: 'ok', value: 'h', source: '/etc/hostname'})
    expect(rooted().entries('/etc/')).toMatchObject({source: '/etc'})
  })
})

describe('a text', () => {
  test('of 8 MiB is read and of one byte more is too large, and so is a sparse giant', () => {
    put('/fits', 'x'.repeat(8 * 1024 * 1024))
    put('/larger', 'x'.repeat(8 * 1024 * 1024 + 1))
    closeSync(openSync(join(root, 'giant'), 'w'))
    truncateSync(join(root, 'giant'), 2 ** 31)
    const host = rooted()
    expect(lengthOf(host.text('/fits'))).toBe(8 * 1024 * 1024)
    expect(host.text('/larger')).toEqual({state: 'unreadable', source: '/larger', reason: 'too-large'})
    expect(host.text('/giant')).toEqual({state: 'unreadable', source: '/giant', reason: 'too-large'})
  })

  test('that would not fit into a line of a snapshot is too large, so that live and replayed reports agree', () => {
    put('/zeros', '\0'.repeat(4 * 1024 * 1024))
    expect(rooted().text('/zeros')).toEqual({state: 'unreadable', source: '/zeros', reason: 'too-large'})
  })

  test('after a larger one holds nothing of it', () => {
    put('/long', 'a'.repeat(300_000))
    put('/short', 'b')
    const host = rooted()
    expect(lengthOf(host.text('/long'))).toBe(300_000)
    expect(host.text('/short')).toMatchObject({value: 'b'})
  })

  test('is never taken from a directory, a FIFO, a socket or a device', async () => {
    execFileSync('mkfifo', [join(root, 'fifo')])
    const server = createServer().listen(join(root, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    link('/null', '/dev/null')
    const host = rooted()
    expect(host.text('/')).toMatchObject({reason: 'EIO', detail: 'is a directory'})
    expect(host.text('/fifo')).toMatchObject({reason: 'EIO', detail: 'is no regular file'})
    expect(host.text('/socket')).toMatchObject({reason: 'EIO', detail: 'is no regular file'})
    expect(host.stat('/socket')).toMatchObject({value: {type: 'socket'}})
    expect(host.stat('/fifo')).toMatchObject({value: {type: 'other'}})
    expect(openLiveHost({askTimeoutMs: 1}).text('/dev/null')).toMatchObject({reason: 'EIO', detail: 'is no regular file'})
    await new Promise((resolve) => server.close(resolve))
  })

  test('is redacted, and the host knows what it took out', () => {
    put('/etc/app.conf', 'user = a\npassword = hunter2\n')
    const host = rooted()
    expect(host.text('/etc/app.conf')).toMatchObject({value: 'user = a\npassword = [redacted]\n'})
    expect(host.within('/etc').text('/app.conf')).toMatchObject({value: expect.stringContaining('[redacted]')})
    expect(host.redactions()).toEqual([{source: '/etc/app.conf', rule: 'secret-value', count: 2}])
  })
})

describe('what is never read', () => {
  test('stays closed by its name, through a link to it, and inside another root', () => {
    put('/etc/kubernetes/admin.conf', 'users: []')
    put('/etc/kubernetes/pki/ca.key', 'key')
    link('/etc/harmless', '/etc/kubernetes/admin.conf')
    put('/machines/web/etc/kubernetes/kubelet.conf', 'users: []')
    link('/machines/web/etc/harmless', '/etc/kubernetes/kubelet.conf')
    const host = rooted()
    const refused = {state: 'unreadable', reason: 'EACCES', detail: expect.stringContaining('never')}
    for (const path of ['/etc/kubernetes/admin.conf', '/etc/kubernetes/pki/ca.key', '/etc/harmless', '/machines/web/etc/kubernetes/kubelet.conf']) {
      const view = path.startsWith('/machines/web') ? host.within('/machines/web') : host
      expect(view.text(path.replace('/machines/web', '')), path).toMatchObject({...refused, source: path})
    }
    expect(host.within('/machines/web').text('/etc/harmless')).toMatchObject(refused)
    expect(host.text('/proc/self/environ')).toMatchObject(refused)
    expect(host.stat('/etc/kubernetes/admin.conf')).toMatchObject({state: 'ok'})
    expect(host.text('/etc/kubernetes/scheduler.conf')).toEqual({state: 'absent', source: '/etc/kubernetes/scheduler.conf'})
  })
})

describe('a question', () => {
  const host = openLiveHost({askTimeoutMs: 50})

  test('has the plain JSON of its answer as value, redacted', async () => {
    const answer = await host.ask('docker GET /info', async () => ({Env: ['A=b', 'PATH=/bin'], when: new Date(0), none: undefined}))
    expect(answer).toEqual({
      state: 'ok',
      value: {Env: ['A=[redacted]', 'PATH=/bin'], when: '1970-01-01T00:00:00.000Z'},
      source: 'docker GET /info',
    })
  })

  test('says how long it is worth while to look for the answer', async () => {
    expect(await host.ask('limit', async (limitMs) => limitMs)).toMatchObject({state: 'ok', value: 50})
  })

  test('that is not answered in time is a timeout', async () => {
    expect(await host.ask('slow', () => new Promise(() => {}))).toEqual({
      state: 'unreadable',
      source: 'slow',
      reason: 'timeout',
      detail: 'no answer within 0.05 s',
    })
  })

  test.each([
    ['hangs', 'new Promise(() => {})', 30, '"timeout"'],
    ['is answered', 'Promise.resolve(1)', 600_000, '"ok"'],
  ])('that %s keeps the process alive no longer', (_, answer, limit, outcome) => {
    const module = new URL('../../../src/host/live-host.ts', import.meta.url).href
    const script = `import {openLiveHost} from '${module}'
      console.log(JSON.stringify(await openLiveHost({askTimeoutMs: ${limit}}).ask('q', () => ${answer})))`
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8', timeout: 20_000})
    expect(printed).toContain(outcome)
  }, 30_000)

  test('leaves no unhandled failure behind when it fails after its time', async () => {
    const late = Promise.withResolvers<never>()
    await host.ask('late', () => late.promise)
    late.reject(new Error('late'))
    await new Promise((resolve) => setTimeout(resolve, 5))
  })

  test.each([
    ['absent', {state: 'absent'}],
    ['EACCES', {state: 'unreadable', reason: 'EACCES', detail: 'why'}],
    ['unsupported', {state: 'unreadable', reason: 'unsupported', detail: 'why'}],
    ['malformed', {state: 'unreadable', reason: 'malformed', detail: 'why'}],
    ['timeout', {state: 'unreadable', reason: 'timeout', detail: 'why'}],
  ] as const)('that cannot be asked for the reason %s says so', async (reason, outcome) => {
    const failing = () => Promise.reject(new CannotAsk(reason, 'why'))
    expect(await host.ask('q', failing)).toEqual({...outcome, source: 'q'})
  })

  test.each<[string, () => Promise<unknown>, string, unknown]>([
    ['throws', () => Promise.reject(new Error('token=abc')), 'EIO', 'token=[redacted]'],
    ['answers nothing', () => Promise.resolve(undefined), 'malformed', 'the answer is no JSON'],
    ['answers with a bigint', () => Promise.resolve(1n), 'EIO', expect.stringContaining('BigInt')],
  ])('whose asker %s has no value', async (_, live, reason, detail) => {
    expect(await host.ask('q', live)).toEqual({state: 'unreadable', source: 'q', reason, detail})
  })

  test('with a giant answer is too large', async () => {
    expect(await host.ask('q', async () => 'x'.repeat(16 * 1024 * 1024))).toMatchObject({reason: 'too-large'})
  })

  test('with an answer named __proto__ changes no other object', async () => {
    const answer = await host.ask('q', async () => JSON.parse('{"__proto__": {"password": "x", "polluted": "y"}}') as unknown)
    expect(JSON.stringify(answer)).toContain('"__proto__":{"password":"[redacted]","polluted":"y"}')
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})
