// SPDX-License-Identifier: Apache-2.0
import type {CriExpectation, FileChange, PlannedStep} from '../model/migration/plan.ts'
import {writeSteps} from './files.ts'
import type {PlanInput} from './input.ts'
import {fromDocker, type Route} from './route.ts'
import {clearSocket} from './steps-before.ts'
import {oldRuntime, REPORTED, RUNTIME, slug, UNITS} from './words.ts'

const CRI_SECONDS = 60

/** The old runtime is stopped for good. */
export function stopOldSteps({needs, target, state, asked}: PlanInput): readonly PlannedStep[] {
  const {runtime} = needs.from
  const stopped = [
    ...(runtime === 'cri-dockerd' ? stopFor(['cri-docker.socket', 'cri-docker.service'], 'Nobody asks it any more.', true) : []),
    ...(runtime === 'cri-o' ? stopFor(['crio.service'], 'Two runtimes would write the same network configuration.', false) : []),
    ...(runtime === 'containerd' && target.name === 'cri-o' && !state.sharedContainerd ? stopFor(['containerd.service'], 'Nobody asks it any more.', false) : []),
    ...(fromDocker(runtime) && target.name !== 'cri-dockerd' && asked?.keepDocker !== true ? stopDocker(state.sockets) : []),
  ]
  // A unit that has no file cannot be stopped, and a static build of Docker has none.
  return stopped.filter(({action}) => action.kind !== 'unit' || state.units.includes(action.unit))
}

/**
 * The file of its socket is left: pods that mount it start only while it is there, or get a folder made in its place. The next boot
 * clears /run. Such a folder goes: neither they nor Docker could use it.
 */
function stopDocker(sockets: PlanInput['state']['sockets']): readonly PlannedStep[] {
  return [
    // The socket first: systemd starts dockerd again at the next connection to it.
    ...stopFor(['docker.socket', 'docker.service'], 'Masked, nothing starts it by accident; docker.socket would at the next connection.', true),
    ...sockets.filter(({path, type}) => path.endsWith('/docker.sock') && type === 'directory').map((socket) => clearSocket(socket, 'stop-docker', '')),
  ]
}

function stopFor(units: readonly string[], why: string, masked: boolean): readonly PlannedStep[] {
  return units.map((unit) => ({
    id: `stop-${slug(unit)}`, phase: 'stop-docker', title: `Stop${masked ? ', disable and mask' : ' and disable'} ${unit}`, why,
    action: {kind: 'unit', unit, active: 'stopped', enabled: false, ...(masked && {masked})},
    undo: `${masked ? 'unmasks it, ' : ''}puts it back as it was, and starts it if it ran`,
  }))
}

/** What Docker did to the network of the host, and what it did for pods without being asked. */
export function networkSteps({needs, target, asked}: PlanInput, changes: readonly FileChange[]): readonly PlannedStep[] {
  const {kernel, from} = needs
  const docker = fromDocker(from.runtime) && target.name !== 'cri-dockerd' && asked?.keepDocker !== true
  return [
    ...(docker ? [...forwardPolicy(kernel.forwardDrop !== undefined), ...dockerNetwork(kernel)] : []),
    ...kernel.modules.map(({value}): PlannedStep => ({
      id: `load-module-${slug(value)}`, phase: 'network', title: `Load the kernel module ${value}`,
      why: 'Docker loaded it as long as it was started; pods need it.', action: {kind: 'load-module', module: value}, undo: 'leaves it loaded',
    })),
    ...writeSteps(changes, ['host'], 'network'),
  ]
}

function forwardPolicy(drop: boolean): readonly PlannedStep[] {
  if (!drop) return []
  return [{
    id: 'forward-policy', phase: 'network', title: 'Set the policy of the FORWARD chain to ACCEPT',
    why: "Docker set it to DROP: without Docker's own rules packets of pods end there.",
    action: {kind: 'forward-policy', policy: 'ACCEPT'}, undo: 'restores the filter table as it was',
  }]
}

function dockerNetwork({chains, links}: PlanInput['needs']['kernel']): readonly PlannedStep[] {
  return [
    ...(chains.length === 0 ? [] : [{
      id: 'remove-docker-chains', phase: 'network' as const, title: `Remove Docker's chains of iptables: ${chains.slice(0, 4).join(', ')}${chains.length > 4 ? ' …' : ''}`,
      why: 'Their rules route and filter for networks that are gone.', action: {kind: 'remove-docker-chains' as const, chains},
      undo: 'restores the filter table as it was; dockerd makes its chains anew',
    }]),
    ...links.map((link): PlannedStep => ({
      id: `remove-link-${slug(link)}`, phase: 'network', title: `Remove the network link ${link}`, why: 'Its addresses and routes would stay until the next boot.',
      action: {kind: 'remove-link', link}, undo: 'dockerd makes it anew',
    })),
  ]
}

/** The new runtime with its files. */
export function runtimeSteps(input: PlanInput, changes: readonly FileChange[], route: Route): readonly PlannedStep[] {
  const {target, state} = input
  const writes = writeSteps(changes, ['runtime'], 'runtime')
  const docker = target.name === 'cri-dockerd' && !state.dockerRuns ? [startUnit('docker.service', 'started', 'cri-dockerd works through it.')] : []
  const units = UNITS[target.name]
  const why = restartReason(input, route, writes.length > 0)
  // A unit that waits at a socket need not be running to be there.
  const starts = units.map((unit) => startUnit(unit, writes.length > 0 && unit.endsWith('.service') ? 'restarted' : 'started', why))
  if (route.kind === 'in-place' && writes.length === 0) return []
  const early = route.kind === 'switch' && route.early
  return [...writes, ...docker, ...starts, ...(early ? [waitCri(input, [], 'answers')] : [])]
}

function restartReason({target, state}: PlanInput, route: Route, changed: boolean): string {
  if (!changed) return `${RUNTIME[target.name]} has to run now and after every boot.`
  const containers = route.kind === 'in-place' ? route.gently : route.kind === 'switch' && route.early && target.name === 'containerd' && state.sharedContainerd
  return `It reads its configuration when it starts.${containers ? ' Containers live through its restart.' : ''}`
}

function startUnit(unit: string, active: 'started' | 'restarted', why: string): PlannedStep {
  return {
    id: `start-${slug(unit)}`, phase: 'runtime', title: `Enable and ${active === 'restarted' ? 'restart' : 'start'} ${unit}`, why,
    action: {kind: 'unit', unit, active, enabled: true, masked: false}, undo: 'puts it back as it was, with its old files',
  }
}

/** Over CRI: before the kubelet meets it, the new runtime has to be what the plan says. `images`: those that must be there. */
export function verifySteps(input: PlanInput, images: readonly string[]): readonly PlannedStep[] {
  return [waitCri(input, images, 'whole')]
}

function waitCri({needs, target, state}: PlanInput, images: readonly string[], how: 'answers' | 'whole'): PlannedStep {
  const sandbox = needs.sandboxImage?.value
  const expect: CriExpectation = {
    runtimeName: REPORTED[target.name], cgroupDriver: needs.cgroup.driver.value,
    ...(sandbox !== undefined && images.includes(sandbox) && {sandboxImage: sandbox}),
    images, networkReady: how === 'whole' && state.cni, timeoutSeconds: CRI_SECONDS,
  }
  return {
    id: how === 'whole' ? 'verify-runtime' : 'wait-runtime', phase: 'runtime',
    title: how === 'whole' ? `Ask ${RUNTIME[target.name]} over CRI whether it is as planned` : `Wait until ${RUNTIME[target.name]} answers over CRI`,
    why: how === 'whole'
      ? `Ready, cgroup driver ${needs.cgroup.driver.value}${images.length > 0 ? ', every image there under the name its pods use' : ''}: what is wrong shows before the kubelet starts.`
      : `Images can be brought to it only once it runs; ${oldRuntime(needs.from)} serves pods meanwhile.`,
    action: {kind: 'wait-cri', endpoint: target.endpoint, expect},
  }
}
