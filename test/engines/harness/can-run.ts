// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync} from 'node:fs'
import {delimiter, join} from 'node:path'
import {ArchiveOutOfReach, packages, packagesAreFetched} from './packages.ts'

export type CanRun = {readonly ok: true} | {readonly ok: false; readonly reason: string}

let answer: Promise<CanRun> | undefined

/**
 * Whether engines can be started here, with the first thing that is missing. Fetches their packages if need be, so that a
 * machine without a network is told apart from a broken test. Asked once per process.
 */
export function canRunEngines(): Promise<CanRun> {
  return answer ??= ask()
}

async function ask(): Promise<CanRun> {
  const missing = missingHere()
  if (missing) return {ok: false, reason: missing}
  if (packagesAreFetched()) return {ok: true}
  try {
    const started = performance.now()
    const {directory} = await packages()
    process.stdout.write(`engines: packages fetched into ${directory} in ${Math.round((performance.now() - started) / 1000)} s\n`)
    return {ok: true}
  } catch (error) {
    if (!(error instanceof ArchiveOutOfReach)) throw error
    return {ok: false, reason: `their packages could not be fetched: ${error.message}`}
  }
}

function missingHere(): string | undefined {
  if (process.platform !== 'linux') return `they need Linux, and this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'they need root'
  const lacking = ['apt-get', 'apt-config', 'dpkg', 'ldd', 'umount', 'unshare', 'setpriv'].find(program => !isInstalled(program))
  if (lacking) return `they need a Debian system, and this one has no ${lacking}`
  const CAP_SYS_ADMIN = 21n
  if ((effectiveCapabilities() >> CAP_SYS_ADMIN & 1n) === 0n) return 'they need CAP_SYS_ADMIN'
  return existsSync('/sys/fs/cgroup/cgroup.procs') || existsSync('/sys/fs/cgroup/memory') ? undefined : 'they need mounted cgroups'
}

function isInstalled(program: string): boolean {
  const path = process.env['PATH'] ?? ''
  return [...path.split(delimiter), '/usr/sbin', '/sbin'].some(folder => existsSync(join(folder, program)))
}

function effectiveCapabilities(): bigint {
  const [, hex = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return BigInt(`0x${hex}`)
}
