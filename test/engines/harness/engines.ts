// SPDX-License-Identifier: Apache-2.0
import {spawn, type ChildProcess} from 'node:child_process'
import {randomUUID} from 'node:crypto'
import {chmodSync, closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, writeFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import {criIsReady, runPod, type Pod, type PodSpec} from './cri-calls.ts'
import {writeImages} from './images.ts'
import {packages, type Packages, type Suite} from './packages.ts'
import {addNames, leftovers, openRun, removeAbandonedRuns, removeRun, type RunRecord} from './removal.ts'
import {eventually, outputOf} from './run.ts'

export interface EngineOptions {
  /** start dockerd in front of containerd */
  readonly docker: boolean
  /** leave containerd's CRI plugin on */
  readonly cri: boolean
}

type DaemonName = 'dockerd' | 'containerd'

/** One containerd, with or without a dockerd, on sockets of their own. */
export interface Engines {
  readonly suite: Suite
  /** holds sockets, data, state, configuration and logs */
  readonly directory: string
  readonly containerdSocket: string
  /** undefined without dockerd */
  readonly dockerSocket: string | undefined
  /** pid of a running daemon */
  readonly pid: (daemon: DaemonName) => number
  /** runs the docker client, gives its standard output without surrounding white space */
  readonly docker: (...args: string[]) => Promise<string>
  /** runs ctr in a containerd namespace, gives its standard output */
  readonly ctr: (namespace: string, ...args: string[]) => Promise<string>
  readonly runPod: (spec: Omit<PodSpec, 'uid' | 'logDirectory'>) => Promise<Pod & {readonly uid: string; readonly logDirectory: string}>
  /** a container id that no other engine of this machine uses: OCI runtimes keep state by id, not by daemon */
  readonly containerId: (name: string) => string
  /** starts another program as part of the run: it ends with it; `argv0` is the name it runs under */
  readonly spawn: (argv0: string, program: string, args: readonly string[]) => ChildProcess
  /** sends SIGKILL and waits until the process is gone */
  readonly kill9: (daemon: DaemonName) => Promise<void>
  /** starts a daemon anew on what it has left on disk, and waits until it answers; one that still runs gets SIGKILL before */
  readonly restart: (daemon: DaemonName) => Promise<void>
  /** SIGSTOP or SIGCONT */
  readonly signal: (daemon: DaemonName, signal: 'SIGSTOP' | 'SIGCONT') => void
  /** removes every trace; gives what could not be removed, which must be nothing */
  readonly stop: () => Promise<readonly string[]>
  /** what exists of this run outside of this process now */
  readonly leftovers: () => readonly string[]
}

interface Setting {
  readonly suite: Suite
  readonly options: EngineOptions
  readonly packages: Packages
  readonly directory: string
  readonly env: NodeJS.ProcessEnv
  /** dockerd's and the CRI plugin's bridge */
  readonly bridges: {readonly docker: string; readonly cni: string}
}

/** Runs of this process that are not stopped yet, for its exit handler. */
const running = new Map<string, () => readonly string[]>()

/**
 * Starts one release's engines as root of this machine, next to whatever else runs on it, and loads the test images.
 * Nothing outside of the run's folder is configured or installed. Throws with the daemons' logs when they do not come up.
 */
export async function startEngines(suite: Suite, options: EngineOptions): Promise<Engines> {
  removeAbandonedRuns()
  const fetched = await packages()
  // a unix socket's path holds 107 bytes, and engines add to it
  const directory = mkdtempSync('/tmp/rt-')
  const suffix = basename(directory).slice(3)
  const bridges = {docker: `rtd-${suffix}`, cni: `rtc-${suffix}`}
  const run = new Run(openRun(directory, Object.values(bridges), fetched.program(suite, 'busybox')))
  const env = daemonEnvironment(suite, fetched, run.record)
  const setting: Setting = {suite, options, packages: fetched, directory, env, bridges}
  try {
    await startContainerd(setting, run)
    if (options.docker) await startDockerd(setting, run)
    await loadImages(setting)
  } catch (error) {
    const logs = daemonLogs(directory)
    run.remove()
    throw new Error(`the engines of ${suite} did not start: ${String(error)}\n${logs}`, {cause: error})
  }
  return handle(setting, run)
}

/** A run of this process: its record and its daemons. */
class Run {
  record: RunRecord
  readonly daemons = new Map<DaemonName, ChildProcess>()

  constructor(record: RunRecord) {
    this.record = record
    if (running.size === 0) watchForTheEnd()
    running.set(record.id, () => this.remove())
  }

  daemon(name: DaemonName): ChildProcess & {readonly pid: number} {
    const child = this.daemons.get(name)
    if (child?.pid === undefined) throw new Error(`${name} was not started`)
    return child as ChildProcess & {readonly pid: number}
  }

  remove(): string[] {
    const left = removeRun(this.record)
    running.delete(this.record.id)
    return left
  }
}

let watching = false

/** However this process ends, short of SIGKILL, its engines end with it; after a SIGKILL the next run removes them. */
function watchForTheEnd(): void {
  if (watching) return
  watching = true
  const removeAll = () => {
    for (const remove of running.values()) remove()
  }
  process.once('exit', removeAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      removeAll()
      process.kill(process.pid, signal)
    })
  }
}

// ---------------------------------------------------------------- configuration

/** The machine's own environment is not passed on: it may name other engines, proxies or configuration. */
function daemonEnvironment(suite: Suite, fetched: Packages, record: RunRecord): NodeJS.ProcessEnv {
  const [markerName = '', markerValue = ''] = record.marker.split('=')
  return {
    PATH: `${fetched.path(suite)}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: record.directory,
    TMPDIR: join(record.directory, 'tmp'),
    DOCKER_CONFIG: join(record.directory, 'client'),
    DOCKER_HOST: `unix://${join(record.directory, 'docker.sock')}`,
    [markerName]: markerValue,
    // as in every container that runs engines: tells dockerd and containerd not to load AppArmor profiles into the kernel
    container: 'rtctl-test',
    ...(fetched.libraryPath === '' ? {} : {LD_LIBRARY_PATH: fetched.libraryPath}),
  }
}

/** In the state folder, where containerd's default layout has it; with one release elsewhere, where nothing leads from it to the state. */
const socketOf = (suite: Suite, directory: string) => join(directory, suite === 'trixie' ? 'containerd.sock' : 'state/containerd.sock')

/** containerd 2 has split its CRI plugin in two and made configuration version 3; 1.x reads version 2. */
function containerdConfig({suite, options, packages: fetched, directory}: Setting): string {
  const version = suite === 'forky' ? 3 : 2
  const cri = version === 3 ? 'io.containerd.cri.v1.runtime' : 'io.containerd.grpc.v1.cri'
  const plugin = (name: string, ...lines: string[]) => [`[plugins.'${name}']`, ...lines]
  const disabled = options.cri ? [] : version === 3 ? ['io.containerd.cri.v1.runtime', 'io.containerd.cri.v1.images', 'io.containerd.grpc.v1.cri'] : [cri]
  const sandboxImage = version === 3
    ? plugin(`io.containerd.cri.v1.images'.'pinned_images`, `sandbox = 'docker.io/rtctl-test/pause:1'`)
    : []
  return [
    `version = ${version}`,
    `root = '${directory}/root'`,
    `state = '${directory}/state'`,
    `disabled_plugins = ${JSON.stringify(disabled)}`,
    '[grpc]', `address = '${socketOf(suite, directory)}'`,
    // else it makes /opt/containerd
    ...plugin('io.containerd.internal.v1.opt', `path = '${directory}/opt'`),
    ...plugin('io.containerd.nri.v1.nri', 'disable = true'),
    ...options.cri ? [
      ...sandboxImage,
      ...plugin(cri,
        ...version === 2 ? [`sandbox_image = 'docker.io/rtctl-test/pause:1'`] : [],
        // lowering an oom_score_adj needs CAP_SYS_RESOURCE, which root in a container or a small VM may lack
        'restrict_oom_score_adj = true',
        'netns_mounts_under_state_dir = true',
        `[plugins.'${cri}'.cni]`,
        version === 3 ? `bin_dirs = ['${fetched.cniPlugins}']` : `bin_dir = '${fetched.cniPlugins}'`,
        `conf_dir = '${directory}/cni'`,
        `[plugins.'${cri}'.containerd.runtimes.runc]`, `runtime_type = 'io.containerd.runc.v2'`,
        `[plugins.'${cri}'.containerd.runtimes.crun]`, `runtime_type = 'io.containerd.runc.v2'`,
        `[plugins.'${cri}'.containerd.runtimes.crun.options]`, `BinaryName = '${crunPath(directory)}'`,
      ),
    ] : [],
    '',
  ].join('\n')
}

/** A bridge without a gateway and without masquerading: nothing on the machine is switched on for it. */
function cniConfig({directory, bridges}: Setting, subnet: string): string {
  const ipam = {type: 'host-local', dataDir: join(directory, 'ipam'), ranges: [[{subnet: `${subnet}.0/24`}]]}
  return JSON.stringify({cniVersion: '0.3.1', name: bridges.cni, plugins: [{type: 'bridge', bridge: bridges.cni, ipam}]})
}

/**
 * A path of crun that works on this machine. crun refuses v1 hierarchies beside a v2 one that has controllers, so there it
 * gets a mount namespace without the latter.
 */
function writeCrun({directory, suite, packages: fetched}: Setting): void {
  const prefix = existsSync('/sys/fs/cgroup/unified/cgroup.controllers')
    ? `exec unshare --mount --propagation private sh -c 'umount /sys/fs/cgroup/unified; exec "$0" "$@"'`
    : 'exec'
  mkdirSync(join(directory, 'bin'))
  writeFileSync(crunPath(directory), `#!/bin/sh\n${prefix} ${fetched.program(suite, 'crun')} "$@"\n`, {mode: 0o755})
}

const crunPath = (directory: string) => join(directory, 'bin/crun')

/** gVisor needs neither KVM nor cgroups this way; see its documentation of platforms. */
const runscArguments = ['--platform=ptrace', '--ignore-cgroups', '--network=none']

function dockerdConfig({suite, directory, packages: fetched}: Setting): string {
  return JSON.stringify({
    // 20.10 writes this key into /etc/docker otherwise
    ...suite === 'bookworm' ? {'deprecated-key-path': join(directory, 'key.json')} : {},
    runtimes: {
      crun: {path: crunPath(directory)},
      runsc: {path: fetched.program(suite, 'runsc'), runtimeArgs: runscArguments},
    },
  })
}

/** A /24 of 198.18.0.0/15 (RFC 2544, never routed) that no interface of this machine uses, as its first three numbers. */
function freeSubnet(): string {
  const routes = readFileSync('/proc/net/route', 'utf8').toLowerCase()
  for (;;) {
    const numbers = [198, 18 + Math.floor(Math.random() * 2), Math.floor(Math.random() * 256)]
    const inTable = numbers.toReversed().map(number => number.toString(16).padStart(2, '0')).join('')
    if (!routes.includes(`\t00${inTable}\t`)) return numbers.join('.')
  }
}

// ---------------------------------------------------------------- starting

/** Starts a daemon in a session of its own, with its log in the run's folder. */
function launch(setting: Setting, run: Run, name: DaemonName, args: readonly string[]): ChildProcess {
  const log = openSync(join(setting.directory, `${name}.log`), 'a')
  const child = spawn(setting.packages.program(setting.suite, name), args, {
    cwd: setting.directory, env: setting.env, detached: true, stdio: ['ignore', log, log],
  })
  closeSync(log)
  child.unref()
  run.daemons.set(name, child)
  return child
}

/** Waits until `ready` stops throwing; gives up at once when the daemon has ended. */
async function up(child: ChildProcess, ready: () => Promise<unknown>): Promise<void> {
  let ended = false
  child.once('exit', () => { ended = true })
  await eventually(60_000, async () => ended || ready())
  if (ended) throw new Error(`${child.spawnfile} has ended with status ${child.exitCode ?? child.signalCode}`)
}

async function startContainerd(setting: Setting, run: Run): Promise<void> {
  const {directory} = setting
  for (const name of ['tmp', 'cni', 'client']) mkdirSync(join(directory, name))
  // as on a real machine, others may pass through; gVisor's sandbox does not run as root
  chmodSync(directory, 0o755)
  chmodSync(join(directory, 'tmp'), 0o1777)
  writeCrun(setting)
  writeFileSync(join(directory, 'config.toml'), containerdConfig(setting))
  if (setting.options.cri) writeFileSync(join(directory, 'cni/10-test.conflist'), cniConfig(setting, freeSubnet()))
  await launchContainerd(setting, run)
}

async function launchContainerd(setting: Setting, run: Run): Promise<void> {
  const {directory, env, suite} = setting
  const child = launch(setting, run, 'containerd', ['--config', join(directory, 'config.toml')])
  const socket = socketOf(suite, directory)
  await up(child, () => outputOf(setting.packages.program(suite, 'ctr'), ['-a', socket, '--timeout', '2s', 'version'], {env}))
  if (setting.options.cri) await up(child, () => criIsReady(socket))
}

async function startDockerd(setting: Setting, run: Run): Promise<void> {
  const {directory, suite, bridges, packages: fetched} = setting
  await addBridge(fetched.program(suite, 'busybox'), bridges.docker, `${freeSubnet()}.1/24`)
  // without a file of its own it would read the machine's /etc/docker/daemon.json
  writeFileSync(join(directory, 'daemon.json'), dockerdConfig(setting))
  await launchDockerd(setting, run)
}

async function launchDockerd(setting: Setting, run: Run): Promise<void> {
  const {directory, env, suite, bridges, packages: fetched} = setting
  const child = launch(setting, run, 'dockerd', [
    '--config-file', join(directory, 'daemon.json'),
    '--host', `unix://${directory}/docker.sock`,
    '--containerd', socketOf(suite, directory),
    '--data-root', join(directory, 'docker'),
    '--exec-root', join(directory, 'exec'),
    '--pidfile', join(directory, 'dockerd.pid'),
    // a dockerd with `--bridge none` deletes docker0 of another one
    '--bridge', bridges.docker,
    '--iptables=false', '--ip6tables=false', '--ip-forward=false',
    '--exec-opt', 'native.cgroupdriver=cgroupfs',
    '--init-path', fetched.program(suite, 'tini-static'),
    '--userland-proxy-path', fetched.program(suite, 'docker-proxy'),
  ])
  await up(child, () => outputOf(fetched.program(suite, 'docker'), ['version'], {env, timeout: 5000}))
}

/** With busybox: a bare machine may have no `ip`. */
async function addBridge(busybox: string, name: string, address: string): Promise<void> {
  await outputOf(busybox, ['ip', 'link', 'add', 'name', name, 'type', 'bridge'])
  await outputOf(busybox, ['ip', 'addr', 'add', address, 'dev', name])
  await outputOf(busybox, ['ip', 'link', 'set', name, 'up'])
}

async function loadImages({suite, options, packages: fetched, directory, env}: Setting): Promise<void> {
  const archive = join(directory, 'images.tar')
  writeImages(fetched.program(suite, 'busybox'), archive)
  const ctr = fetched.program(suite, 'ctr')
  const namespaces = ['default', ...options.cri ? ['k8s.io'] : []]
  await Promise.all([
    ...namespaces.map(namespace => outputOf(ctr, ['-a', socketOf(suite, directory), '-n', namespace, 'images', 'import', archive], {env})),
    ...options.docker ? [outputOf(fetched.program(suite, 'docker'), ['load', '-q', '-i', archive], {env})] : [],
  ])
}

/** The ends of the daemons' logs, for a test's failure. */
function daemonLogs(directory: string): string {
  return ['containerd', 'dockerd'].map(name => join(directory, `${name}.log`)).filter(file => existsSync(file))
    .map(file => `--- ${file}\n${readFileSync(file, 'utf8').slice(-3000)}`).join('\n')
}

// ---------------------------------------------------------------- in use

function handle(setting: Setting, run: Run): Engines {
  const {suite, directory, env, packages: fetched, options} = setting
  const containerdSocket = socketOf(suite, directory)
  const client = (name: 'docker' | 'ctr', args: readonly string[]) => outputOf(fetched.program(suite, name), args, {env})
  return {
    suite, directory, containerdSocket,
    dockerSocket: options.docker ? join(directory, 'docker.sock') : undefined,
    pid: name => run.daemon(name).pid,
    docker: async (...args) => (await client('docker', args)).trim(),
    ctr: (namespace, ...args) => client('ctr', ['-a', containerdSocket, '-n', namespace, ...args]),
    runPod: spec => runKubeletPod(setting, run, spec),
    spawn: (argv0, program, args) => spawn(program, args, {argv0, cwd: directory, env, stdio: ['pipe', 'pipe', 'inherit']}),
    containerId: name => `${basename(directory)}-${name}`,
    kill9: name => killHard(run.daemon(name)),
    restart: async name => {
      await killHard(run.daemon(name))
      try {
        await (name === 'dockerd' ? launchDockerd(setting, run) : launchContainerd(setting, run))
      } catch (error) {
        throw new Error(`${name} of ${suite} did not start again: ${String(error)}\n${daemonLogs(directory)}`, {cause: error})
      }
    },
    signal: (name, signal) => { run.daemon(name).kill(signal) },
    stop: async () => run.remove(),
    leftovers: () => leftovers(run.record),
  }
}

/** A pod with a uid and a log folder like the kubelet's, both noted for the removal. */
async function runKubeletPod({suite, directory}: Setting, run: Run, spec: Omit<PodSpec, 'uid' | 'logDirectory'>) {
  const uid = randomUUID()
  run.record = addNames(run.record, [`pod${uid}`])
  const logDirectory = join(directory, 'pods', `${spec.namespace}_${spec.name}_${uid}`)
  return {...await runPod(socketOf(suite, directory), {...spec, uid, logDirectory}), uid, logDirectory}
}

async function killHard(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  // it does not keep this process alive by itself
  child.ref()
  const gone = new Promise(resolve => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
