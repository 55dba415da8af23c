// SPDX-License-Identifier: Apache-2.0
import {kubeletDriver, runtimeDecides} from '../checks/lib/kubelet-cgroup-driver.ts'
import {runningKubernetes, socketPath} from '../checks/lib/kubelet.ts'
import type {NodeContext, TargetName, Upgrade} from '../model/check.ts'
import type {CgroupMode, Setting} from '../model/facts.ts'
import type {NodeNeeds, Remark} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import {hasDockershim, type Reading} from './reading.ts'

type Driver = 'systemd' | 'cgroupfs'

/**
 * The cgroup driver that is in force now, which the kubelet and the new runtime have to share: that of Docker under dockershim, as the
 * kubelet does not start with another; that of the runtime where the kubelet asks it; else what the kubelet is told.
 */
export function cgroupNeeds(reading: Reading): {readonly cgroup: NodeNeeds['cgroup']; readonly remarks: readonly Remark[]} {
  const {facts: {machine}} = reading
  const mode = valueOf(machine.cgroup)
  const known = effectiveDriver(reading)
  const driver = known ?? assumed(mode, valueOf(machine.init))
  const remarks: Remark[] = []
  if (known === undefined && reading.kubelet !== undefined) {
    remarks.push({
      level: 'blocker', source: driver.source, text: `The cgroup driver of the kubelet is not known; ${driver.value} is only assumed.`,
      next: 'Start the kubelet, or write cgroupDriver into its configuration file, and plan again: with two drivers no pod starts.',
    })
  }
  if (mode === undefined) {
    remarks.push({
      level: 'note', source: machine.cgroup.source,
      text: 'Whether this host has cgroup v1 or v2 could not be seen; v2 is assumed.',
      next: 'Look with `stat -fc %T /sys/fs/cgroup`: cgroup2fs is v2.',
    })
  }
  return {cgroup: {driver, mode: mode ?? 'v2'}, remarks: [...remarks, ...differing(reading, driver)]}
}

function effectiveDriver(reading: Reading): Setting<Driver> | undefined {
  const ofRuntime = () => runtimesDriver(reading)
  const told = kubeletDriver(reading.node)
  const ofKubelet = asDriver(told?.driver, told?.proof.source)
  if (hasDockershim(reading)) return ofRuntime() ?? ofKubelet
  if (runtimeIsAsked(reading)) return ofRuntime() ?? ofKubelet
  return ofKubelet ?? ofRuntime()
}

/** What the runtime of now says of itself: over the CRI, else docker info. */
function runtimesDriver({facts, kubelet, docker, onDocker}: Reading): Setting<Driver> | undefined {
  const socket = socketPath(kubelet?.endpoints[0]?.value ?? '')
  const endpoint = facts.criEndpoints.find(({address, inside}) => inside === undefined && socket !== undefined && socketPath(address) === socket)
  return asDriver(valueOf(endpoint?.answer)?.cgroupDriver, endpoint?.answer.source) ??
    (onDocker ? asDriver(valueOf(docker?.api)?.cgroupDriver, docker?.api.source) : undefined)
}

const AS_TARGET: Readonly<Record<Exclude<Reading['runtime'], 'none'>, TargetName>> = {
  dockershim: 'cri-dockerd', 'cri-dockerd': 'cri-dockerd', containerd: 'containerd', 'cri-o': 'cri-o',
}

/** Whether the kubelet of now takes the driver that its runtime names. */
function runtimeIsAsked({node, runtime}: Reading): boolean {
  const kubernetes = runningKubernetes(node)
  if (kubernetes === undefined || runtime === 'dockershim' || runtime === 'none') return false
  const now: Upgrade = {target: AS_TARGET[runtime], kubernetes, oracle: {}}
  const context: NodeContext = {...node, upgrade: now}
  return runtimeDecides(context)
}

/** What a kubelet and a runtime are told on such a host as a rule (kubeadm since 1.22). */
function assumed(mode: CgroupMode | undefined, init: string | undefined): Setting<Driver> {
  return {value: init === 'systemd' && mode !== 'v1' ? 'systemd' : 'cgroupfs', source: 'assumed from the host'}
}

function differing(reading: Reading, driver: Setting<Driver>): readonly Remark[] {
  const {kubelet} = reading
  const told = kubelet?.cgroupDriver
  if (told === undefined || told.value === driver.value || told.source === driver.source) return []
  return [{
    level: 'note', source: told.source,
    text: `The kubelet is told the cgroup driver ${told.value}, and ${driver.value} is in force (${driver.source}): after the migration both have ${driver.value}.`,
  }]
}

function asDriver(value: string | undefined, source: string | undefined): Setting<Driver> | undefined {
  return value === 'systemd' || value === 'cgroupfs' ? {value, source: source ?? ''} : undefined
}
