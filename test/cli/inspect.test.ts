// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {load} from 'js-yaml'
import {afterEach, beforeEach, describe, expect, onTestFinished, test} from 'vitest'
import type {InspectReport} from '../../src/model/chain.ts'
import {procFiles, type ProcExtras} from '../unit/probes/proc-tree.ts'
import {processOf} from '../unit/probes/tree.ts'
import {rtctl} from './support.ts'

const ID = 'ab12'.repeat(16)
let folder = ''
let root = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-cli-'))
  root = join(folder, 'root')
})

afterEach(() => rmSync(folder, {recursive: true, force: true}))

function put(path: string, text: string | {readonly link: string}): void {
  const local = join(root, path)
  mkdirSync(dirname(local), {recursive: true})
  if (typeof text === 'string') writeFileSync(local, text)
  else symlinkSync(text.link, local)
}

function addProcess(pid: number, command: string, ppid = 1, extras: ProcExtras = {}): void {
  for (const [path, entry] of Object.entries(procFiles(processOf(pid, command, ppid), extras))) put(path, entry as string)
}

/** Links of a process that rtctl reads of daemons; all in the one network namespace that rtctl is told it shares. */
function links(sockets: readonly number[]): ProcExtras {
  const fds = Object.fromEntries(sockets.map((inode, index) => [`fd/${index + 3}`, {link: `socket:[${inode}]`}]))
  const limits = 'Max core file size        0                    unlimited            bytes     \nMax open files            1024                 1048576              files     \n'
  return {files: {limits, exe: {link: '/usr/bin/x'}, cwd: {link: '/'}, 'ns/pid': {link: 'pid:[1]'}, 'ns/net': {link: 'net:[7]'}, 'ns/mnt': {link: 'mnt:[3]'}, ...fds}}
}

function emptyHost(): void {
  addProcess(1, '/sbin/init', 0)
  put('etc/hostname', 'node-1\n')
}

/** A node with one pod on containerd. What its daemons would answer is not there, since none of them runs. */
function containerdNode(): void {
  emptyHost()
  addProcess(500, '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock', 1, links([]))
  addProcess(510, '/usr/bin/containerd', 1, links([]))
  addProcess(600, `/usr/bin/containerd-shim-runc-v2 -namespace k8s.io -id ${ID} -address /run/containerd/containerd.sock`, 1, links([]))
  addProcess(610, '/pause', 600, {...links([]), cgroup: `0::/kubepods.slice/cri-containerd-${ID}.scope\n`})
  addProcess(611, 'worker', 610)
  const path = `run/containerd/io.containerd.runtime.v2.task/k8s.io/${ID}`
  const annotations = {'io.kubernetes.cri.sandbox-name': 'web-0', 'io.kubernetes.cri.sandbox-namespace': 'shop', 'io.kubernetes.cri.container-type': 'sandbox', 'io.kubernetes.cri.sandbox-id': ID}
  put(`${path}/config.json`, JSON.stringify({ociVersion: '1.0.2', annotations, process: {args: ['/pause']}}))
  put(`${path}/init.pid`, '610')
}

async function report(...flags: readonly string[]): Promise<InspectReport> {
  return JSON.parse((await rtctl('inspect', '--root', root, ...flags, '-o', 'json')).stdout) as InspectReport
}

describe('rtctl inspect --root', () => {
  test('draws the chain of the host that is mounted there', async () => {
    containerdNode()
    const {stdout, stderr} = await rtctl('inspect', '--root', root)
    expect(stderr).toBe('')
    expect(stdout.split('\n')[0]).toMatch(/^node-1 +\d{4}-\d\d-\d\d \d\d:\d\d UTC$/)
    expect(stdout).toContain('Kubernetes on containerd\n  ● kubelet')
    expect(stdout).toContain('  ● containerd-shim-runc-v2 ')
    expect(stdout).not.toContain('\u001b')
  })

  test('ends with 4 and says what it could not see', async () => {
    containerdNode()
    const {stdout, status} = await rtctl('inspect', '--root', root)
    expect(status).toBe(4)
    expect(stdout).toMatch(/Not seen\n( {2}\? .*\n)/)
  })

  test('knows a process by --pid, down to the daemon', async () => {
    containerdNode()
    const {stdout, status} = await rtctl('inspect', '--root', root, '--pid', '611')
    expect(stdout).toContain('process      611  worker\n')
    expect(stdout).toContain('pod          shop/web-0\n')
    expect(stdout).toContain('shim         containerd-shim-runc-v2, pid 600\n')
    expect(stdout).toContain('daemon       containerd, pid 510\n')
    expect(stdout).toContain('chain        Kubernetes on containerd\n')
    expect(status).toBe(0)
  })

  test.for(['-o=json', '--json'])('gives --pid as data with %s', async (flag) => {
    containerdNode()
    const {stdout} = await rtctl('inspect', '--root', root, '--pid', '611', ...flag.split('='))
    expect(JSON.parse(stdout)).toMatchObject({schemaVersion: 1, pid: 611, container: {id: ID}, shim: {pid: 600}, daemon: {component: 'containerd', pid: 510}})
  })

  test('leaves only what the filters fit', async () => {
    containerdNode()
    expect((await report('--pod', 'web-0')).chain.containers.map(({id}) => id)).toEqual([ID])
    expect((await report('-n', 'shop')).chain.containers).toHaveLength(1)
    expect((await report('--container', 'ab12')).chain.containers).toHaveLength(1)
    expect((await report('--pod', 'web-1')).chain).toMatchObject({containers: [], chains: []})
  })

  test('lists containers and explains the hops when asked to', async () => {
    containerdNode()
    const {stdout} = await rtctl('inspect', '--root', root, '--containers', '--explain')
    expect(stdout).toContain('Containers: Kubernetes on containerd\n  pod shop/web-0\n    sandbox  running, pid 610, shim 600')
    expect(stdout).toContain('  │   The Kubernetes agent of a machine')
  })

  test('has one answer in every format', async () => {
    containerdNode()
    const print = async (format: string) => (await rtctl('inspect', '--root', root, '-o', format)).stdout
    const json = await report()
    expect(json).toMatchObject({schemaVersion: 1, host: {name: 'node-1'}, chain: {chains: [{title: 'Kubernetes on containerd', containers: [ID]}]}})
    const timeless = (value: InspectReport) => ({...value, host: {...value.host, time: ''}})
    expect(timeless(load(await print('yaml')) as InspectReport)).toEqual(timeless(json))
    expect(timeless(JSON.parse((await rtctl('inspect', '--root', root, '--json')).stdout) as InspectReport)).toEqual(timeless(json))
    expect(await print('mermaid')).toMatch(/^(---|flowchart|%%)/)
    expect(await print('dot')).toContain('digraph')
    expect(await print('html')).toMatch(/^<!doctype html>/i)
  })
})

describe('rtctl inspect of a host where all could be seen', () => {
  test('without any runtime ends with 0 and says so', async () => {
    emptyHost()
    put('proc/1/net/unix', 'Num       RefCount Protocol Flags    Type St Inode Path\n')
    put('proc/1/ns/net', {link: 'net:[7]'})
    // rtctl must be told that it shares a network namespace with the host, to ask `ss` for its peers.
    put('proc/self/ns/net', {link: 'net:[7]'})
    const {stdout, stderr, status} = await rtctl('inspect', '--root', root)
    expect(stdout).toContain('No container runtime runs here.\n')
    expect(stdout).not.toContain('Not seen')
    expect({stderr, status}).toEqual({stderr: '', status: 0})
  })
})

describe('rtctl inspect of a daemon that hangs', () => {
  test('costs the time limit, not the report', {timeout: 20_000}, async () => {
    emptyHost()
    addProcess(640, '/usr/bin/dockerd -H unix:///run/docker.sock', 1, links([]))
    const hanging = createServer(() => undefined)
    mkdirSync(join(root, 'run'), {recursive: true})
    await new Promise<void>((resolve) => hanging.listen(join(root, 'run/docker.sock'), resolve))
    onTestFinished(() => void hanging.close())
    const {stdout, status} = await rtctl('inspect', '--root', root, '--timeout', '1')
    expect(stdout).toContain('does not answer')
    expect(stdout).toContain('answer of dockerd: no answer in time')
    expect(status).toBe(4)
  })
})

describe('rtctl inspect that cannot', () => {
  test.for<[what: string, flags: () => readonly string[], message: string]>([
    ['find the snapshot', () => ['--from', join(folder, 'none.jsonl')], 'none.jsonl'],
    ['take a file for a snapshot', () => ['--from', join(root, 'etc/hostname')], 'is not an rtctl snapshot'],
    ['read a snapshot and a root', () => ['--from', 'x', '--root', root], '--from'],
    ['watch a snapshot', () => ['--from', 'x', '--watch'], '--watch'],
    ['find the root', () => ['--root', join(folder, 'none')], 'there is no directory'],
    ['find the process', () => ['--root', root, '--pid', '4711'], 'There is no process 4711'],
    ['take a pid of nothing', () => ['--root', root, '--pid', '0'], '--pid'],
    ['draw a process', () => ['--root', root, '--pid', '1', '-o', 'dot'], '--pid cannot be drawn as dot'],
    ['draw in a format that is none', () => ['--root', root, '-o', 'xml'], '--output'],
    ['take an argument', () => ['--root', root, 'dockerd'], 'dockerd'],
  ])('%s ends with 2 and a sentence', async ([, flags, message]) => {
    emptyHost()
    const {stdout, stderr, status} = await rtctl('inspect', ...flags())
    expect(status).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toMatch(/^rtctl: /)
    expect(stderr).not.toContain('    at ')
    expect(stdout).toBe('')
  })

  test('says so as data with --json', async () => {
    emptyHost()
    const {stdout, stderr, status} = await rtctl('inspect', '--json', '--from', join(root, 'etc/hostname'))
    expect(JSON.parse(stdout)).toEqual({error: {message: expect.stringContaining('is not an rtctl snapshot'), next: expect.any(String), exitCode: 2}})
    expect({stderr, status}).toEqual({stderr: '', status: 2})
  })
})
