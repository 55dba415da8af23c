// SPDX-License-Identifier: Apache-2.0
import type {Observed} from '../observed.ts'

export interface SocketNodeFacts {
  /** which containers have a socket of Docker or dockershim in their mount namespace, by pid of their first process */
  readonly visibleSockets: Observed<readonly VisibleSocket[]>
}

export interface VisibleSocket {
  readonly pid: number
  /** path on the host: `/run/docker.sock` */
  readonly socket: string
  /** path in the container: `/host/run/docker.sock` */
  readonly at: string
}
