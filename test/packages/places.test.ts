// SPDX-License-Identifier: Apache-2.0
import {copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {packExecutable} from '../../scripts/pack/executable.ts'
import {packages} from '../engines/harness/packages.ts'
import {ROOT, spawned} from '../support/node.ts'

const context = inject('pack')
const SNAPSHOT = join(ROOT, 'fixtures/dockershim-node/snapshot.jsonl')

let dir: string
let rtctl: string

beforeAll(async () => {
  const name = `rtctl-${context.version}-linux-${process.arch}`
  if (!existsSync(join(context.out, name))) await packExecutable(context)
  dir = mkdtempSync(join(tmpdir(), 'rtctl-places-'))
  rtctl = join(dir, 'rtctl')
  copyFileSync(join(context.out, name), rtctl)
})
afterAll(() => rmSync(dir, {recursive: true}))

describe('the executable where there is no /proc', () => {
  const without = (...argv: readonly string[]) =>
    spawned('unshare', ['--mount', 'sh', '-c', 'mount -t tmpfs none /proc && exec "$@"', 'sh', rtctl, ...argv])

  test('says its version', () => {
    expect(without('--version').status).toBe(0)
  })

  test.each([['inspect'], ['preflight'], ['snapshot']])('%s says what is missing and what to do, and not that all is well', (command) => {
    const {stdout, stderr, status} = without(command)
    expect(stderr).toMatch(/^rtctl: There is no procfs in \/proc\nMount it there, or tell where it is with --proc/)
    expect({stdout, status}).toEqual({stdout: '', status: 2})
  })
})

describe('the executable with 64 MiB of memory', () => {
  /** In a memory cgroup of its own: of version 1 or 2, whichever the machine has. */
  const limited = (...argv: readonly string[]) => {
    const v1 = existsSync('/sys/fs/cgroup/memory')
    const group = join(v1 ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup', `rtctl-test-${process.pid}`)
    mkdirSync(group)
    try {
      writeFileSync(join(group, v1 ? 'memory.limit_in_bytes' : 'memory.max'), String(64 * 1024 * 1024))
      return spawned('sh', ['-c', 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"', 'sh', group, rtctl, ...argv])
    } finally {
      rmdirSync(group)
    }
  }

  test.each([[['inspect']], [['preflight']], [['preflight', '--from', SNAPSHOT]]])('does %j', (argv) => {
    const {stdout, stderr, status} = limited(...argv)
    expect(stderr).toBe('')
    expect(stdout.length).toBeGreaterThan(100)
    expect([0, 3, 4]).toContain(status)
  })
})

describe('the executable with a full disk', () => {
  test('says that its output could not be written', () => {
    const {stderr, status} = spawned('sh', ['-c', '"$0" inspect --from "$1" > /dev/full', rtctl, SNAPSHOT])
    expect(stderr).toBe('rtctl: Standard output could not be written: ENOSPC.\nSend it to a place that has room.\n')
    expect(status).toBe(2)
  })

  test('leaves no half-written snapshot', () => {
    const full = join(dir, 'full')
    mkdirSync(full)
    const run = 'mount -t tmpfs -o size=64k none "$1" && "$2" snapshot -o "$1/node.jsonl"; echo "status $?"; ls -A "$1"'
    const {stdout, stderr} = spawned('unshare', ['--mount', 'sh', '-c', run, 'sh', full, rtctl])
    expect(stderr).toMatch(/^rtctl: The snapshot could not be written to \S+: ENOSPC\n/)
    expect(stdout).toBe('status 2\n')
    expect(readdirSync(full)).toEqual([])
  })
})

describe('the executable under a seccomp profile', () => {
  /** Runs a command line under runc in the machine's own tree, with some system calls refused. */
  const refusing = async (names: readonly string[], argv: readonly string[]) => {
    const {program, libraryPath} = await packages()
    const bundle = mkdtempSync(join(dir, 'bundle-'))
    const rootfs = join(bundle, 'rootfs')
    const shared = ['/usr', '/bin', '/lib', '/lib64', '/run'].filter((path) => existsSync(path))
    for (const path of ['/rtctl', '/proc', ...shared]) mkdirSync(join(rootfs, path), {recursive: true})
    const bind = (source: string, destination: string) => ({source, destination, type: 'bind', options: ['rbind', 'ro']})
    writeFileSync(join(bundle, 'config.json'), JSON.stringify({
      ociVersion: '1.0.2',
      process: {user: {uid: 0, gid: 0}, args: ['/rtctl/rtctl', ...argv], env: ['NO_COLOR=1'], cwd: '/', noNewPrivileges: true},
      root: {path: 'rootfs'},
      mounts: [bind(dir, '/rtctl'), {destination: '/proc', type: 'proc', source: 'proc'}, ...shared.map((path) => bind(path, path))],
      linux: {
        namespaces: [{type: 'mount'}, {type: 'pid'}],
        seccomp: {defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{names, action: 'SCMP_ACT_ERRNO', errnoRet: 1}]},
      },
    }))
    const state = join(bundle, 'state')
    return spawned(program('bookworm', 'runc'), ['--root', state, 'run', '--bundle', bundle, `rtctl-places-${process.pid}`], {LD_LIBRARY_PATH: libraryPath})
  }

  test('runs without io_uring, which container runtimes forbid', async () => {
    const {stdout, status} = await refusing(['io_uring_setup', 'io_uring_enter', 'io_uring_register'], ['--version'])
    expect(stdout).toContain(`rtctl/${context.version} `)
    expect(status).toBe(0)
  })

  test('that forbids sockets says that it could not ask, and does not say that there is nothing', async () => {
    const {stdout, stderr, status} = await refusing(['socket', 'connect'], ['cri', 'version', '--runtime-endpoint', 'unix:///run/containerd/containerd.sock'])
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^rtctl: .*\/run\/containerd\/containerd\.sock/)
    expect(stderr).not.toContain('a bug in rtctl')
    expect(status).toBe(1)
  })
})
