// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'

const PROGRAMS = {
  'apt-get': 'apt', 'dpkg-source': 'dpkg-dev', debootstrap: 'debootstrap', 'systemd-nspawn': 'systemd-container', nsenter: 'util-linux', unshare: 'util-linux',
} as const

/** What this machine lacks to run the lab; undefined: nothing. */
export function missingForLab(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'the lab needs Linux and root'
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const lacking = Object.entries(PROGRAMS).filter(([program]) => !folders.some((folder) => existsSync(join(folder, program))))
  if (lacking.length > 0) return `the lab needs a Debian with ${[...new Set(lacking.map(([, name]) => name))].join(', ')}`
  // Docker 20.10 and kubelet 1.20 know the one hierarchy of cgroup v2, but only this was tried.
  if (!existsSync('/sys/fs/cgroup/memory')) return 'the lab needs the hierarchies of cgroup v1'
  const CAP_SYS_ADMIN = 21n
  const [, capabilities = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return (BigInt(`0x${capabilities}`) >> CAP_SYS_ADMIN & 1n) === 1n ? undefined : 'the lab needs CAP_SYS_ADMIN'
}
