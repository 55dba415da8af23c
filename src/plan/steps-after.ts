// SPDX-License-Identifier: Apache-2.0
import type {FileChange, PlannedStep} from '../model/migration/plan.ts'
import {writeSteps} from './files.ts'
import type {PlanInput} from './input.ts'
import {REPORTED, RUNTIME} from './words.ts'

const NODE_SECONDS = 180
const PODS_SECONDS = 300
/** Where kubeadm before 1.34 keeps the CRI endpoint of a node (kubernetes cmd/kubeadm/app/constants). */
const CRI_SOCKET = 'kubeadm.alpha.kubernetes.io/cri-socket'

/** The kubelet with its files, and what else on the host asks the runtime. `active` undefined: it goes on as it is. */
export function kubeletSteps({target}: PlanInput, changes: readonly FileChange[], active: 'started' | 'restarted' | undefined): readonly PlannedStep[] {
  const writes = writeSteps(changes, ['kubelet', 'client'], 'kubelet')
  if (active === undefined) return writes
  return [
    ...writes,
    {
      id: 'start-kubelet', phase: 'kubelet', title: `${active === 'started' ? 'Start' : 'Restart'} kubelet.service`,
      why: active === 'started' ? `It makes the pods' containers anew, in ${RUNTIME[target.name]}.` : 'It reads its settings when it starts; running containers go on.',
      action: {kind: 'unit', unit: 'kubelet.service', active}, undo: 'stops it until everything else is back',
    },
  ]
}

/** What the cluster knows of the node. `drained`: it has been cordoned. */
export function nodeSteps({needs, target, state}: PlanInput, drained: boolean, moved: boolean): readonly PlannedStep[] {
  const node = needs.kubelet.nodeName
  const prefix = REPORTED[target.name]
  return [
    {
      id: 'wait-node', phase: 'node', title: `Wait until node ${node} is Ready and reports ${prefix}://`,
      why: 'For a while the API server shows the old state: Ready alone proves nothing.',
      action: {kind: 'wait-node', node, runtimePrefix: prefix, timeoutSeconds: NODE_SECONDS},
    },
    ...(moved && state.annotated ? [{
      id: 'annotate-node', phase: 'node' as const, title: `Annotate node ${node} with its CRI endpoint`,
      why: 'kubeadm looks it up there at the next upgrade.',
      action: {kind: 'annotate-node' as const, node, name: CRI_SOCKET, value: target.endpoint}, undo: 'sets the old value again',
    }] : []),
    ...(drained ? [{
      id: 'uncordon', phase: 'node' as const, title: `Uncordon node ${node}`, why: 'Pods may come again.',
      action: {kind: 'uncordon' as const, node}, undo: 'cordons it while it goes back',
    }] : []),
  ]
}

/** The proof: what ran before runs again. */
export function podSteps({target}: PlanInput): readonly PlannedStep[] {
  return [{
    id: 'compare-pods', phase: 'pods', title: 'Compare the pods with those before',
    why: `Each has to run again, in ${RUNTIME[target.name]} and in no other runtime.`,
    action: {kind: 'compare-pods', endpoint: target.endpoint, timeoutSeconds: PODS_SECONDS},
  }]
}
