// SPDX-License-Identifier: Apache-2.0
import {spawn, type ChildProcess} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {
  chmodSync, chownSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, rmdirSync, symlinkSync, writeFileSync,
} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {ROOT} from '../../support/node.ts'
import {writeImages} from '../harness/images.ts'
import {packages, type Suite} from '../harness/packages.ts'
import {allProcesses, isAlive, startTicksOf, type ProcessId} from '../harness/processes.ts'
import {eventually, outcomeOf, type Outcome} from '../harness/run.ts'
import {FOREVER, IMAGES, NODE_FILES, NODE_LINKS, PODS} from './files.ts'
import {nodeParts, type NodeParts} from './tree.ts'

const INSIDE = join(import.meta.dirname, 'inside')
const PREFIX = 'rtn-'
const ENVIRONMENT = {PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LC_ALL: 'C.UTF-8'}

/**
 * A Kubernetes 1.20 node with dockershim in a folder: its own root file system, processes, network, mounts and cgroups, with
 * dockerd and containerd of Debian at their usual places, and stand-ins for systemd and the kubelet.
 */
export interface Node {
  /** holds the layers above the common tree, and the data of the engines */
  readonly directory: string
  /** the common layers below, the uppermost first */
  readonly lower: readonly string[]
  /** where a path of the node is to be found from outside while it runs */
  readonly path: (inside: string) => string
  /** runs a program on the node as root, in its namespaces and cgroups; `limit` in milliseconds */
  readonly run: (argv: readonly string[], options?: {readonly limit?: number; readonly env?: Readonly<Record<string, string>>}) => Promise<Outcome>
  /** the same for one that must succeed: what it printed */
  readonly output: (...argv: readonly string[]) => Promise<string>
  /** pulls the plug and starts the node again on what is on its disk; waits until the pods run, where they are to */
  readonly reboot: (pods?: 'running' | 'off') => Promise<void>
  /** waits until all pods run, on whatever runtime */
  readonly settled: (limit?: number) => Promise<void>
  /** removes every trace; gives what could not be removed, which must be nothing */
  readonly stop: () => readonly string[]
}

interface Hierarchy {
  readonly type: string
  readonly options: string
  readonly path: string
}

/** Nodes of this process that are not stopped yet. */
const running = new Set<() => void>()

/** Starts a node with the engines of a Debian release and waits until its pods run. Throws with its logs when they do not. */
export async function startNode(suite: Suite = 'bookworm'): Promise<Node> {
  removeAbandonedNodes()
  const parts = await nodeParts(suite)
  const directory = mkdtempSync(`/tmp/${PREFIX}`)
  const me: ProcessId = {pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0}
  writeFileSync(join(directory, 'owner.json'), JSON.stringify(me))
  chmodSync(directory, 0o755)
  const machine = new Machine(directory, parts)
  try {
    await machine.prepare()
    await machine.boot()
    await makeImages(machine)
    const options = ['--detach', '--name', 'legacy-cron', '--publish', '18080:8080', '--restart', 'always']
    await machine.output('docker', 'run', ...options, IMAGES.agent, ...FOREVER)
    await machine.settled()
  } catch (error) {
    const logs = machine.logs()
    machine.stop()
    throw new Error(`the node did not start: ${String(error)}\n${logs}`, {cause: error})
  }
  return machine
}

/** As a build on the node leaves them: both of the pods' images have a layer of their own above the one that all share. */
async function makeImages(node: Node): Promise<void> {
  await eventually(60_000, () => node.output('docker', 'load', '-q', '-i', '/opt/cluster/images.tar'))
  rmSync(node.path('/opt/cluster/images.tar'))
  for (const [tag, megabytes] of [[IMAGES.web, 12], [IMAGES.local, 1]] as const) {
    const build = ['/bin/busybox', 'dd', 'if=/dev/urandom', 'of=/app', 'bs=1M', `count=${megabytes}`]
    await node.output('docker', 'run', '--name', 'build', IMAGES.agent, ...build)
    await node.output('docker', 'commit', 'build', tag)
    await node.output('docker', 'rm', 'build')
  }
}

class Machine implements Node {
  readonly directory: string
  readonly lower: readonly string[]
  readonly #parts: NodeParts
  #outer: ChildProcess | undefined
  #init = 0

  constructor(directory: string, parts: NodeParts) {
    this.directory = directory
    this.lower = parts.layers
    this.#parts = parts
    watchForTheEnd()
    running.add(this.stop)
  }

  readonly path = (inside: string) => join(`/proc/${this.#init}/root`, inside)

  async prepare(): Promise<void> {
    const {directory} = this
    for (const name of ['upper', 'work', 'root', 'docker', 'containerd']) mkdirSync(join(directory, name))
    // as the packages have made them
    chmodSync(join(directory, 'docker'), 0o710)
    const upper = (path: string) => {
      const file = join(directory, 'upper', path)
      makeFolders(join(directory, 'upper'), dirname(path))
      return file
    }
    for (const [path, {text, mode = 0o644, group = 0}] of Object.entries(NODE_FILES)) {
      writeFileSync(upper(path), text)
      chownSync(upper(path), 0, group)
      chmodSync(upper(path), mode)
    }
    for (const [path, target] of Object.entries(NODE_LINKS)) symlinkSync(target, upper(path))
    for (const [name, folder] of [['systemd', '/usr/lib/systemd'], ['systemctl', '/usr/bin']] as const) {
      copyFileSync(join(INSIDE, name), upper(`${folder}/${name}`))
      chmodSync(upper(`${folder}/${name}`), 0o755)
    }
    const busybox = (await packages()).program('bookworm', 'busybox')
    const images = [{tag: IMAGES.pause, config: {Entrypoint: FOREVER}}, {tag: IMAGES.agent, config: {Cmd: ['sh']}}]
    writeImages(busybox, upper('/opt/cluster/images.tar'), images)
  }

  async boot(): Promise<void> {
    const {directory} = this
    writeFileSync(join(directory, 'boot-id'), `${randomUUID()}\n`)
    const hierarchies = cgroupHierarchies()
    for (const {path} of hierarchies) makeCgroup(join(path, this.#cgroup))
    const words = [
      directory, this.lower.join(':'), ROOT.replace(/\/$/, ''), this.#parts.kubelet, 'node-1', ...hierarchies.flatMap(({type, options, path}) => [type, options, path]),
    ]
    const namespaces = ['--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup', '--propagation', 'private', '--fork', '--kill-child']
    // it ends with the process that runs the tests, however that ends
    const script = `${this.#join()} exec setpriv --pdeathsig KILL unshare ${namespaces.join(' ')} -- sh "$0" "$@"`
    // as in every container that runs engines: tells dockerd and containerd not to load AppArmor profiles into the kernel
    const env = {...ENVIRONMENT, container: 'rtctl-test'}
    this.#outer = spawn('sh', ['-c', script, join(INSIDE, 'boot.sh'), ...words], {env, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/'})
    let said = ''
    this.#outer.stderr?.setEncoding('utf8').on('data', (text: string) => { said += text })
    await eventually(20_000, () => {
      if (this.#outer?.exitCode !== null || this.#outer.signalCode !== null) throw new Error(`the node has ended: ${said}`)
      const init = allProcesses().find(({ppid, comm}) => ppid === this.#outer?.pid && comm === 'systemd')
      if (init === undefined) throw new Error(`no pid 1 by now: ${said}`)
      this.#init = init.pid
    })
    await eventually(20_000, () => this.output('systemctl', '--version'))
  }

  readonly run: Node['run'] = (argv, {limit = 120_000, env = {}} = {}) => {
    const enter = ['--target', String(this.#init), '--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup', '--root', '--wdns=/']
    // a session as of a person who has logged in
    const script = `${this.#join('/user.slice')} exec nsenter ${enter.join(' ')} -- setpriv --pdeathsig KILL "$0" "$@"`
    return outcomeOf('sh', ['-c', script, ...argv], {env: {...ENVIRONMENT, ...env}, cwd: '/', timeout: limit})
  }

  readonly output = async (...argv: readonly string[]) => {
    const outcome = await this.run(argv)
    if (outcome.code === 0) return outcome.stdout
    throw new Error(`${argv.join(' ')}: ${outcome.signal ?? `exit status ${outcome.code}`}\n${outcome.stderr}${outcome.stdout}`)
  }

  readonly reboot = async (pods: 'running' | 'off' = 'running') => {
    this.#powerOff()
    await this.boot()
    if (pods === 'running') await this.settled()
  }

  readonly settled = (limit = 30_000) => eventually(limit, async () => {
    const pods = await podNames(this)
    if (JSON.stringify(pods) !== JSON.stringify(PODS)) throw new Error(`these pods run: ${pods.join(' ')}`)
  })

  /** The ends of the logs of its units. */
  logs(): string {
    const folder = this.path('/run/log/units')
    if (this.#init === 0 || !existsSync(folder)) return ''
    return readdirSync(folder).map((name) => `--- ${name}\n${readFileSync(join(folder, name), 'utf8').slice(-2000)}`).join('\n')
  }

  readonly stop = () => {
    this.#powerOff()
    running.delete(this.stop)
    return removeNode(this.directory)
  }

  get #cgroup(): string {
    return basename(this.directory)
  }

  /** Shell commands that put the shell into the node's cgroups. */
  #join(below = ''): string {
    return cgroupHierarchies().map(({path}) => {
      const cgroup = join(path, `${this.#cgroup}${below}`)
      makeCgroup(cgroup)
      return `echo $$ > ${cgroup}/cgroup.procs;`
    }).join(' ')
  }

  #powerOff(): void {
    if (this.#init !== 0) killNow(this.#init)
    this.#outer?.kill('SIGKILL')
    for (let round = 0; round < 250 && processesIn(this.#cgroup).length > 0; round += 1) pause(20)
    this.#init = 0
    this.#outer = undefined
  }
}

/** The pods with all their containers running, as `namespace/name`, sorted; a pod of which two run stands there twice. */
export async function podNames(node: Pick<Node, 'run'>): Promise<readonly string[]> {
  return [...await dockerPodNames(node), ...await criPodNames(node)].sort()
}

/** Those that Docker runs; none where no dockerd is asked to run. */
export async function dockerPodNames(node: Pick<Node, 'run'>): Promise<readonly string[]> {
  const active = await node.run(['systemctl', 'is-active', 'docker.service'])
  if (active.stdout.trim() !== 'active') return []
  const format = '{{.Label "io.kubernetes.pod.namespace"}}/{{.Label "io.kubernetes.pod.name"}} {{.Label "io.kubernetes.container.name"}}'
  const listed = await node.run(['docker', 'ps', '--filter', 'label=io.kubernetes.pod.uid', '--format', format], {limit: 10_000})
  return whole(listed.stdout.split('\n').filter(Boolean))
}

/** Those that containerd's CRI runs, by its own database. */
export async function criPodNames(node: Pick<Node, 'run'>): Promise<readonly string[]> {
  const tasks = await node.run(['ctr', '-n', 'k8s.io', 'tasks', 'ls'], {limit: 10_000})
  const ids = [...tasks.stdout.matchAll(/^(\S+)\s+\d+\s+RUNNING/gm)].map(([, id = '']) => id)
  const rows = await Promise.all(ids.map(async (id) => {
    const {stdout} = await node.run(['ctr', '-n', 'k8s.io', 'containers', 'info', id])
    const {Labels: labels} = JSON.parse(stdout) as {readonly Labels: Readonly<Record<string, string>>}
    const name = labels['io.cri-containerd.kind'] === 'sandbox' ? 'POD' : labels['io.kubernetes.container.name']
    return `${labels['io.kubernetes.pod.namespace']}/${labels['io.kubernetes.pod.name']} ${name}`
  }))
  return whole(rows)
}

const CONTAINERS: Readonly<Record<string, number>> = {'shop/web-0': 3}

/** Of rows `pod container`, the pods with sandbox and all containers. */
function whole(rows: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const row of rows) counts.set(row.split(' ')[0] ?? '', (counts.get(row.split(' ')[0] ?? '') ?? 0) + 1)
  return [...counts].flatMap(([pod, count]) => Array<string>(Math.floor(count / (CONTAINERS[pod] ?? 2))).fill(pod)).sort()
}

// ---------------------------------------------------------------- folders

function makeFolders(upper: string, path: string): void {
  if (existsSync(join(upper, path))) return
  makeFolders(upper, dirname(path))
  mkdirSync(join(upper, path))
  chmodSync(join(upper, path), 0o755)
}

// ---------------------------------------------------------------- cgroups and removal

/** The machine's cgroup hierarchies. */
function cgroupHierarchies(): readonly Hierarchy[] {
  return readFileSync('/proc/self/mountinfo', 'utf8').split('\n').flatMap((line) => {
    const [, root, path, type, options = ''] = /^\S+ \S+ \S+ (\S+) (\S+) .* - (cgroup2?) \S+ (\S+)$/.exec(line) ?? []
    if (root === undefined || path === undefined || type === undefined || !path.startsWith('/sys/fs/cgroup')) return []
    const names = options.split(',').filter((option) => option !== 'rw' && option !== 'ro')
    const named = names.some((option) => option.startsWith('name=')) ? ['none', ...names] : names
    return [{type, options: type === 'cgroup2' ? 'rw' : named.join(','), path}]
  })
}

/** A new cpuset has no processors until it is told which. */
function makeCgroup(path: string): void {
  if (existsSync(path)) return
  makeCgroupParent(path)
  mkdirSync(path, {recursive: true})
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    const [own, above] = [join(path, name), join(dirname(path), name)]
    if (existsSync(own) && existsSync(above)) writeFileSync(own, readFileSync(above, 'utf8'))
  }
}

function makeCgroupParent(path: string): void {
  if (!existsSync(dirname(path))) makeCgroup(dirname(path))
}

function cgroupsBelow(path: string): string[] {
  if (!existsSync(path)) return []
  const folders = readdirSync(path, {withFileTypes: true}).filter((entry) => entry.isDirectory())
  return [...folders.flatMap(({name}) => cgroupsBelow(join(path, name))), path]
}

/** Pids of the processes in a node's cgroups. */
function processesIn(cgroup: string): readonly number[] {
  const [first] = cgroupHierarchies()
  return cgroupsBelow(join(first?.path ?? '/nonexistent', cgroup))
    .flatMap((path) => readFileSync(join(path, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number))
}

/** Removes what is left of a node that does not run any more: its cgroups and its folder. Gives what remains. */
function removeNode(directory: string): readonly string[] {
  const name = basename(directory)
  for (const pid of processesIn(name)) killNow(pid)
  const cgroups = cgroupHierarchies().flatMap(({path}) => cgroupsBelow(join(path, name)))
  for (const path of cgroups) tryRmdir(path)
  rmSync(directory, {recursive: true, force: true, maxRetries: 10, retryDelay: 50})
  return [directory, ...cgroups].filter((path) => existsSync(path))
}

/** A cgroup stays busy for a moment after its last process has ended. */
function tryRmdir(path: string): void {
  for (let round = 0; round < 100; round += 1) {
    try {
      return rmdirSync(path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      pause(20)
    }
  }
}

/** Removes the nodes of runs that were killed too hard to clean up. Their processes have ended with the run. */
export function removeAbandonedNodes(): void {
  for (const name of readdirSync('/tmp').filter((each) => each.startsWith(PREFIX))) {
    const owner = join('/tmp', name, 'owner.json')
    if (existsSync(owner) && !isAlive(JSON.parse(readFileSync(owner, 'utf8')) as ProcessId)) removeNode(join('/tmp', name))
  }
}

let watching = false

function watchForTheEnd(): void {
  if (watching) return
  watching = true
  const stopAll = () => {
    for (const stop of running) stop()
  }
  process.once('exit', stopAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      stopAll()
      process.kill(process.pid, signal)
    })
  }
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // it has ended
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
}
