// SPDX-License-Identifier: Apache-2.0
import {componentOf} from '../../components/match.ts'
import type {Facts, Process} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {HostNodeFacts} from '../../model/node/host.ts'
import {absent, ok, valueOf} from '../../model/observed.ts'
import {below, parseMountinfo} from '../parse/mountinfo.ts'

const MOST = 100
/** clock ticks per second of /proc, on every architecture that Kubernetes runs on (USER_HZ) */
const TICKS = 100
const OLD_ENOUGH = 60
/** Data of volumes: of pods, of CSI drivers, of plugins of the kubelet. */
const VOLUMES = /^\/var\/lib\/kubelet\/(?:pods|plugins|plugins-registry)\//

/** What is left of Docker where no dockerd runs: mounts below its data root, and volumes that its old containers hold. */
export function probeDockerLeftovers(host: Host, facts: Facts): HostNodeFacts['dockerLeftovers'] {
  const gone = facts.dockers.filter(({pid}) => pid === undefined)
  if (facts.dockers.some(({pid}) => pid !== undefined && facts.processes.inside[pid] === undefined)) return absent('dockerd')
  const old = oldContainers(facts)
  if (gone.length === 0 && old.length === 0) return absent('/var/lib/docker')
  const mountinfo = host.text('/proc/1/mountinfo')
  if (mountinfo.state !== 'ok') return mountinfo
  const roots = gone.length > 0 ? gone.map(({dataRoot}) => dataRoot.value) : ['/var/lib/docker']
  const mounts = parseMountinfo(mountinfo.value).map(({at}) => at)
    .filter((at) => roots.some((root) => (below(root, at) ?? '') !== ''))
  const held = old.slice(0, MOST).map(({pid}) => {
    const text = valueOf(host.text(`/proc/${pid}/mountinfo`)) ?? ''
    // Shims mostly live in the mount namespace of the host, where volumes are those of the kubelet's present pods.
    if (firstMount(text) === firstMount(mountinfo.value)) return {pid, mounts: []}
    const volumes = parseMountinfo(text).map(({root, at}) => [at, root].find((path) => VOLUMES.test(path))).filter((path) => path !== undefined)
    return {pid, mounts: volumes.slice(0, MOST)}
  })
  const data = gone.map(({dataRoot}) => dataRoot.value)
    .filter((root) => ['containers', 'image', 'overlay2'].some((part) => host.stat(`${root}/${part}`).state === 'ok'))
  return ok({data, mounts: mounts.slice(0, MOST), held: held.filter((one) => one.mounts.length > 0)}, mountinfo.source)
}

/** The id of a mount is never that of another one (proc_pid_mountinfo(5)): it tells a mount namespace from the others. */
function firstMount(mountinfo: string): string | undefined {
  return mountinfo.split(' ', 1)[0]
}

/** Shims of Docker and what they started. */
function oldContainers(facts: Facts): readonly Process[] {
  const all = valueOf(facts.processes.all) ?? []
  const shims = new Set(all.filter((process) => facts.processes.inside[process.pid] === undefined && isDockerShim(process)).map(({pid}) => pid))
  return all.filter(({pid, ppid}) => shims.has(pid) || shims.has(ppid))
}

function isDockerShim(process: Process): boolean {
  if (componentOf(process)?.layer !== 'shim') return false
  const {argv} = process
  return /docker/.test(argv[0] ?? '') || argv.some((word, index) => word === 'moby' && /^--?namespace$/.test(argv[index - 1] ?? ''))
}

const RUNC_SHIM = /^(?:docker-)?containerd-shim(?:-runc-v[12])?$/

/** Most processes have no children. Telling what a process is takes longer than a look for a word. */
function mayBeShim({comm, argv}: Process): boolean {
  return comm.includes('containerd-shim') || argv.some((word) => word.includes('containerd-shim'))
}

/** A shim of runc lives as long as its containers: one without a child waits for nothing, unless it is just starting or ending. */
export function probeIdleShims(host: Host, facts: Facts): HostNodeFacts['idleShims'] {
  const all = valueOf(facts.processes.all) ?? []
  const parents = new Set(all.map(({ppid}) => ppid))
  const idle = all.filter((process) => !parents.has(process.pid) && mayBeShim(process) && RUNC_SHIM.test(componentOf(process)?.name ?? ''))
  if (idle.length === 0) return absent('/proc')
  const uptime = host.text('/proc/uptime')
  if (uptime.state !== 'ok') return uptime
  const now = Number.parseFloat(uptime.value)
  const aged = idle.map(({pid, argv, startTicks}) => ({pid, argv: argv.slice(0, 20), seconds: Math.floor(now - startTicks / TICKS)}))
  return ok(aged.filter(({seconds}) => seconds > OLD_ENOUGH), uptime.source)
}
