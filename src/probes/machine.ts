// SPDX-License-Identifier: Apache-2.0
import {arch, platform} from 'node:process'
import type {CgroupMode, MachineFacts, Reader} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {mapObserved, type Observed, valueOf} from '../model/observed.ts'
import {parseNamespaceLink} from './parse/proc.ts'

/** Which machine this is, and who looks at it. */
export async function probeMachine(host: Host): Promise<MachineFacts> {
  const reader = await host.ask<Reader & {readonly architecture: string}>('reader', async () => ({
    uid: process.getuid?.() ?? -1,
    pid: ownPid(host),
    platform,
    time: new Date().toISOString(),
    architecture: arch,
  }))
  return {
    hostname: hostname(host),
    os: firstOf(prettyName(host.text('/etc/os-release')), () => prettyName(host.text('/usr/lib/os-release'))),
    kernel: oneLine(host.text('/proc/sys/kernel/osrelease')),
    architecture: mapObserved(reader, (value) => value.architecture),
    cgroup: firstOf(cgroups(host, '/proc/1/mounts'), () => cgroups(host, '/proc/mounts')),
    init: oneLine(host.text('/proc/1/comm')),
    pidNamespace: mapObserved(host.target('/proc/1/ns/pid'), parseNamespaceLink),
    reader: mapObserved(reader, ({uid, pid, platform: system, time}) => ({uid, pid, platform: system, time})),
  }
}

/** As the host counts: in a container with a pid namespace of its own, rtctl knows itself by another number. */
function ownPid(host: Host): number {
  const link = valueOf(host.target('/proc/self')) ?? ''
  return /^\d{1,10}$/.test(link) ? Number(link) : process.pid
}

/** In a container with the host mounted at --root, the kernel tells the container's own name: the file is the host's. */
function hostname(host: Host): Observed<string> {
  const [first, second] = ['/proc/sys/kernel/hostname', '/etc/hostname'] as const
  const [a, b] = host.origin.kind === 'root' ? [second, first] : [first, second]
  return firstOf(oneLine(host.text(a)), () => oneLine(host.text(b)))
}

function firstOf<T>(first: Observed<T>, second: () => Observed<T>): Observed<T> {
  return first.state === 'ok' ? first : second()
}

/** `/proc/mounts` is the reader's own table: in a container with the host at --root, that of the container. */
function cgroups(host: Host, mounts: string): Observed<CgroupMode> {
  return mapObserved(host.text(mounts), cgroupMode)
}

function oneLine(text: Observed<string>): Observed<string> {
  return mapObserved(text, (value) => {
    const line = value.trim()
    if (line === '') throw new Error('nothing in it')
    return line
  })
}

function prettyName(text: Observed<string>): Observed<string> {
  return mapObserved(text, (value) => {
    const match = /^PRETTY_NAME=(["']?)(.*)\1$/m.exec(value)
    if (!match?.[2]) throw new Error('no PRETTY_NAME')
    return match[2]
  })
}

/**
 * From `/proc/mounts`: cgroup v2 alone, v1 hierarchies, or v1 with an extra v2 mount, which systemd calls hybrid
 * (systemd docs, CGROUP_DELEGATION). The kubelet counts hybrid as v1: it asks the file system type of /sys/fs/cgroup.
 *
 * @throws Error when no cgroup file system is mounted
 */
export function cgroupMode(mounts: string): CgroupMode {
  const types = new Set(mounts.split('\n').map((line) => line.split(' ')[2]))
  if (types.has('cgroup')) return types.has('cgroup2') ? 'hybrid' : 'v1'
  if (types.has('cgroup2')) return 'v2'
  throw new Error('no cgroup file system is mounted')
}
