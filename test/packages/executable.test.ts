// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import type {Architecture} from '../../scripts/pack/context.ts'
import {packExecutable} from '../../scripts/pack/executable.ts'
import {nodeRuntime} from '../../scripts/pack/node-runtime.ts'
import {stageApp} from '../../scripts/pack/tree.ts'
import {ROOT, spawned} from '../support/node.ts'
import {threadsOf} from './support/threads.ts'

const context = inject('pack')
const manifest = JSON.parse(readFileSync(join(ROOT, 'oclif.manifest.json'), 'utf8'))
const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

let dir: string
/** alone in a folder, under the name that users give it */
let rtctl: string

beforeAll(async () => {
  const [name = ''] = await packExecutable(context)
  dir = mkdtempSync(join(tmpdir(), 'rtctl-executable-'))
  rtctl = join(dir, 'rtctl')
  copyFileSync(join(context.out, name), rtctl)
})
afterAll(() => rmSync(dir, {recursive: true}))

describe('the executable', () => {
  test('says its version and that of the Node.js in it', () => {
    const {stdout, stderr, status} = spawned(rtctl, ['--version'])
    expect(stdout).toMatch(new RegExp(`^rtctl/${context.version} linux-\\S+ node-v26\\.`))
    expect({stderr, status}).toEqual({stderr: '', status: 0})
  })

  test('needs no library that a minimal system lacks', () => {
    const {stdout} = spawned('readelf', ['--dynamic', '--wide', rtctl])
    const needed = [...stdout.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, library]) => library)
    expect(new Set(needed.filter((library) => !library?.startsWith('ld-linux')))).toEqual(
      new Set(['libc.so.6', 'libdl.so.2', 'libgcc_s.so.1', 'libm.so.6', 'libpthread.so.0', 'libstdc++.so.6']))
  })

  test('has every command, and loads each from itself', () => {
    for (const id of Object.keys(manifest.commands)) {
      const {stdout, stderr, status} = spawned(rtctl, [...id.split(':'), '--help'])
      expect(stdout).toContain('USAGE')
      expect({id, stderr, status}).toEqual({id, stderr: '', status: 0})
    }
  })

  test('does what the built rtctl does, letter by letter', () => {
    const snapshot = join(ROOT, 'fixtures/dockershim-node/snapshot.jsonl')
    for (const argv of [['inspect', '--from', snapshot], ['preflight', '--from', snapshot, '-o', 'json'], ['explain', 'shim'], ['cri', 'nonsense']]) {
      const built = spawned(process.execPath, [join(ROOT, 'bin/run.js'), ...argv])
      expect(spawned(rtctl, argv)).toEqual(built)
    }
  })

  test('shows the help that the built rtctl shows, also where it reads no more of the commands than their names to run one', () => {
    const lines = [
      [], ['--help'], ['help', 'inspect'], ['cri'], ['cri', '--help'], ['cri', 'ps', '--help'], ['inspect', '--help', '--from', 'x'], ['migrate', 'status', '--help'],
      ['cri', '-r', 'unix:///nowhere', 'version', '--help'], ['cri', 'ps', '--bogus'], ['cri', 'images', 'bogus'], ['images'], ['migrat'], ['completion', 'zsh'],
      ['cri', 'completion', 'bash'],
    ]
    for (const argv of lines) expect({argv, ...spawned(rtctl, argv)}).toEqual({argv, ...spawned(process.execPath, [join(ROOT, 'bin/run.js'), ...argv])})
  })

  test('runs with no HOME, no environment at all, from anywhere, and through a link', () => {
    const link = join(dir, 'link')
    symlinkSync('rtctl', link)
    const {stdout, stderr, status} = spawned('env', ['-i', '-C', '/', link, 'completion', 'bash'])
    expect(stdout).toMatch(/^complete -F _rtctl rtctl$/m)
    expect({stderr, status}).toEqual({stderr: '', status: 0})
  })

  test('takes no options of Node.js from the environment, which could run anything as root', () => {
    const preload = join(dir, 'preload.cjs')
    writeFileSync(preload, 'console.log("preloaded")')
    expect(spawned(rtctl, ['--version'], {NODE_OPTIONS: `--require ${preload}`}).stdout).not.toContain('preloaded')
  })

  test('runs with one thread of V8 beside its own', async () => {
    expect((await threadsOf(rtctl)).filter((name) => name === 'node-V8Worker')).toHaveLength(1)
  })

  test('has code caches that its V8 accepts, in a process of its own', async () => {
    const script = `
      const {globSync, readFileSync} = require('node:fs'), {Script} = require('node:vm')
      const refused = globSync('app/**/*.js').filter((file) =>
        new Script(readFileSync(file, 'latin1'), {cachedData: readFileSync(file + '.cache')}).cachedDataRejected !== false)
      console.log(JSON.stringify(refused))`
    const node = join(await nodeRuntime(context, process.arch as Architecture), 'node')
    expect(spawned('env', ['-C', await stageApp(context), node, '-e', script])).toEqual({stdout: '[]\n', stderr: '', status: 0})
  })

  test('is the same, byte for byte, when it is packed again elsewhere', async () => {
    const again = {...context, out: join(dir, 'again'), work: join(dir, 'work')}
    mkdirSync(again.out)
    mkdirSync(again.work)
    cpSync(join(context.work, `node-${process.arch}`), join(again.work, `node-${process.arch}`), {recursive: true})
    const [name = ''] = await packExecutable(again)
    expect(hashOf(join(again.out, name))).toBe(hashOf(join(context.out, name)))
  })
})

describe('a bad place', () => {
  test('a half-written executable does not run', () => {
    const half = join(dir, 'half')
    copyFileSync(rtctl, half)
    truncateSync(half, 100_000_000)
    chmodSync(half, 0o755)
    expect(spawned('sh', ['-c', `'${half}' --version`]).status).not.toBe(0)
  })
})
