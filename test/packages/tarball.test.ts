// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import type {Architecture} from '../../scripts/pack/context.ts'
import {packTarball, packTarballs} from '../../scripts/pack/tarball.ts'
import {ROOT, spawned} from '../support/node.ts'
import {threadsOf} from './support/threads.ts'

const context = inject('pack')
const OTHER: Architecture = process.arch === 'x64' ? 'arm64' : 'x64'
const nameOf = (architecture: string) => `rtctl-${context.version}-linux-${architecture}`
const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

let dir: string
let rtctl: string

beforeAll(async () => {
  await packTarballs(context)
  dir = mkdtempSync(join(tmpdir(), 'rtctl-tarball-'))
  // Whoever unpacks it need not be root, nor read what root has.
  chmodSync(dir, 0o755)
  for (const architecture of ['x64', 'arm64']) unpack(join(context.out, `${nameOf(architecture)}.tar.gz`), dir)
  rtctl = join(dir, nameOf(process.arch), 'rtctl')
})
afterAll(() => rmSync(dir, {recursive: true}))

const unpack = (archive: string, into: string) => spawned('tar', ['-xzf', archive, '-C', into])

describe('the archive', () => {
  test('is one folder of files that belong to root and that only root may change', () => {
    const {stdout} = spawned('tar', ['--numeric-owner', '-tvzf', join(context.out, `${nameOf('x64')}.tar.gz`)])
    const entries = stdout.trim().split('\n')
    expect(entries.filter((entry) => !/^[-d]rw[x-]r-[x-]r-[x-] 0\/0 /.test(entry))).toEqual([])
    expect(entries.filter((entry) => !entry.includes(` ${nameOf('x64')}/`))).toEqual([])
  })

  test('is the same, byte for byte, when it is packed again elsewhere', async () => {
    const again = {...context, out: join(dir, 'again'), work: join(dir, 'work')}
    for (const each of [again.out, again.work]) mkdirSync(each)
    for (const part of ['node-x64', 'node-arm64']) cpSync(join(context.work, part), join(again.work, part), {recursive: true})
    const name = await packTarball(again, 'x64')
    expect(hashOf(join(again.out, name))).toBe(hashOf(join(context.out, name)))
  })

  test('for another processor has the Node.js of that one, without libatomic, and no code compiled for this one', () => {
    const tree = join(dir, nameOf(OTHER))
    const {stdout} = spawned('readelf', ['--file-header', '--dynamic', '--wide', join(tree, 'lib/node')])
    expect(stdout).toMatch(OTHER === 'arm64' ? /Machine: +AArch64/ : /Machine: .*X86-64/)
    expect(stdout).toContain('[libstdc++.so.6]')
    expect(stdout).not.toContain('libatomic')
    expect(spawned('find', [tree, '-name', '*.cache']).stdout).toBe('')
    expect(spawned('find', [join(dir, nameOf(process.arch)), '-name', '*.cache']).stdout).not.toBe('')
  })
})

describe('the tree', () => {
  test('runs through a link, without HOME or any environment, as nobody, where nothing can be written', () => {
    const link = join(dir, 'link')
    symlinkSync(rtctl, link)
    const run = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd / && ! touch "$1/x" 2>/dev/null && ' +
      'exec setpriv --reuid 65534 --regid 65534 --clear-groups env -i "$2" inspect --from "$1/$3/fixtures/dockershim-node/snapshot.jsonl"'
    const {stdout, stderr, status} = spawned('unshare', ['--mount', 'sh', '-c', run, 'sh', dir, link, nameOf(process.arch)])
    expect(stdout).toContain('dockershim')
    expect({stderr, status}).toEqual({stderr: '', status: 0})
  })

  test('answers as the built rtctl does', () => {
    const argv = ['explain', 'dockershim']
    expect(spawned(rtctl, argv)).toEqual(spawned(process.execPath, [join(ROOT, 'bin/run.js'), ...argv]))
  })

  test('takes no options of Node.js from the environment, which could run anything as root', () => {
    const preload = join(dir, 'preload.cjs')
    writeFileSync(preload, 'console.log("preloaded")')
    expect(spawned(rtctl, ['--version'], {NODE_OPTIONS: `--require ${preload}`})).toEqual(spawned(rtctl, ['--version']))
  })

  test('runs with one thread of V8 beside its own', async () => {
    expect((await threadsOf(rtctl)).filter((name) => name === 'node-V8Worker')).toHaveLength(1)
  })

  test('runs what V8 compiled of it, and compiles only where that is missing', () => {
    // V8 takes a cache for any source of the same length: what runs then is what was compiled.
    const tree = join(dir, 'altered')
    cpSync(join(dir, nameOf(process.arch)), tree, {recursive: true})
    const main = join(tree, 'app/main.js')
    const source = readFileSync(main, 'latin1')
    const altered = source.replace(' node-$', ' edon-$')
    expect(altered).not.toBe(source)
    writeFileSync(main, altered, 'latin1')
    const version = () => spawned(join(tree, 'rtctl'), ['--version']).stdout
    expect(version()).toContain(' node-v')
    rmSync(`${main}.cache`)
    expect(version()).toContain(' edon-v')
  })

  test('leaves the status of rtctl as it is', () => {
    expect(spawned(rtctl, ['inspct']).status).toBe(2)
  })
})

describe('a machine that cannot run it is told so, with status 5', () => {
  test('because its processor is another', () => {
    const {stderr, status} = spawned(join(dir, nameOf(OTHER), 'rtctl'), ['--version'])
    expect(stderr).toMatch(/^rtctl: This is rtctl for \S+ with glibc, and this machine \(\S+\) has no \S+\.\nRun rtctl's container image/)
    expect(status).toBe(5)
  })

  test.each([['2.27', 5], ['2.28', 0], ['2.36', 0], ['3.0', 0]])('because its glibc is too old: %s gives %i', (version, wanted) => {
    const bin = join(dir, `glibc-${version}`)
    mkdirSync(bin)
    writeFileSync(join(bin, 'getconf'), `#!/bin/sh\necho glibc ${version}\n`, {mode: 0o755})
    const {stderr, status} = spawned(rtctl, ['--version'], {PATH: `${bin}:${process.env['PATH']}`})
    expect(status).toBe(wanted)
    expect(stderr).toBe(wanted === 0 ? '' : `rtctl: It needs glibc 2.28 or newer, and this is ${version}.\n` +
      "Run rtctl's container image there, or elsewhere `rtctl inspect --from` with a snapshot.\n")
  })

  test.each([['4.17.19-generic', 5], ['4.18.0-553.el8', 0]])('because its kernel is too old: %s gives %i', (release, wanted) => {
    const file = join(dir, `osrelease-${release}`)
    writeFileSync(file, `${release}\n`)
    const run = 'mount --bind "$1" /proc/sys/kernel/osrelease && exec "$2" --version'
    const {stderr, status} = spawned('unshare', ['--mount', 'sh', '-c', run, 'sh', file, rtctl])
    expect(status).toBe(wanted)
    expect(stderr).toBe(wanted === 0 ? '' : `rtctl: It needs Linux 4.18 or newer, and this is ${release}.\n` +
      "Run rtctl's container image there, or elsewhere `rtctl inspect --from` with a snapshot.\n")
  })
})

describe('an archive that is not whole', () => {
  const broken = (name: string, damage: (tree: string) => void) => {
    const tree = join(dir, name)
    cpSync(join(dir, nameOf(process.arch)), tree, {recursive: true})
    damage(tree)
    return spawned(join(tree, 'rtctl'), ['inspect', '--help'])
  }

  test('is refused when it is unpacked', () => {
    const half = join(dir, 'half.tar.gz')
    cpSync(join(context.out, `${nameOf('x64')}.tar.gz`), half)
    truncateSync(half, 1_000_000)
    mkdirSync(join(dir, 'half'))
    const {status, stderr} = unpack(half, join(dir, 'half'))
    expect(status).not.toBe(0)
    expect(stderr).toMatch(/unexpected end of file/i)
    expect(existsSync(join(dir, 'half', nameOf('x64'), 'rtctl'))).toBe(false)
  })

  test('names the part of the runtime that is missing', () => {
    const {stderr, status} = broken('no-node', (tree) => rmSync(join(tree, 'lib/node')))
    expect(stderr).toMatch(/^rtctl: \S+\/lib\/node is missing: this rtctl is not whole\. Unpack it again\.\n$/)
    expect(status).toBe(5)
  })

  test('names the part of rtctl that is missing', () => {
    const {stderr, status} = broken('no-chunk', (tree) => rmSync(join(tree, 'app/chunks'), {recursive: true}))
    expect(stderr).toMatch(/^rtctl: app\/chunks\/\S+ is missing: this rtctl is not whole\. Unpack or download it again\.\n$/)
    expect(status).toBe(5)
  })

  test('runs all the same where only compiled code is damaged or gone', () => {
    expect(broken('no-cache', (tree) => spawned('find', [tree, '-name', '*.cache', '-delete'])).status).toBe(0)
    expect(broken('short-cache', (tree) => spawned('find', [tree, '-name', '*.cache', '-exec', 'truncate', '-s', '100', '{}', '+'])).status).toBe(0)
  })
})
