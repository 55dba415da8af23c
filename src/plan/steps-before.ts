// SPDX-License-Identifier: Apache-2.0
import type {Phase, PlannedStep} from '../model/migration/plan.ts'
import type {PlanInput} from './input.ts'
import {fromDocker} from './route.ts'
import {counted, oldRuntime, RUNTIME} from './words.ts'

/** Seconds that evicted pods have to end: PodDisruptionBudgets and grace periods can ask for more, and `--no-drain` for none. */
const DRAIN_SECONDS = 300

/** Pods leave the node by way of the API server. */
export function drainSteps({needs}: PlanInput): readonly PlannedStep[] {
  const node = needs.kubelet.nodeName
  return [
    {
      id: 'cordon', phase: 'drain', title: `Cordon node ${node}`, why: 'No new pods come while the runtime is changed.',
      action: {kind: 'cordon', node}, undo: 'uncordons it, unless it was cordoned before',
    },
    {
      id: 'drain', phase: 'drain', title: `Evict the pods of node ${node}`,
      why: 'They start elsewhere before they end here; PodDisruptionBudgets are respected, DaemonSets and static pods stay.',
      action: {kind: 'drain', node, timeoutSeconds: DRAIN_SECONDS}, undo: 'uncordons the node: pods come back when they are scheduled',
    },
  ]
}

/** From here on nobody starts containers. */
export function stopKubeletSteps({needs, state}: PlanInput): readonly PlannedStep[] {
  const stop: PlannedStep = {
    id: 'stop-kubelet', phase: 'stop-kubelet', title: 'Stop kubelet.service',
    why: 'It would start every container again that is removed.',
    action: {kind: 'unit', unit: 'kubelet.service', active: 'stopped'}, undo: 'starts it',
  }
  if (needs.from.runtime !== 'dockershim') return [stop]
  return [stop, ...state.sockets.filter(({path}) => path.endsWith('/dockershim.sock')).map((socket) =>
    clearSocket(socket, 'stop-kubelet', 'kubeadm and other tools choose a runtime by the sockets they find; this one outlives its kubelet.'))]
}

/** Images that no registry has would be lost, and the others pulled again. `names`: those to bring. */
export function imageSteps({needs, target}: PlanInput, names: readonly string[]): readonly PlannedStep[] {
  const {dockerSocket, runtime} = needs.from
  if (!fromDocker(runtime) || target.name === 'cri-dockerd' || dockerSocket === undefined || names.length === 0) return []
  return [{
    id: 'move-images', phase: 'images', title: `Bring ${counted(names.length, 'image')} from Docker to ${RUNTIME[target.name]}`,
    why: 'Pods start without a pull, also those whose image no registry has.',
    action: {kind: 'move-images', dockerSocket, to: {name: target.name, endpoint: target.endpoint}, images: names},
    undo: 'removes those that were not there before',
  }]
}

/** The old runtime's containers end through the old runtime itself: it alone unmounts and forgets what it made. */
export function containerSteps({needs, target, state, asked}: PlanInput): readonly PlannedStep[] {
  const {runtime, endpoint, dockerSocket} = needs.from
  const why = 'Left to themselves they would run on beside their successors, and hold their ports and volumes.'
  if (!fromDocker(runtime)) {
    if (endpoint === undefined) return []
    return [{
      id: 'remove-pods', phase: 'containers', title: `Stop and remove the pods' containers through ${oldRuntime(needs.from)}`, why,
      action: {kind: 'remove-cri-pods', endpoint: endpoint.value}, undo: 'the kubelet makes new ones',
    }]
  }
  if (dockerSocket === undefined) return []
  const others = needs.from.foreignContainers.filter(({id}) => state.dockerContainers.includes(id))
  const foreign = others.length === 0 || asked?.keepDocker === true || target.name === 'cri-dockerd' ? [] : [stopForeign(dockerSocket, others)]
  return [
    {
      id: 'remove-pods', phase: 'containers', title: "Stop and remove the pods' containers through Docker", why,
      action: {kind: 'remove-docker-pods', dockerSocket}, undo: 'the kubelet makes new ones',
    },
    ...['/var/log/pods', '/var/log/containers'].map((path): PlannedStep => ({
      id: `clear-${path.slice(1).replaceAll('/', '-')}`, phase: 'containers', title: `Remove dangling links below ${path}`,
      why: 'Logs of Docker were linked there; a pod that keeps its uid does not start while the link leads nowhere.',
      action: {kind: 'clear-path', path, only: 'dangling-links-below'}, undo: 'makes the links again',
    })),
    ...foreign,
  ]
}

function stopForeign(dockerSocket: string, containers: PlanInput['needs']['from']['foreignContainers']): PlannedStep {
  const names = containers.slice(0, 3).map(({name, id}) => name || id.slice(0, 12)).join(', ')
  return {
    id: 'stop-other-containers', phase: 'containers',
    title: `Stop ${counted(containers.length, 'container')} of Docker outside Kubernetes: ${names}${containers.length > 3 ? ' …' : ''}`,
    why: 'They end with dockerd; stopped before, they end in order.',
    action: {kind: 'stop-docker-containers', dockerSocket, ids: containers.map(({id}) => id)}, undo: 'starts those that ran',
  }
}

/** A socket file that nobody listens on any more, or the directory that a hostPath mount made in its place. */
export function clearSocket({path, type}: PlanInput['state']['sockets'][number], phase: Phase, why: string): PlannedStep {
  return {
    id: `clear${path.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase()}`, phase,
    title: type === 'socket' ? `Remove the stale socket ${path}` : `Remove the directory ${path}, made in place of a socket`,
    why: type === 'socket' ? why : 'A hostPath mount made it; the daemon could not listen there again.',
    action: {kind: 'clear-path', path, only: type === 'socket' ? 'socket' : 'empty-directory'},
    undo: type === 'socket' ? 'its daemon makes it anew' : 'leaves it away',
  }
}
