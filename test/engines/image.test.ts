// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {chmodSync, chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, resolve} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {packImage} from '../../scripts/pack/image.ts'
import {imageName} from '../../scripts/pack/image/layout.ts'
import type {InspectReport} from '../../src/model/chain.ts'
import type {PreflightReport} from '../../src/model/preflight.ts'
import {canRunEngines, type CanRun} from './harness/can-run.ts'
import {writePod} from './harness/configs.ts'
import {containerStatus} from './harness/cri-calls.ts'
import {startEngines, type Engines} from './harness/engines.ts'
import {expectedRows, reportedRows} from './harness/inspect.ts'
import {suites} from './harness/packages.ts'
import {criOf, type Cri} from './harness/rtctl.ts'
import {eventually, outputOf} from './harness/run.ts'
import {withEngines} from './harness/suite.ts'
import {truthOf} from './harness/truth.ts'
import {runPods} from './harness/workload.ts'

const root = resolve(import.meta.dirname, '../..')
const version = '0.0.0-test'
const name = imageName(version)

let out = ''
let archive = ''

/** Builds the image anew, of the same tree, into a folder of its own. */
async function build(folder: string): Promise<string> {
  const context = {root, out: join(out, folder), work: join(out, 'work'), version, epoch: 1_795_000_000}
  for (const directory of [context.out, context.work]) mkdirSync(directory, {recursive: true})
  const [file = ''] = await packImage(context)
  return join(context.out, file)
}

let can: CanRun = {ok: false, reason: 'not asked yet'}

beforeAll(async () => {
  can = await canRunEngines()
  if (!can.ok) return
  out = mkdtempSync(join(tmpdir(), 'rtctl-image-test-'))
  archive = await build('first')
})

beforeEach((context) => {
  if (!can.ok) context.skip(`no real engines: ${can.reason}`)
})

afterAll(() => {
  if (out !== '') rmSync(out, {recursive: true, force: true})
})

interface World {
  readonly engines: Engines
  readonly cri: Cri
}

/** What a pod of rtctl may do and see. */
interface Rights {
  readonly user?: number
  readonly capabilities?: readonly string[]
  readonly hostNetwork?: boolean
  readonly mounts?: readonly object[]
}

/** What docs/container.md asks for: the mounts, the user, the capabilities and the network of its pod. */
const DOCUMENTED = {
  user: 0, capabilities: ['SYS_PTRACE', 'DAC_READ_SEARCH'], hostNetwork: true,
  mounts: [{container_path: '/host', host_path: '/', readonly: true}],
} as const satisfies Rights

const [POD, NODE] = [0, 2]
let pods = 0

/** Runs the image as a pod that may write nothing, waits for its end, and gives what it printed. */
async function runAsPod({engines, cri}: World, args: readonly string[], {user, capabilities = [], hostNetwork = false, mounts = []}: Rights) {
  const pod = `image-${++pods}`
  const namespace_options = {network: hostNetwork ? NODE : POD, pid: POD}
  const files = writePod(engines, pod, {linux: {cgroup_parent: `/kubepods/besteffort/pod${engines.containerId(pod)}`, security_context: {namespace_options}}})
  const config = files.container('rtctl', {
    image: name, command: [], args, mounts,
    linux: {security_context: {
      namespace_options, readonly_rootfs: true, no_new_privs: true, seccomp: {profile_type: 0},
      capabilities: {drop_capabilities: ['ALL'], add_capabilities: capabilities},
      ...user === undefined ? {} : {run_as_user: {value: user}, run_as_group: {value: user}},
    }},
  })
  const podId = await cri.ok('runp', files.pod)
  const id = await cri.ok('create', podId, config, files.pod)
  await cri.ok('start', id)
  const status = await eventually(60_000, async () => {
    const {state, exitCode} = await containerStatus(engines.containerdSocket, id)
    if (state === 'exited') return exitCode
    throw new Error(`${id} is ${state}`)
  })
  const lines = readFileSync(join(files.logDirectory, 'rtctl/0.log'), 'utf8').split('\n')
  await cri.ok('rmp', '--force', podId)
  return {status, stdout: joined(lines, 'stdout'), stderr: joined(lines, 'stderr')}
}

/** The parts of long lines (P) put together again: the CRI's format of log files. */
function joined(lines: readonly string[], stream: string): string {
  return lines.map((line) => line.split(' ')).filter((words) => words[1] === stream).map((words) => words.slice(3).join(' ') + (words[2] === 'F' ? '\n' : '')).join('')
}

async function inspectAsPod(world: World, rights: Rights) {
  const {status, stdout, stderr} = await runAsPod(world, ['inspect', '--root', '/host', '-o', 'json'], rights)
  expect(stderr).toBe('')
  return {status, report: JSON.parse(stdout) as InspectReport}
}

async function preflightAsPod(world: World, rights: Rights) {
  const {status, stdout} = await runAsPod(world, ['preflight', '--root', '/host', '-o', 'json', '--fail-on', 'never'], rights)
  return {status, report: JSON.parse(stdout) as PreflightReport}
}

/** What could not be looked at, of what these engines have or of the whole host: others may run on this machine, too. */
function gapsOf({engines}: World, {chain}: InspectReport): readonly string[] {
  const mine = [engines.directory, `/proc/${engines.pid('containerd')}/`, `/proc/${engines.pid('dockerd')}/`, 'command ']
  return chain.gaps.filter(({source}) => mine.some((part) => source.includes(part))).map(({what, reason}) => `${what}: ${reason}`)
}

/** The edge from the component of one process to that of another. */
function edgeBetween({chain: {nodes, edges}}: InspectReport, one = 0, other = 0) {
  const [from, to] = [one, other].map((pid) => nodes.find(({pids}) => pids.includes(pid))?.id)
  return edges.find((edge) => edge.from === from && edge.to === to)
}

const ELF = Buffer.from('\u007fELF')

/** The names of the libraries that an ELF file is linked with: DT_NEEDED of its dynamic section (System V ABI, chapter 5). */
function neededBy(elf: Buffer): readonly string[] {
  const number = (at: number) => Number(elf.readBigUInt64LE(at))
  const segments = Array.from({length: elf.readUInt16LE(56)}, (_, index) => {
    const at = number(32) + index * elf.readUInt16LE(54)
    return {type: elf.readUInt32LE(at), offset: number(at + 8), address: number(at + 16), size: number(at + 32)}
  })
  const [PT_LOAD, PT_DYNAMIC, DT_NEEDED, DT_STRTAB] = [1, 2, 1, 5]
  const {offset = 0, size = 0} = segments.find(({type}) => type === PT_DYNAMIC) ?? {}
  const entries = Array.from({length: size / 16}, (_, index) => ({tag: number(offset + index * 16), value: number(offset + index * 16 + 8)}))
  const table = entries.find(({tag}) => tag === DT_STRTAB)?.value ?? 0
  const segment = segments.find(({type, address, size: length}) => type === PT_LOAD && table >= address && table < address + length)
  const strings = table - (segment?.address ?? 0) + (segment?.offset ?? 0)
  return entries.filter(({tag}) => tag === DT_NEEDED).map(({value}) => elf.toString('latin1', strings + value, elf.indexOf(0, strings + value)))
}

interface Descriptor {
  readonly digest: string
  readonly platform?: {readonly architecture: string}
}

/** The root directory of the image for an architecture, as a runtime lays it out. */
async function unpacked(architecture: string): Promise<string> {
  const [layout, image] = [join(out, 'layout'), join(out, architecture)]
  if (existsSync(image)) return image
  for (const directory of [layout, image]) mkdirSync(directory, {recursive: true})
  await outputOf('tar', ['-xf', archive, '-C', layout])
  const blob = ({digest}: Descriptor) => join(layout, 'blobs', digest.replace(':', '/'))
  const json = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as {readonly manifests: readonly Descriptor[]; readonly layers: readonly Descriptor[]}
  const [top] = json(join(layout, 'index.json')).manifests
  const manifest = top && json(blob(top)).manifests.find(({platform}) => platform?.architecture === architecture)
  for (const layer of manifest ? json(blob(manifest)).layers : []) await outputOf('tar', ['-xpzf', blob(layer), '-C', image])
  return image
}

test('is the same when it is built again', async () => {
  const sum = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
  expect(sum(await build('second'))).toBe(sum(archive))
})

describe('for each architecture', () => {
  test.each([['amd64', 62], ['arm64', 183]] as const)('%s: has the loader and every library that its programs and libraries are linked with', async (architecture, machine) => {
    const image = await unpacked(architecture)
    const files = readdirSync(image, {recursive: true, encoding: 'utf8'}).map((path) => join(image, path)).filter((path) => lstatSync(path).isFile())
    const elves = files.map((path) => ({path, bytes: readFileSync(path)})).filter(({bytes}) => bytes.subarray(0, 4).equals(ELF))
    expect(elves.map(({path}) => path)).toEqual(expect.arrayContaining([join(image, 'opt/rtctl/lib/node'), join(image, 'usr/bin/ss')]))
    // e_machine
    expect(elves.filter(({bytes}) => bytes.readUInt16LE(18) !== machine)).toEqual([])
    const needed = new Set(elves.flatMap(({bytes}) => neededBy(bytes)))
    const libraries = readdirSync(join(image, 'usr/lib', machine === 62 ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu'))
    expect([...needed].filter((library) => !libraries.includes(library))).toEqual([])
    // the others are the files behind links: libcap.so.2.75, libelf-0.192.so
    expect(libraries.filter((library) => !needed.has(library) && !/\.so\.\d+\.|-\d[\d.]*\.so$/.test(library))).toEqual([])
  })

  test.each(['amd64', 'arm64'])('%s: has no shell, no package manager and nothing that gives rights', async (architecture) => {
    const image = await unpacked(architecture)
    expect(readdirSync(join(image, 'usr/bin')).sort()).toEqual(['rtctl', 'ss'])
    const all = readdirSync(image, {recursive: true, encoding: 'utf8'}).map((path) => lstatSync(join(image, path)))
    expect(all.filter((stats) => stats.isFile() && (stats.mode & 0o6022) !== 0)).toEqual([])
    expect(new Set(all.map(({uid}) => uid))).toEqual(new Set([0]))
  })
})

describe.each(suites)('on containerd and dockerd of %s', (suite) => {
  const world = withEngines<World>(async (started) => {
    const engines = started(await startEngines(suite, {docker: true, cri: true}))
    await engines.ctr('k8s.io', 'images', 'import', archive)
    await runPods(engines)
    return {engines, cri: criOf(engines)}
  })

  test('prints its help when it is told nothing, as a user without rights', async () => {
    const {status, stdout} = await runAsPod(world(), [], {})
    expect({status, stdout}).toMatchObject({status: 0, stdout: expect.stringContaining(`rtctl/`)})
    expect(stdout).toContain('USAGE')
  })

  test('draws the chain of its host, in a pod with the rights of docs/container.md', async () => {
    const expected = expectedRows(await truthOf(world().engines))
    const {report} = await inspectAsPod(world(), DOCUMENTED)
    expect(Object.keys(expected).length).toBeGreaterThan(3)
    expect(reportedRows(report, expected)).toEqual(expected)
    expect(gapsOf(world(), report)).toEqual([])
    const [containerd, dockerd] = (['containerd', 'dockerd'] as const).map((daemon) => world().engines.pid(daemon))
    expect(edgeBetween(report, dockerd, containerd)).toMatchObject({status: 'observed', evidence: expect.arrayContaining([expect.objectContaining({kind: 'socket-peer'})])})
  })

  test('checks its host, and says what it cannot decide from inside a container', async () => {
    const {status, report} = await preflightAsPod(world(), DOCUMENTED)
    expect(status).toBe(4)
    expect(new Set(report.undecided.map(({source}) => source))).toEqual(new Set(['command iptables-save']))
    expect(report.findings.length).toBeGreaterThan(0)
  })

  test('is a command for ctr, which takes no entrypoint', async () => {
    const {engines} = world()
    expect(await engines.ctr('k8s.io', 'run', '--rm', '--read-only', name, engines.containerId('rtctl'), 'rtctl', '--version')).toMatch(/^rtctl\//)
  })

  test('is loaded by docker, and draws the same there', async () => {
    const {engines} = world()
    await engines.docker('load', '--input', archive)
    const expected = expectedRows(await truthOf(engines))
    const stdout = await engines.docker(
      'run', '--rm', '--read-only', '--network', 'host', '--user', '0', '--cap-drop', 'ALL', '--cap-add', 'SYS_PTRACE', '--cap-add', 'DAC_READ_SEARCH',
      '--security-opt', 'no-new-privileges', '--volume', '/:/host:ro', name, 'inspect', '--root', '/host', '-o', 'json',
    )
    const report = JSON.parse(stdout) as InspectReport
    expect(reportedRows(report, expected)).toEqual(expected)
    expect(gapsOf(world(), report)).toEqual([])
  })
})

describe('without one of the rights of docs/container.md', () => {
  const world = withEngines<World>(async (started) => {
    const engines = started(await startEngines('trixie', {docker: true, cri: true}))
    await engines.ctr('k8s.io', 'images', 'import', archive)
    await runPods(engines)
    return {engines, cri: criOf(engines)}
  })

  test('(the network of the host) it says that connections cannot be known', async () => {
    const {status, report} = await inspectAsPod(world(), {...DOCUMENTED, hostNetwork: false})
    expect(status).toBe(4)
    expect(gapsOf(world(), report)).toEqual([expect.stringMatching(/^connections between processes and sockets: .*network namespace of its own/)])
  })

  test('(CAP_SYS_PTRACE) it says that it may not see what processes hold', async () => {
    const {status, report} = await inspectAsPod(world(), {...DOCUMENTED, capabilities: ['DAC_READ_SEARCH']})
    expect(status).toBe(4)
    const whats = report.chain.gaps.filter(({reason}) => reason === 'permission denied').map(({what}) => what)
    expect(whats).toEqual(expect.arrayContaining(['sockets that daemons hold', 'namespaces of processes']))
  })

  test('(CAP_DAC_READ_SEARCH) it says that it may not read the files of others', async () => {
    const mounts = [...DOCUMENTED.mounts, {container_path: '/host/var/spool', host_path: spoolOfOthers(world().engines), readonly: true}]
    const all = await preflightAsPod(world(), {...DOCUMENTED, mounts})
    expect(all.report.undecided.map(({check}) => check)).not.toContain('docker-in-host-script')
    expect(all.report.findings.map(({check}) => check)).toContain('docker-in-host-script')
    const {report} = await preflightAsPod(world(), {...DOCUMENTED, mounts, capabilities: ['SYS_PTRACE']})
    expect(report.undecided).toContainEqual(expect.objectContaining({check: 'docker-in-host-script', reason: 'permission denied'}))
  })

  test('(root) it says that it may not connect to daemons, and draws what is left', async () => {
    const {status, report} = await inspectAsPod(world(), {...DOCUMENTED, user: 65_532})
    expect(status).toBe(4)
    expect(report.chain.gaps.filter(({reason}) => reason === 'permission denied').length).toBeGreaterThan(3)
    expect(report.chain.nodes.flatMap(({pids}) => pids)).toContain(world().engines.pid('containerd'))
  })
})

/** A folder as `/var/spool`, with a user's crontab that calls docker. */
function spoolOfOthers({directory}: Engines): string {
  const folder = join(directory, 'spool')
  mkdirSync(join(folder, 'cron/crontabs'), {recursive: true})
  const file = join(folder, 'cron/crontabs/backup')
  writeFileSync(file, '5 1 * * * docker exec db pg_dump app > /backup/app.sql\n')
  chmodSync(file, 0o600)
  chownSync(file, 1000, 1000)
  return folder
}
