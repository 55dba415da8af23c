// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, openSync, closeSync, readFileSync, readdirSync, rmSync, rmdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {allProcesses, isAlive, startTicksOf, type ProcessId} from '../../engines/harness/processes.ts'
import {eventually, outcomeOf, type Outcome} from '../../engines/harness/run.ts'
import {diskDirectory, NODE} from './disk.ts'
import {labDirectory} from './places.ts'

const MACHINE = 'rtctl-lab'

/** Kernel settings that a kubelet writes and that are those of the whole machine. */
const SETTINGS = [
  'vm/overcommit_memory', 'vm/panic_on_oom', 'kernel/panic', 'kernel/panic_on_oops', 'kernel/keys/root_maxkeys', 'kernel/keys/root_maxbytes',
]

/** What has to be known to end the machine, also by another process than the one that started it. */
interface Running {
  readonly nspawn: ProcessId
  /** its first process: systemd */
  readonly init: ProcessId
  /** its cgroup in each hierarchy */
  readonly cgroups: readonly string[]
  /** values of {@link SETTINGS} before */
  readonly settings: Readonly<Record<string, string>>
}

/** How a program is run in the machine. */
export interface InsideOptions {
  /** milliseconds; then it gets SIGKILL */
  readonly timeout?: number
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Whether the machine is up. */
export function isUp(): boolean {
  const running = state()
  return running !== undefined && isAlive(running.init)
}

/** Starts the machine from its disk and waits for its first process. */
export async function powerOn(): Promise<void> {
  if (isUp()) throw new Error('the lab is up already')
  removeTraces()
  const settings = Object.fromEntries(SETTINGS.map((name) => [name, readFileSync(`/proc/sys/${name}`, 'utf8')]))
  const cgroups = makeCgroups()
  mkdirSync('/run/systemd/nspawn', {recursive: true})
  const log = openSync(join(labDirectory(), 'console.log'), 'w')
  const child = spawn('sh', ['-c', `${ENTER}; exec systemd-nspawn "$@"`, cgroups.join(' '), ...nspawnArguments()], {
    detached: true, stdio: ['ignore', log, log], env: {...process.env, SYSTEMD_NSPAWN_API_VFS_WRITABLE: '1'},
  })
  closeSync(log)
  child.unref()
  const nspawn = idOf(child.pid ?? 0)
  save({nspawn, init: nspawn, cgroups, settings})
  const init = await eventually(20_000, () => {
    const found = allProcesses().find(({ppid, comm}) => ppid === nspawn.pid && comm === 'systemd')
    if (found === undefined) throw new Error(`systemd-nspawn started nothing, see ${labDirectory()}/console.log`)
    return found
  })
  // nspawn puts what runs in the machine one level deeper in the hierarchies of systemd
  save({nspawn, init: idOf(init.pid), cgroups: cgroups.map((path) => existsSync(`${path}/payload`) ? `${path}/payload` : path), settings})
}

/** As when somebody presses the button: systemd stops its units. After half a minute the plug is pulled. */
export async function powerOff(): Promise<void> {
  const running = state()
  if (running !== undefined && isAlive(running.init)) {
    // systemd(1): SIGRTMIN+4 starts poweroff.target
    await outcomeOf('kill', ['--signal', 'RTMIN+4', String(running.init.pid)])
    await eventually(30_000, () => ended(running.nspawn)).catch(() => {})
  }
  await pullPlug()
}

/** As when the power fails: no process gets to do anything more. */
export async function pullPlug(): Promise<void> {
  const running = state()
  if (running === undefined) return
  if (isAlive(running.init)) process.kill(running.init.pid, 'SIGKILL')
  await eventually(20_000, () => ended(running.nspawn))
  await eventually(5_000, () => running.cgroups.forEach(removeCgroup))
  removeTraces()
}

/** Runs a program in the machine, in all its namespaces and cgroups, with a bare environment and the cluster's kubeconfig. */
export function inside(program: string, args: readonly string[] = [], options: InsideOptions = {}): Promise<Outcome> {
  const [command = '', ...rest] = insideCommand(program, args, options.env)
  if (options.input === undefined) return outcomeOf(command, rest, {timeout: options.timeout ?? 120_000})
  return outcomeOf('sh', ['-c', 'printf %s "$0" | "$@"', options.input, command, ...rest], {timeout: options.timeout ?? 120_000})
}

/** The command line that runs a program in the machine, for callers that want its streams. */
export function insideCommand(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string[] {
  const running = state()
  if (running === undefined || !isAlive(running.init)) throw new Error('the lab is down')
  const all = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', TERM: 'dumb', LANG: 'C.UTF-8',
    KUBECONFIG: '/etc/kubernetes/admin.conf', ...env,
  }
  const enter = ['nsenter', '--target', String(running.init.pid), '--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup', '--root', '--wd']
  return [
    'sh', '-c', `${ENTER}; exec "$@"`, running.cgroups.join(' '), ...enter, 'env', '--ignore-environment', ...Object.entries(all).map(([name, value]) => `${name}=${value}`),
    program, ...args,
  ]
}

/** Its network namespace, for programs of this machine that have to be reached from there. */
export function networkNamespace(): string {
  return `/proc/${state()?.init.pid}/ns/net`
}

/** Shell: the process enters the cgroups that `$0` names. Else /proc/self/cgroup of what it becomes would begin with `/..`. */
const ENTER = 'for group in $0; do echo $$ > "$group/cgroup.procs"; done'

function nspawnArguments(): string[] {
  return [
    '--quiet', `--directory=${diskDirectory()}`, `--machine=${MACHINE}`, `--hostname=${NODE.name}`, '--boot', '--register=no', '--keep-unit', '--private-network',
    '--capability=all', '--system-call-filter=@keyring bpf perf_event_open', '--bind=/dev/kmsg', '--console=passive',
  ]
}

/** A cgroup in each hierarchy of cgroup v1, below that of this process: the machine's cgroup namespace begins there. */
function makeCgroups(): string[] {
  return readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n').flatMap((line) => {
    const [, controllers = '', own = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    const name = controllers.replace(/^name=/, '') || 'unified'
    const hierarchy = `/sys/fs/cgroup/${name}`
    if (!existsSync(hierarchy)) return []
    const parent = join(hierarchy, own)
    const path = join(parent, MACHINE)
    mkdirSync(path, {recursive: true})
    if (name === 'cpuset') {
      for (const file of ['cpuset.cpus', 'cpuset.mems']) writeFileSync(join(path, file), readFileSync(join(parent, file)))
      writeFileSync(join(path, 'cgroup.clone_children'), '1')
    }
    return [path]
  })
}

/** Deepest first; the files in a cgroup are the kernel's. */
function removeCgroup(path: string): void {
  if (!existsSync(path)) return
  for (const entry of readdirSync(path, {withFileTypes: true})) if (entry.isDirectory()) removeCgroup(join(path, entry.name))
  rmdirSync(path)
}

function removeTraces(): void {
  const running = state()
  for (const cgroup of running?.cgroups ?? []) removeCgroup(cgroup.replace(/\/payload$/, ''))
  for (const [name, value] of Object.entries(running?.settings ?? {})) writeFileSync(`/proc/sys/${name}`, value)
  rmSync(`/run/systemd/nspawn/propagate/${MACHINE}`, {recursive: true, force: true})
  rmSync(stateFile(), {force: true})
}

function ended(id: ProcessId): void {
  if (isAlive(id)) throw new Error(`process ${id.pid} of the lab does not end`)
}

function idOf(pid: number): ProcessId {
  return {pid, startTicks: startTicksOf(pid) ?? 0}
}

function stateFile(): string {
  return join(labDirectory(), 'running.json')
}

function save(running: Running): void {
  writeFileSync(stateFile(), JSON.stringify(running))
}

function state(): Running | undefined {
  return existsSync(stateFile()) ? JSON.parse(readFileSync(stateFile(), 'utf8')) as Running : undefined
}
