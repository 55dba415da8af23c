// SPDX-License-Identifier: Apache-2.0

/** A process that is, or was while the host was watched, connected to the API socket of a runtime. */
export interface SocketClient {
  /** path on the host, `/run/…` where `/var/run/…` is the same */
  readonly socket: string
  /** where `exact` is false: the first process of the network namespace that the connection comes from, a pod's sandbox mostly */
  readonly pid: number
  readonly exact: boolean
  readonly connections: number
  readonly comm: string
  readonly argv: readonly string[]
  /** name of an entry of the component table: `kubelet`, `docker` */
  readonly component?: string
  /** id of the container it runs in */
  readonly container?: string
  /** systemd unit, for a process of the host */
  readonly unit?: string
}
