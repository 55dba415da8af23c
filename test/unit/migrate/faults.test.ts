// SPDX-License-Identifier: Apache-2.0
// Everything that goes wrong on the way: the node has to be as it was then, and the report has to say why.
import {chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, describe, expect, test} from 'vitest'
import {checkMayBegin} from '../../../src/migrate/begin.ts'
import {cleanUp} from '../../../src/migrate/cleanup.ts'
import {listMigrations, migrationStatus} from '../../../src/migrate/status.ts'
import {lockFile} from '../../../src/migrate/live/lock.ts'
import type {Machine} from '../../../src/migrate/machine.ts'
import type {MigrationEvent} from '../../../src/model/migration/report.ts'
import type {Plan} from '../../../src/model/migration/plan.ts'
import {apply, resume, rollback} from './support/act.ts'
import {newNode, removeNodes} from './support/folders.ts'
import {samplePlan} from './support/plan.ts'
import {engineOf, readState, reboot, type SimFaults, simMachine, treeOf, writeState} from './support/sim.ts'

afterAll(removeNodes)

const journals = (folder: string) => join(folder, 'root/var/lib/rtctl/migrations')
const only = (folder: string) => readdirSync(journals(folder)).find((name) => name !== 'lock')!
const lines = (folder: string) => readFileSync(join(journals(folder), only(folder), 'journal.jsonl'), 'utf8').trim().split('\n')
const refused = {exitCode: 5}

/** Names of entries, without what is in them. */
const kinds = (folder: string) => lines(folder).map((line) => (JSON.parse(line) as {readonly kind: string}).kind)

describe('a step that fails', () => {
  test.each<[string, string, SimFaults]>([
    ['a kubelet that does not start', 'start-kubelet', {fails: 'systemctl start kubelet.service'}],
    ['a runtime that does not start', 'start-containerd', {fails: 'systemctl restart containerd.service'}],
    ['a unit that cannot be masked', 'stop-docker-service', {fails: 'systemctl mask docker.service'}],
    ['a module that cannot be loaded', 'overlay', {fails: 'modprobe -- overlay'}],
    ['a disk that is full', 'write-config', {full: '/etc/containerd'}],
    ['images that break off', 'move-images', {importBreaks: true}],
    ['a Docker that hangs', 'remove-pods', {dockerHangs: true}],
  ])('is taken back with all before it: %s', async (_, step, faults) => {
    const folder = newNode()
    const [tree, engine] = [treeOf(folder), engineOf(folder)]
    const report = await apply(samplePlan(folder), simMachine(folder, faults))
    expect(report.failure?.step).toBe(step)
    expect(report.notUndone).toBeUndefined()
    expect(report.state).toBe('rolled-back')
    expect(treeOf(folder)).toEqual(tree)
    expect(engineOf(folder)).toEqual(engine)
    expect(kinds(folder)).toContain('failed')
    expect(kinds(folder).at(-1)).toBe('rolled-back')
  })

  test('is left as it is where the user wants that, and goes on when it is mended', async () => {
    const folder = newNode()
    const report = await apply(samplePlan(folder), simMachine(folder, {fails: 'systemctl start kubelet.service'}), {rollback: false})
    expect(report).toMatchObject({state: 'failed', failure: {step: 'start-kubelet'}})
    expect(await migrationStatus(simMachine(folder))).toMatchObject({state: 'failed', step: {id: 'start-kubelet'}, failure: expect.stringContaining('does not want to') as string})
    expect((await resume(simMachine(folder))).state).toBe('complete')
  })

  test('is taken back as far as that goes, and the rest is told', async () => {
    const folder = newNode()
    const [tree, engine] = [treeOf(folder), engineOf(folder)]
    await apply(samplePlan(folder), simMachine(folder))
    const report = await rollback(simMachine(folder, {fails: 'systemctl start docker.service'}))
    expect(report.state).toBe('rollback-incomplete')
    expect(report.notUndone?.map(({step}) => step)).toContain('stop-docker-service')
    expect(report.next).toContain('rtctl migrate rollback')
    expect(await migrationStatus(simMachine(folder))).toMatchObject({state: 'rollback-incomplete'})
    await expect(resume(simMachine(folder))).rejects.toMatchObject(refused)
    await expect(apply(samplePlan(folder), simMachine(folder))).rejects.toMatchObject(refused)
    expect((await rollback(simMachine(folder))).state).toBe('rolled-back')
    expect(treeOf(folder)).toEqual(tree)
    expect(engineOf(folder)).toEqual(engine)
  })

  test('and a rollback that ends in the middle are told as that, never as nothing changed', async () => {
    const folder = newNode()
    const tree = treeOf(folder)
    const machine = simMachine(folder, {fails: 'systemctl restart containerd.service'})
    let asked = 0
    const report = await apply(samplePlan(folder), {...machine, about: () => {
      if (++asked > 2) throw new Error('/proc cannot be read')
      return machine.about()
    }})
    expect(report).toMatchObject({state: 'rolling-back', notUndone: [{reason: '/proc cannot be read'}]})
    expect((await rollback(simMachine(folder))).state).toBe('rolled-back')
    expect(treeOf(folder)).toEqual(tree)
  })

  /** The nth entry of its journal, and each one after it, finds no room. */
  function withFullJournal(machine: Machine, nth: number): Machine {
    let writes = 0
    return {...machine, files: new Proxy(machine.files, {
      get: (files, name: keyof Machine['files']) => (name === 'appendTo' ? (path: string) => {
        const appender = files.appendTo(path)
        return {...appender, append: (text: string) => {
          if (++writes >= nth) throw new Error('journal.jsonl cannot be written: the disk is full (ENOSPC).')
          appender.append(text)
        }}
      } : files[name].bind(files)),
    })}
  }

  test('does not include a last entry that finds no room: what works is kept', async () => {
    const folder = newNode()
    const plan = samplePlan(folder)
    expect(await apply(plan, withFullJournal(simMachine(folder), 2 + 2 * plan.steps.length))).toMatchObject({state: 'interrupted', next: expect.stringContaining('rtctl migrate resume') as string})
    expect(readState(folder).node.runtime).toBe('containerd://1.7.24')
    expect((await resume(simMachine(folder))).state).toBe('complete')
  })

  test('of which the journal cannot tell any more is taken back all the same', async () => {
    const folder = newNode()
    const [tree, engine] = [treeOf(folder), engineOf(folder)]
    const full = withFullJournal(simMachine(folder), 31)
    const report = await apply(samplePlan(folder), full)
    expect(report.notUndone?.[0]?.reason).toContain('could not be written down')
    expect(treeOf(folder)).toEqual(tree)
    expect(engineOf(folder)).toEqual(engine)
    expect((await rollback(simMachine(folder))).state).toBe('rolled-back')
    expect(treeOf(folder)).toEqual(tree)
  })
})

describe('Ctrl-C', () => {
  test('ends what waits, and everything is taken back', async () => {
    const folder = newNode()
    const tree = treeOf(folder)
    const controller = new AbortController()
    const tell = (event: MigrationEvent) => {
      if (event.kind === 'step' && event.step === 'verify') controller.abort(new Error('Interrupted with Ctrl-C.'))
    }
    const report = await apply(samplePlan(folder), simMachine(folder), {signal: controller.signal, tell})
    expect(report).toMatchObject({state: 'rolled-back', failure: {step: 'verify', reason: 'Interrupted with Ctrl-C.'}})
    expect(treeOf(folder)).toEqual(tree)
  })
})

describe('phases', () => {
  test('can be left out', async () => {
    const folder = newNode()
    const report = await apply(samplePlan(folder), simMachine(folder), {skip: ({phase}) => (phase === 'images' ? '--skip-phase images' : undefined), rollback: false})
    expect(report.steps.find(({id}) => id === 'move-images')).toMatchObject({state: 'skipped'})
    expect(report.failure?.step).toBe('verify')
    expect(report.failure?.reason).toContain('docker.io/library/web:1')
  })

  test('can be done alone; the rest goes on later', async () => {
    const folder = newNode()
    const first = await apply(samplePlan(folder), simMachine(folder), {phases: ['drain', 'images']})
    expect(first.state).toBe('paused')
    expect(first.steps.map(({phase}) => phase)).toEqual(['drain', 'drain', 'images'])
    expect((await migrationStatus(simMachine(folder))).state).toBe('paused')
    expect((await resume(simMachine(folder))).state).toBe('complete')
  })

  test('can be paused before, and taken back from there', async () => {
    const folder = newNode()
    const tree = treeOf(folder)
    const report = await apply(samplePlan(folder), simMachine(folder), {pauseBefore: 'runtime'})
    expect(report).toMatchObject({state: 'paused', next: expect.stringContaining('rtctl migrate resume') as string})
    expect(readState(folder).units['docker.service']).toMatchObject({active: false, masked: true})
    expect((await rollback(simMachine(folder))).state).toBe('rolled-back')
    expect(treeOf(folder)).toEqual(tree)
  })
})

describe('what stands against a migration is refused, and nothing is changed', () => {
  const cases: readonly (readonly [string, (folder: string) => readonly [Plan, Machine], RegExp])[] = [
    ['a file that was changed since', (folder) => {
      const plan = samplePlan(folder)
      writeFileSync(join(folder, 'root/etc/containerd/config.toml'), 'version = 3\n')
      return [plan, simMachine(folder)]
    }, /config\.toml was changed since the plan was made/],
    ['a file that is there by now', (folder) => {
      const plan = samplePlan(folder)
      writeFileSync(join(folder, 'root/etc/crictl.yaml'), 'timeout: 2\n')
      return [plan, simMachine(folder)]
    }, /crictl\.yaml was changed/],
    ['a folder that others may write', (folder) => {
      chmodSync(join(folder, 'root/etc/containerd'), 0o777)
      return [samplePlan(folder), simMachine(folder)]
    }, /others than root may change the folder/],
    ['a file that is a folder', (folder) => {
      const plan = samplePlan(folder)
      rmSync(join(folder, 'root/etc/containerd/config.toml'))
      mkdirSync(join(folder, 'root/etc/containerd/config.toml'))
      return [plan, simMachine(folder)]
    }, /was changed since/],
    ['a blocker', (folder) => [{...samplePlan(folder), remarks: [{level: 'blocker', text: 'No room.', next: 'Make room.'}]}, simMachine(folder)], /No room/],
    ['a full disk', (folder) => [samplePlan(folder), simMachine(folder, {full: '/var/lib/rtctl'})], /the disk is full \(ENOSPC\)\. Nothing was changed/],
    ['no cluster', (folder) => [samplePlan(folder), simMachine(folder, {noCluster: true})], /there is no kubeconfig/],
    ['no root', (folder) => [samplePlan(folder), {...simMachine(folder), about: () => ({uid: 1000, bootId: 'b', systemd: true})}], /Only root/],
    ['no systemd', (folder) => [samplePlan(folder), {...simMachine(folder), about: () => ({uid: 0, bootId: 'b', systemd: false})}], /systemd does not run this machine/],
    ['a container', (folder) => [samplePlan(folder), {...simMachine(folder), about: () => ({uid: 0, bootId: 'b', systemd: true, container: '/docker/4f'})}], /runs in a container/],
  ]
  test.each(cases)('%s', async (_, make, message) => {
    const folder = newNode()
    const [plan, machine] = make(folder)
    const [tree, engine] = [treeOf(folder), readState(folder)]
    await expect(apply(plan, machine)).rejects.toThrow(message)
    await expect(apply(plan, machine)).rejects.toMatchObject(refused)
    expect(treeOf(folder)).toEqual(tree)
    expect(readState(folder)).toEqual(engine)
  })

  test('a systemd that does not answer', async () => {
    const folder = newNode()
    await expect(apply(samplePlan(folder), simMachine(folder, {fails: 'systemctl --version'}))).rejects.toMatchObject({...refused, message: expect.stringContaining('Nothing was changed') as string})
  })

  test('the answer no', async () => {
    const folder = newNode()
    await expect(apply(samplePlan(folder), simMachine(folder), {confirm: async () => {
      throw new Error('no')
    }})).rejects.toThrow('no')
    expect(await listMigrations(simMachine(folder))).toEqual([])
  })

  test('an earlier migration that is not over', async () => {
    const folder = newNode()
    await apply(samplePlan(folder), simMachine(folder), {pauseBefore: 'images'})
    await expect(apply(samplePlan(folder), simMachine(folder))).rejects.toMatchObject({...refused, next: expect.stringContaining('resume') as string})
    await expect(checkMayBegin(simMachine(folder))).rejects.toMatchObject({...refused, message: expect.stringContaining('is not finished: it is paused') as string})
  })

  test('a second rtctl', async () => {
    const folder = newNode()
    mkdirSync(journals(folder), {recursive: true})
    const lock = await lockFile(join(journals(folder), 'lock'))
    if (typeof lock === 'number') throw new Error('the lock is taken')
    await expect(apply(samplePlan(folder), simMachine(folder))).rejects.toThrow(`pid ${process.pid}`)
    await expect(rollback(simMachine(folder))).rejects.toMatchObject(refused)
    await expect(checkMayBegin(simMachine(folder))).rejects.toThrow(`pid ${process.pid}`)
    lock.release()
    await checkMayBegin(simMachine(folder))
    expect((await apply(samplePlan(folder), simMachine(folder))).state).toBe('complete')
  })
})

describe('a journal', () => {
  async function paused(): Promise<{readonly folder: string; readonly file: string}> {
    const folder = newNode()
    await apply(samplePlan(folder), simMachine(folder), {pauseBefore: 'runtime'})
    return {folder, file: join(journals(folder), only(folder), 'journal.jsonl')}
  }
  const edit = (file: string, change: (text: string) => string) => writeFileSync(file, change(readFileSync(file, 'utf8')))

  test('whose last line is torn loses that line alone, and says so', async () => {
    const {folder, file} = await paused()
    const tree = treeOf(newNode())
    edit(file, (text) => `${text}{"seq": 99, "kind": "int`)
    expect((await migrationStatus(simMachine(folder))).remarks.join()).toContain('was not written to its end')
    expect((await rollback(simMachine(folder))).state).toBe('rolled-back')
    expect(Object.keys(treeOf(folder))).toEqual(Object.keys(tree))
    expect(kinds(folder).at(-1)).toBe('rolled-back')
  })

  test.each<[string, (text: string) => string, RegExp]>([
    ['with a line taken out', (text) => text.split('\n').toSpliced(3, 1).join('\n'), /lines are missing/],
    ['with a line put in', (text) => text.split('\n').toSpliced(3, 0, text.split('\n')[3]!).join('\n'), /lines are missing, or were put in/],
    ['cut in the middle of a line', (text) => text.replace('"intent"', '\n"intent"'), /is no JSON/],
    ['of another format', (text) => text.replace('rtctl-journal/1', 'rtctl-journal/7'), /another version of rtctl/],
    ['with an entry of another version', (text) => text.replace('"kind":"done"', '"kind":"half-done"'), /does not know/],
    ['of another plan', (text) => text.replace(/"planSha256":"../, '"planSha256":"zz'), /not the plan that was begun/],
    ['that starts elsewhere', (text) => text.replace('"kind":"begin"', '"kind":"done"'), /does not start with its first entry/],
  ])('%s is refused, and nothing is changed', async (_, change, message) => {
    const {folder, file} = await paused()
    edit(file, change)
    const [tree, engine] = [treeOf(folder), readState(folder)]
    for (const work of [() => rollback(simMachine(folder)), () => resume(simMachine(folder)), () => apply(samplePlan(newNode()), simMachine(folder))]) {
      await expect(work()).rejects.toThrow(message)
      await expect(work()).rejects.toMatchObject(refused)
    }
    expect(treeOf(folder)).toEqual(tree)
    expect(readState(folder)).toEqual(engine)
    expect(await listMigrations(simMachine(folder))).toMatchObject([{problem: expect.stringMatching(message) as string}])
  })

  test.each(['plan.json', 'journal.jsonl'])('whose %s is gone is refused', async (name) => {
    const {folder, file} = await paused()
    rmSync(join(file, '..', name))
    await expect(rollback(simMachine(folder), only(folder))).rejects.toMatchObject(refused)
  })

  test('whose plan was edited is refused', async () => {
    const {folder, file} = await paused()
    edit(join(file, '../plan.json'), (text) => text.replace('overlay\\n', 'evil\\n'))
    await expect(resume(simMachine(folder))).rejects.toThrow('plan.json is not the plan that was begun')
  })

  test('whose copy of a file was changed does not bring that file back, but all the others', async () => {
    const folder = newNode()
    await apply(samplePlan(folder), simMachine(folder))
    const backup = join(journals(folder), only(folder), 'backup')
    const copy = readdirSync(backup).find((name) => readFileSync(join(backup, name), 'utf8').startsWith('disabled'))!
    writeFileSync(join(backup, copy), 'something else')
    const report = await rollback(simMachine(folder))
    expect(report.notUndone).toEqual([expect.objectContaining({step: 'write-config', reason: expect.stringContaining('checksum') as string})])
    expect(readFileSync(join(folder, 'root/var/lib/kubelet/kubeadm-flags.env'), 'utf8')).toContain('--network-plugin')
  })

  test('is for root alone, and so are its copies', async () => {
    const {folder, file} = await paused()
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700)
    expect(statSync(join(file, '../plan.json')).mode & 0o777).toBe(0o600)
    expect(statSync(join(file, '../backup')).mode & 0o777).toBe(0o700)
    expect(lines(folder).every((line, index) => (JSON.parse(line) as {readonly seq: number}).seq === index + 1)).toBe(true)
  })
})

describe('a rollback', () => {
  test('keeps what somebody wrote into a file since', async () => {
    const folder = newNode()
    await apply(samplePlan(folder), simMachine(folder))
    writeFileSync(join(folder, 'root/etc/containerd/config.toml'), 'version = 2\nSystemdCgroup = true\nmine = 1\n')
    const report = await rollback(simMachine(folder))
    expect(report.state).toBe('rolled-back')
    expect(report.steps.find(({id}) => id === 'write-config')?.note).toContain('had been changed since')
    const backup = join(journals(folder), only(folder), 'backup')
    expect(readdirSync(backup).some((name) => readFileSync(join(backup, name), 'utf8').includes('mine = 1'))).toBe(true)
  })

  test('of what is rolled back, or was never begun, is refused', async () => {
    const folder = newNode()
    await expect(rollback(simMachine(folder))).rejects.toThrow('nothing to take back')
    await apply(samplePlan(folder), simMachine(folder))
    await rollback(simMachine(folder))
    await expect(rollback(simMachine(folder))).rejects.toThrow('rolled back already')
    await expect(rollback(simMachine(folder), '../../etc')).rejects.toThrow('is no id')
  })

  test('leaves a node cordoned that was cordoned before', async () => {
    const folder = newNode()
    const state = readState(folder)
    writeState(folder, {...state, node: {...state.node, unschedulable: true}})
    expect((await apply(samplePlan(folder), simMachine(folder))).steps.find(({id}) => id === 'uncordon')?.note).toContain('stays so')
    expect(readState(folder).node.unschedulable).toBe(true)
    await rollback(simMachine(folder))
    expect(readState(folder).node.unschedulable).toBe(true)
  })

  test.each<[string, (machine: Machine) => Promise<unknown>]>([['rollback', (machine) => rollback(machine)], ['resume', (machine) => resume(machine)]])('after a boot begins with stopping the kubelet that the boot has started: %s', async (_, work) => {
    const folder = newNode()
    await apply(samplePlan(folder), simMachine(folder), {pauseBefore: 'kubelet'})
    reboot(folder)
    expect(readState(folder).units['kubelet.service']?.active).toBe(true)
    const machine = simMachine(folder)
    const commands: string[] = []
    await work({...machine, run: async (program, args) => {
      commands.push([program, ...args].join(' '))
      return machine.run(program, args)
    }})
    expect(commands.find((command) => !command.includes(' show ') && !command.includes('--version'))).toBe('systemctl stop kubelet.service')
  })

  test('and a migration that did not cordon the node do not uncordon it', async () => {
    const folder = newNode()
    const skip = ({phase}: {readonly phase: string}) => (phase === 'drain' ? '--no-drain' : undefined)
    await apply(samplePlan(folder), simMachine(folder), {skip, pauseBefore: 'node'})
    const state = readState(folder)
    writeState(folder, {...state, node: {...state.node, unschedulable: true}})
    expect((await resume(simMachine(folder))).steps.find(({id}) => id === 'uncordon')?.note).toContain('has not cordoned it')
    expect(readState(folder).node.unschedulable).toBe(true)
  })

  test('follows a link of root to its file, and leaves the link', async () => {
    const folder = newNode()
    const root = join(folder, 'root')
    mkdirSync(join(root, 'etc/real'))
    writeFileSync(join(root, 'etc/real/config.toml'), 'disabled_plugins = ["cri"]\n')
    rmSync(join(root, 'etc/containerd/config.toml'))
    symlinkSync('../real/config.toml', join(root, 'etc/containerd/config.toml'))
    const tree = treeOf(folder)
    expect((await apply(samplePlan(folder), simMachine(folder))).state).toBe('complete')
    expect(readFileSync(join(root, 'etc/real/config.toml'), 'utf8')).toContain('SystemdCgroup')
    expect((await rollback(simMachine(folder))).state).toBe('rolled-back')
    expect(treeOf(folder)).toEqual(tree)
  })
})

describe('a cleanup', () => {
  const mountinfo = '22 1 0:21 / / rw - ext4 /dev/vda rw\n'
  async function migrated(mounts = mountinfo): Promise<{readonly folder: string; readonly machine: Machine; readonly commands: string[]}> {
    const folder = newNode()
    for (const name of ['image/x', 'overlay2/y', 'volumes', 'containers']) mkdirSync(join(folder, 'root/var/lib/docker', name), {recursive: true})
    mkdirSync(join(folder, 'root/proc/self'), {recursive: true})
    writeFileSync(join(folder, 'root/proc/self/mountinfo'), mounts)
    await apply(samplePlan(folder), simMachine(folder))
    const commands: string[] = []
    const machine = simMachine(folder)
    const run: Machine['run'] = async (program, args) => {
      commands.push([program, ...args].join(' '))
      if (program === 'dpkg-query') return 'docker.io installed\ncontainerd installed\nbash installed\nruby-docker deinstalled\n'
      if (program === 'apt-get') return 'Reading state...\nPurg docker.io [20.10]\n'
      return program === 'env' ? '' : machine.run(program, args)
    }
    return {folder, machine: {...machine, run}, commands}
  }
  const yes = async () => undefined

  test('shows what would go, and removes nothing', async () => {
    const {folder, machine} = await migrated()
    const tree = treeOf(folder)
    expect(await cleanUp(machine, {data: false, packages: false, confirm: yes})).toMatchObject({folders: ['/var/lib/docker'], packages: ['docker.io'], simulation: expect.stringContaining('Purg') as string})
    expect(treeOf(folder)).toEqual(tree)
    expect((await migrationStatus(machine)).state).toBe('complete')
  })

  test('removes data and packages, and with them the way back', async () => {
    const {folder, machine, commands} = await migrated()
    expect(await cleanUp(machine, {data: true, packages: true, confirm: yes})).toMatchObject({removed: true})
    expect(Object.keys(treeOf(folder)).some((path) => path.startsWith('/var/lib/docker'))).toBe(false)
    expect(commands).toContain('env DEBIAN_FRONTEND=noninteractive apt-get -y purge docker.io')
    expect(readState(folder).units['docker.service']?.masked).toBe(false)
    expect((await migrationStatus(machine)).state).toBe('cleaned')
    await expect(rollback(simMachine(folder))).rejects.toThrow('cannot be taken back')
  })

  test('is refused where the runtime would go, too', async () => {
    const {folder, machine} = await migrated()
    const run: Machine['run'] = async (program, args) => (program === 'apt-get' ? 'Purg docker.io [1]\nRemv containerd:amd64 [1.6]\n' : machine.run(program, args))
    await expect(cleanUp({...machine, run}, {data: true, packages: true, confirm: yes})).rejects.toThrow('containerd would go')
    expect(Object.keys(treeOf(folder))).toContain('/var/lib/docker/image/x')
  })

  test.each<[string, (machine: Machine, folder: string) => Machine, RegExp]>([
    ['a mount', (machine, folder) => {
      writeFileSync(join(folder, 'root/proc/self/mountinfo'), `${mountinfo}99 22 0:50 / /var/lib/docker/overlay2/a\\040b/merged rw - overlay overlay rw\n`)
      return machine
    }, /mounted below \/var\/lib\/docker: \/var\/lib\/docker\/overlay2\/a b/],
    ['a dockerd', (machine) => ({...machine, processes: () => [{pid: 7, argv: ['/usr/bin/dockerd', '-H', 'fd://']}]}), /dockerd runs \(pid 7\)/],
    ['a shim', (machine) => ({...machine, processes: () => [{pid: 8, argv: ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'moby', '-id', 'x']}]}), /shims 8/],
    ['a folder that is not Docker’s', (machine, folder) => {
      rmSync(join(folder, 'root/var/lib/docker'), {recursive: true})
      mkdirSync(join(folder, 'root/var/lib/docker/holiday'), {recursive: true})
      return machine
    }, /does not look like Docker's data/],
  ])('is refused where there is %s', async (_, change, message) => {
    const {folder, machine} = await migrated()
    const changed = change(machine, folder)
    const tree = treeOf(folder)
    await expect(cleanUp(changed, {data: true, packages: false, confirm: yes})).rejects.toThrow(message)
    expect(treeOf(folder)).toEqual(tree)
    expect((await migrationStatus(machine)).state).toBe('complete')
  })

  test('is refused before a migration is complete', async () => {
    const folder = newNode()
    await expect(cleanUp(simMachine(folder), {data: true, packages: false, confirm: yes})).rejects.toMatchObject(refused)
    await apply(samplePlan(folder), simMachine(folder), {pauseBefore: 'kubelet'})
    await expect(cleanUp(simMachine(folder), {data: true, packages: false, confirm: yes})).rejects.toThrow('Docker is the way back')
  })
})
