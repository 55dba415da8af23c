// SPDX-License-Identifier: Apache-2.0
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import type {Limit} from '../lib/drop-ins.ts'

export const BASE_SPEC = '/etc/containerd/rtctl-base-spec.json'

/** Limits that the kernel has, by the name Docker gives them (setrlimit(2)). */
const LIMITS = new Set([
  'as', 'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss', 'rtprio', 'rttime', 'sigpending', 'stack',
])
/** Unlimited: the largest number of 64 bits, which JSON holds and JavaScript does not. */
const UNLIMITED = '18446744073709551615'

const CAPABILITIES = [
  'CAP_CHOWN', 'CAP_DAC_OVERRIDE', 'CAP_FSETID', 'CAP_FOWNER', 'CAP_MKNOD', 'CAP_NET_RAW', 'CAP_SETGID', 'CAP_SETUID', 'CAP_SETFCAP',
  'CAP_SETPCAP', 'CAP_NET_BIND_SERVICE', 'CAP_SYS_CHROOT', 'CAP_KILL', 'CAP_AUDIT_WRITE',
]
const tmpfs = (destination: string) => ({destination, type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k']})

/**
 * What `ctr oci spec` prints, which is what containers are made of without a base specification: the same with containerd 1.6.20, 1.7.24
 * and 2.1.9 but for ociVersion and the masked powercap.
 */
const SPEC = {
  ociVersion: '1.0.2',
  process: {
    user: {uid: 0, gid: 0},
    cwd: '/',
    capabilities: {bounding: CAPABILITIES, effective: CAPABILITIES, permitted: CAPABILITIES},
    rlimits: [] as readonly unknown[],
    noNewPrivileges: true,
  },
  root: {path: 'rootfs'},
  mounts: [
    {destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev']},
    tmpfs('/dev'),
    {destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']},
    {destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=65536k']},
    {destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev']},
    {destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro']},
    tmpfs('/run'),
  ],
  linux: {
    resources: {devices: [{allow: false, access: 'rwm'}]},
    cgroupsPath: '/default',
    namespaces: [{type: 'pid'}, {type: 'ipc'}, {type: 'uts'}, {type: 'mount'}, {type: 'network'}],
    maskedPaths: [
      '/proc/acpi', '/proc/asound', '/proc/kcore', '/proc/keys', '/proc/latency_stats', '/proc/timer_list', '/proc/timer_stats', '/proc/sched_debug',
      '/sys/firmware', '/sys/devices/virtual/powercap', '/proc/scsi',
    ],
    readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
  },
}

/** The limits of containers that can be carried over, and what is said of the others. */
export function limitsOf({ulimits}: NodeNeeds): {readonly limits: readonly Limit[]; readonly remarks: readonly Remark[]} {
  const limits: Limit[] = []
  const remarks: Remark[] = []
  for (const [name, {value: {soft, hard}, source}] of Object.entries(ulimits)) {
    const isNumber = [soft, hard].every((value) => Number.isSafeInteger(value) && value >= -1)
    if (LIMITS.has(name) && isNumber) limits.push({name, soft, hard, source})
    else remarks.push({
      level: 'loss', text: `The limit ${JSON.stringify(name.slice(0, 50))} of containers is none that the kernel has`, source,
    })
  }
  return {limits: limits.sort((a, b) => (a.name < b.name ? -1 : 1)), remarks}
}

/** The text of the base specification with these limits for every container. */
export function baseSpecText(limits: readonly Limit[]): string {
  const rlimits = limits.map(({name, soft, hard}) => ({type: `RLIMIT_${name.toUpperCase()}`, hard: numbered(hard), soft: numbered(soft)}))
  const text = JSON.stringify({...SPEC, process: {...SPEC.process, rlimits}}, null, 2)
  return `${text.replaceAll(`"${UNLIMITED}"`, UNLIMITED)}\n`
}

const numbered = (value: number) => (value === -1 ? UNLIMITED : value)

/**
 * Whether limits of the unit do the same: containers inherit them from the daemon, which is not to be held down by them itself. It has
 * its own use for open files, and none for core files.
 */
export function unitLimitsDo(limits: readonly Limit[]): boolean {
  const MANY = 65_536
  return limits.every(({name, hard}) => name === 'core' || (name === 'nofile' && (hard === -1 || hard >= MANY)))
}
