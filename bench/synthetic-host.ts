// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

export interface Size {
  readonly processes: number
  readonly containers: number
}

/** First pid of the shims; the containers' first processes follow, then what runs below those. */
const FIRST_SHIM = 1000
const CONTAINERD = 2
const STATE = 'run/containerd/io.containerd.runtime.v2.task/k8s.io'

/**
 * Writes the root directory of a host that never was: a procfs, and below containerd the bundles of pods, each with a
 * sandbox and one container. Every container has a shim of its own and its share of the other processes. What the files
 * hold has the size and the form of a real node's.
 */
export function writeSyntheticHost(root: string, {processes, containers}: Size): void {
  writeMachine(root)
  writeProcess(root, {pid: 1, ppid: 0, argv: ['/sbin/init'], cgroup: '/init.scope', detail: 'daemon'})
  writeProcess(root, {pid: CONTAINERD, ppid: 1, argv: ['/usr/bin/containerd'], cgroup: '/system.slice/containerd.service', detail: 'daemon'})
  for (let index = 0; index < containers; index++) writeContainer(root, index, containers)
  const firstOther = FIRST_SHIM + 2 * containers
  const others = processes - 2 * containers - 2
  for (let index = 0; index < others; index++) {
    const owner = index % containers
    const argv = ['/usr/local/bin/worker', '--listen', '0.0.0.0:8080', '--config', '/etc/worker/config.yaml', `--shard=${index}`]
    writeProcess(root, {pid: firstOther + index, ppid: FIRST_SHIM + containers + owner, argv, cgroup: cgroupOf(owner), detail: 'none'})
  }
}

function writeMachine(root: string): void {
  const files: Readonly<Record<string, string>> = {
    'proc/sys/kernel/hostname': 'synthetic\n',
    'proc/sys/kernel/osrelease': '6.1.0-28-amd64\n',
    'proc/1/mounts': 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid,nodev,noexec,relatime 0 0\n',
    'proc/1/net/unix': 'Num       RefCount Protocol Flags    Type St Inode Path\n' +
      '0000000000000000: 00000002 00000000 00010000 0001 01 20001 /run/containerd/containerd.sock\n',
    'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    'etc/containerd/config.toml': 'version = 2\n[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]\nSystemdCgroup = true\n',
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), {recursive: true})
    writeFileSync(join(root, path), text)
  }
}

// ---------------------------------------------------------------- containers

function idOf(index: number): string {
  return (index + 1).toString(16).padStart(8, '0').repeat(8)
}

/** As the kubelet with systemd's cgroup driver makes it. */
function cgroupOf(index: number): string {
  const pod = podUid(index).replaceAll('-', '_')
  return `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${pod}.slice/cri-containerd-${idOf(index)}.scope`
}

function podUid(index: number): string {
  return `00000000-0000-4000-8000-${Math.floor(index / 2).toString(16).padStart(12, '0')}`
}

function writeContainer(root: string, index: number, containers: number): void {
  const id = idOf(index)
  const shim = FIRST_SHIM + index
  const init = FIRST_SHIM + containers + index
  const shimArgv = ['/usr/bin/containerd-shim-runc-v2', '-namespace', 'k8s.io', '-id', id, '-address', '/run/containerd/containerd.sock']
  const sandbox = index % 2 === 0
  writeProcess(root, {pid: shim, ppid: 1, argv: shimArgv, cgroup: '/system.slice/containerd.service', detail: 'shim', cwd: `/${STATE}/${id}`})
  writeProcess(root, {pid: init, ppid: shim, argv: sandbox ? ['/pause'] : ['/usr/local/bin/worker', '--shards', '8'], cgroup: cgroupOf(index), detail: 'container'})
  const bundle = join(root, STATE, id)
  mkdirSync(bundle, {recursive: true})
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(ociConfig(index)))
  writeFileSync(join(bundle, 'init.pid'), String(init))
  writeFileSync(join(bundle, 'options.json'), '{"binary_name":"","systemd_cgroup":true}')
  writeFileSync(join(bundle, 'shim-binary-path'), '/usr/bin/containerd-shim-runc-v2')
  mkdirSync(join(root, 'run/containerd/runc/k8s.io', id), {recursive: true})
}

const CAPABILITIES = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE',
].map((name) => `CAP_${name}`)

/** Some 7 kB, as containerd writes it for a pod's container. */
function ociConfig(index: number): object {
  const sandbox = index % 2 === 0
  const note = (name: string, value: string) => [`io.kubernetes.cri.${name}`, value]
  const mounts = ['/proc', '/dev', '/dev/pts', '/dev/mqueue', '/sys', '/sys/fs/cgroup', '/etc/hosts', '/dev/termination-log', '/etc/hostname', '/etc/resolv.conf', '/dev/shm', '/var/run/secrets/kubernetes.io/serviceaccount']
  return {
    ociVersion: '1.0.2-dev',
    process: {
      user: {uid: 0, gid: 0, additionalGids: [0, 10]},
      args: sandbox ? ['/pause'] : ['/usr/local/bin/worker', '--shards', '8'],
      env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...Array.from({length: 20}, (_, number) => `SERVICE_${number}_PORT=tcp://10.96.${number}.1:443`)],
      cwd: '/',
      capabilities: {bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES},
      oomScoreAdj: 999,
    },
    root: {path: 'rootfs'},
    mounts: mounts.map((destination) => ({
      destination, type: 'bind', source: `/var/lib/kubelet/pods/${podUid(index)}${destination}`, options: ['rbind', 'rprivate', 'rw'],
    })),
    annotations: Object.fromEntries([
      note('container-type', sandbox ? 'sandbox' : 'container'),
      note('sandbox-id', idOf(index - (index % 2))),
      note('sandbox-name', `worker-${Math.floor(index / 2)}`),
      note('sandbox-namespace', 'default'),
      note('sandbox-uid', podUid(index)),
      ...(sandbox
        ? [note('sandbox-log-directory', `/var/log/pods/default_worker-${Math.floor(index / 2)}_${podUid(index)}`)]
        : [note('container-name', 'worker'), note('image-name', 'registry.example/worker:1.0')]),
    ]),
    linux: {
      cgroupsPath: `kubepods-burstable-pod${podUid(index).replaceAll('-', '_')}.slice:cri-containerd:${idOf(index)}`,
      resources: {devices: [{allow: false, access: 'rwm'}], memory: {limit: 268_435_456}, cpu: {shares: 102, quota: 20_000, period: 100_000}},
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({type})),
      seccomp: {defaultAction: 'SCMP_ACT_ERRNO', syscalls: [{names: Array.from({length: 100}, (_, number) => `system_call_${number}`), action: 'SCMP_ACT_ALLOW'}]},
      maskedPaths: ['/proc/asound', '/proc/acpi', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/sched_debug', '/sys/firmware'],
    },
  }
}

// ---------------------------------------------------------------- procfs

interface SyntheticProcess {
  readonly pid: number
  readonly ppid: number
  readonly argv: readonly string[]
  readonly cgroup: string
  /** which files besides stat and cmdline: those of processes that are looked at more closely */
  readonly detail: 'none' | 'shim' | 'container' | 'daemon'
  readonly cwd?: string
}

function writeProcess(root: string, {pid, ppid, argv, cgroup, detail, cwd}: SyntheticProcess): void {
  const directory = join(root, 'proc', String(pid))
  const comm = (argv[0] ?? '').split('/').at(-1)?.slice(0, 15)
  mkdirSync(directory, {recursive: true})
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text)
  const zeros = (number: number) => Array.from({length: number}, () => '0').join(' ')
  write('stat', `${pid} (${comm}) S ${ppid} ${pid} ${pid} 0 -1 4194560 ${zeros(12)} ${pid * 10} ${zeros(30)}\n`)
  write('cmdline', `${argv.join('\0')}\0`)
  if (detail === 'none') return
  write('status', status(pid, detail === 'container' ? [pid, 1] : [pid]))
  write('cgroup', `0::${cgroup}\n`)
  if (cwd !== undefined) symlinkSync(cwd, join(directory, 'cwd'))
  if (detail === 'shim') return
  mkdirSync(join(directory, 'ns'))
  for (const [kind, number] of [['pid', 4_026_531_836], ['net', 4_026_531_840], ['mnt', 4_026_531_841]] as const) {
    symlinkSync(`${kind}:[${detail === 'container' ? number + pid * 10 : number}]`, join(directory, 'ns', kind))
  }
  if (detail === 'container') return
  write('limits', 'Max core file size        0                    unlimited            bytes\nMax open files            1048576              1048576              files\n')
  mkdirSync(join(directory, 'fd'))
  if (pid === CONTAINERD) symlinkSync('socket:[20001]', join(directory, 'fd/8'))
}

/** The lines of a real one that stand before and behind what is used. */
function status(pid: number, nsPids: readonly number[]): string {
  const lines = [
    'Name:\tprocess', 'Umask:\t0022', 'State:\tS (sleeping)', `Tgid:\t${pid}`, 'Ngid:\t0', `Pid:\t${pid}`, 'PPid:\t1', 'TracerPid:\t0', 'Uid:\t0\t0\t0\t0', 'Gid:\t0\t0\t0\t0',
    'FDSize:\t64', 'Groups:\t', `NStgid:\t${nsPids.join('\t')}`, `NSpid:\t${nsPids.join('\t')}`,
    ...Array.from({length: 40}, (_, number) => `Line${number}:\t        ${number * 1024} kB`),
  ]
  return `${lines.join('\n')}\n`
}
