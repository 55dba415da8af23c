// SPDX-License-Identifier: Apache-2.0
import type {Remark} from '../model/migration/needs.ts'
import type {Plan, PlannedStep} from '../model/migration/plan.ts'
import type {PlanInput} from './input.ts'
import {fromDocker, type Route} from './route.ts'
import {counted, oldRuntime, RUNTIME, UNITS} from './words.ts'

// Seconds as measured on a node with 8 pods and 2 cores; a plan calls them estimates.
const STOP_PODS = 10
const START_PODS = 20
const SWITCH = 10
const RESTART = 3
/** Bytes per second at which images go from Docker to another runtime, on a slow disk. */
const IMAGE_SPEED = 50_000_000

/** What stops meanwhile. Rough, and never less than what it takes where all goes well. */
export function interruptionsOf(input: PlanInput, route: Route, steps: readonly PlannedStep[]): Plan['interruptions'] {
  const {needs} = input
  if (route.kind === 'none') return []
  if (route.kind === 'in-place' && route.gently) {
    return !steps.some(({action}) => action.kind === 'unit') ? [] : [{what: 'starts of containers, exec and logs on this node; running containers go on', seconds: RESTART + SWITCH}]
  }
  const moves = steps.some(({action}) => action.kind === 'move-images')
  const bytes = moves ? needs.images.reduce((sum, {size = 0}) => sum + size, 0) : 0
  const pods = STOP_PODS + SWITCH + START_PODS
  return [
    {what: 'pods that stay on this node (DaemonSets, static pods) are down', seconds: pods},
    {what: `node ${needs.kubelet.nodeName} is not Ready, and takes no new pods`, seconds: pods + Math.ceil(bytes / IMAGE_SPEED)},
  ]
}

/** What a rollback cannot bring back. */
export function irreversibleOf({needs}: PlanInput, steps: readonly PlannedStep[]): readonly string[] {
  const has = (kind: PlannedStep['action']['kind']): boolean => steps.some(({action}) => action.kind === kind)
  const old = oldRuntime(needs.from)
  return [
    ...(has('drain') ? ['Evicted pods are made anew elsewhere, without what was in their emptyDir volumes. Bare pods, that no controller owns, are not evicted.'] : []),
    ...(has('remove-docker-pods') || has('remove-cri-pods')
      ? [`Containers of pods are removed with what they wrote outside of volumes, and with their logs at ${fromDocker(needs.from.runtime) ? 'Docker' : old}: a rollback makes new ones.`] : []),
  ]
}

/** What the plan itself has to tell, beside what was found while reading and generating. */
export function ownRemarks(input: PlanInput, route: Route, digestNames: readonly string[]): readonly Remark[] {
  if (route.kind === 'none') return alreadyThere(input)
  return [...cannotRun(input, route), ...keptDocker(input, route), ...digests(digestNames), ...leftImages(input, route), ...kubeadmKeepsItsOwn(input)]
}

function alreadyThere({target, state}: PlanInput): readonly Remark[] {
  if (!state.kubelet || target.name === 'cri-dockerd') return []
  const own = state.dockerContainers.length
  return [
    ...(state.target === 'does-not-run' ? [{
      level: 'note' as const, text: `${RUNTIME[target.name]} does not run now, though the node is set up for it`, next: `See why: \`journalctl -u ${UNITS[target.name].at(-1)}\`.`,
    }] : []),
    ...(state.dockerRuns ? [{
      level: 'note' as const, text: `Docker still runs on this node${own > 0 ? ` with ${counted(own, 'container')} of its own` : ''}; nothing of Kubernetes needs it`,
      next: 'Leave it, or remove it once nobody uses it.',
    }] : []),
  ]
}

/** What has to be there for the plan to be carried out at all. */
function cannotRun({needs, target, state, generated}: PlanInput, route: Route): readonly Remark[] {
  const {from} = needs
  const remarks: Remark[] = []
  if (route.kind === 'switch' && fromDocker(from.runtime) && !state.dockerRuns) {
    remarks.push({
      level: 'blocker', text: 'dockerd does not run: its images cannot be moved, and its containers cannot be ended in order',
      next: 'Start Docker, and plan again.',
    })
  }
  if (route.kind === 'switch' && target.name === 'cri-dockerd' && !state.dockerRuns && !state.units.includes('docker.service')) {
    remarks.push({level: 'blocker', text: 'cri-dockerd needs Docker Engine, and there is none', next: 'Install Docker Engine, or choose containerd or CRI-O.'})
  }
  const elsewhere = [...needs.kubelet.flags.map(({source}) => source), needs.kubelet.configFile ?? ''].find((source) => /^\/proc\/\d+\/root\//.test(source))
  if (elsewhere !== undefined) {
    remarks.push({
      level: 'blocker', text: 'The kubelet has a root directory of its own, as in a container: its files are not those of this host', source: elsewhere,
      next: 'Run rtctl on the machine, or in the container, that the kubelet belongs to.',
    })
  }
  const missing = UNITS[target.name].filter((unit) => !state.units.includes(unit) && !generated.files.some(({path}) => path.endsWith(`/${unit}`)))
  if (missing.length > 0) {
    remarks.push({
      level: 'blocker', text: `There is no ${missing.join(' and no ')}: ${RUNTIME[target.name]} is not installed, or not as a service`,
      next: `Install ${RUNTIME[target.name]} first; rtctl configures it and starts it.`,
    })
  }
  if (from.systemd && !state.units.includes('kubelet.service')) {
    remarks.push({
      level: 'blocker', text: 'There is no kubelet.service: rtctl cannot stop and start the kubelet',
      next: 'Change the runtime where the kubelet is configured: k3s, RKE2, k0s and MicroK8s carry it in a program of their own.',
    })
  }
  return remarks
}

function keptDocker({needs, target, asked}: PlanInput, route: Route): readonly Remark[] {
  if (asked?.keepDocker !== true || route.kind !== 'switch' || !fromDocker(needs.from.runtime) || target.name === 'cri-dockerd') return []
  return [{
    level: 'note', text: 'Docker goes on running: it sets the policy of the FORWARD chain to DROP whenever it starts, and keeps its own copy of images',
    next: "See that the cluster's network accepts the packets of pods by rules of its own.",
  }]
}

/** From Docker's store images are brought along; from those of containerd and CRI-O into another they are not. */
function leftImages({needs, target}: PlanInput, route: Route): readonly Remark[] {
  const names = needs.images.filter(({localOnly}) => localOnly).map(({name}) => name)
  if (route.kind !== 'switch' || fromDocker(needs.from.runtime) || names.length === 0) return []
  return [{
    level: 'loss', text: `${counted(names.length, 'image')} that no registry is known to have ${names.length === 1 ? 'is' : 'are'} in ${oldRuntime(needs.from)} alone: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ' …' : ''}`,
    next: `Push them to a registry first, or load them into ${target.name === 'cri-dockerd' ? 'Docker' : RUNTIME[target.name]} by hand.`,
  }]
}

/** `kubeadm upgrade node` writes the kubelet's configuration from the cluster's (kubernetes cmd/kubeadm/app/phases/kubelet/config.go). */
function kubeadmKeepsItsOwn({needs: {kubelet}, generated}: PlanInput): readonly Remark[] {
  if (!kubelet.kubeadm || kubelet.configFile === undefined || !generated.files.some(({path}) => path === kubelet.configFile)) return []
  return [{
    level: 'note', text: 'The next `kubeadm upgrade` writes the configuration of the kubelet anew from the cluster, and what this plan changes in it is gone', source: kubelet.configFile,
    next: 'Once for the cluster, say the same in ConfigMap kube-system/kubelet-config (kubelet-config-1.20 and the like before 1.24).',
  }]
}

function digests(names: readonly string[]): readonly Remark[] {
  if (names.length === 0) return []
  return [{
    level: 'note', text: `${counted(names.length, 'image')} named by digest will be pulled again, as Docker's export keeps no digests: ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`,
    next: 'See that the registry can be reached from this node.',
  }]
}
