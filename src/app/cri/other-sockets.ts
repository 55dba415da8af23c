// SPDX-License-Identifier: Apache-2.0
import {socketStats} from '../../cri/socket-path.ts'
import type {Endpoint} from './endpoint.ts'

/** Well-known sockets that are no CRI endpoints: of Docker, of its own containerd, of podman. */
const NO_CRI = /^\/run\/(?:docker|podman)\b/

/**
 * Paths of the CRI sockets that exist on this host beside the one of the endpoint, whether anybody listens or not.
 *
 * @param known where to look
 */
export async function otherSockets({address}: Endpoint, known?: readonly string[]): Promise<readonly string[]> {
  // Loaded here, since only a failure needs it.
  const paths = known ?? (await import('../../probes/sockets.ts')).WELL_KNOWN_SOCKETS
  const own = address.kind === 'unix' ? address.path.replace(/^\/var\/run\//, '/run/') : undefined
  return paths.filter((path) => path !== own && !NO_CRI.test(path) && socketStats(path)?.isSocket === true)
}
