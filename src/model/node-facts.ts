// SPDX-License-Identifier: Apache-2.0
import type {ContainerdNodeFacts} from './node/containerd.ts'
import type {DockerNodeFacts} from './node/docker.ts'
import type {HostNodeFacts} from './node/host.ts'
import type {KubeletNodeFacts} from './node/kubelet.ts'
import type {LoggingNodeFacts} from './node/logging.ts'
import type {NetworkNodeFacts} from './node/network.ts'
import type {SocketNodeFacts} from './node/sockets.ts'
import type {WorkloadNodeFacts} from './node/workloads.ts'

/**
 * What `rtctl preflight` reads of a node beyond the {@link Facts} of the chain. Every member is an `Observed`, plain JSON-able
 * data, and judged by nobody yet. A check names the members it needs.
 */
export interface NodeFacts
  extends ContainerdNodeFacts, DockerNodeFacts, HostNodeFacts, KubeletNodeFacts, LoggingNodeFacts, NetworkNodeFacts, SocketNodeFacts,
    WorkloadNodeFacts {}

/** A text file of the host as a fact: which, and what is in it. */
export interface HostText {
  readonly path: string
  readonly text: string
}
