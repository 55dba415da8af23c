// SPDX-License-Identifier: Apache-2.0
import type {Gap} from '../model/chain.ts'
import type {Generated, Target, TargetFiles} from '../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../model/migration/needs.ts'
import type {Plan} from '../model/migration/plan.ts'

/** What a plan is made of. */
export interface PlanInput {
  readonly needs: NodeNeeds
  readonly target: Target
  /** what the generators read: how the files they write look now */
  readonly files: TargetFiles
  readonly generated: Generated
  readonly state: NodeState
  /** what preflight found, and what is known only to who looked at the node */
  readonly remarks?: readonly Remark[]
  readonly gaps?: readonly Gap[]
  /** `keepDocker`: Docker goes on running, for workloads that are not Kubernetes' own */
  readonly asked?: NonNullable<Plan['asked']>
  /** version of rtctl */
  readonly rtctl: string
  /** ISO 8601, UTC */
  readonly made: string
  /** takes secrets out of plain JSON that nobody else holds */
  redact(value: unknown): unknown
}

/** What of the node decides which steps there are, and in which order. */
export interface NodeState {
  /** a kubelet runs, or is set up to */
  readonly kubelet: boolean
  /** units that have a unit file: `docker.socket` */
  readonly units: readonly string[]
  readonly dockerRuns: boolean
  /** ids of the running containers of Docker that are no pod's */
  readonly dockerContainers: readonly string[]
  /** dockerd works with the containerd of the target's endpoint, or the kubelet's: a restart of that one does not end containers */
  readonly sharedContainerd: boolean
  /** who answers at the endpoint of the target now */
  readonly target: 'serves-cri' | 'without-cri' | 'does-not-run'
  /** sockets of Docker and dockershim, and what is at their paths */
  readonly sockets: readonly {readonly path: string; readonly type: 'socket' | 'directory'}[]
  /** the node has a CNI configuration: the network of pods can be ready before the kubelet runs */
  readonly cni: boolean
  /** kubeadm looks up the CRI endpoint in an annotation of the Node */
  readonly annotated: boolean
  /** containers that run cannot go on: another major version of the runtime, or another cgroup driver */
  readonly newContainers: boolean
}
