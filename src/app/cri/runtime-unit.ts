// SPDX-License-Identifier: Apache-2.0
import type {Endpoint} from './endpoint.ts'

/** Sockets as distributions have them → the systemd unit of who listens there. */
const UNITS: readonly (readonly [socket: RegExp, unit: string])[] = [
  [/^\/run\/k3s\//, 'k3s'],
  [/^\/run\/k0s\//, 'k0sworker'],
  [/^\/var\/snap\/microk8s\//, 'snap.microk8s.daemon-containerd'],
  [/^\/run\/docker\//, 'docker'],
  [/\/crio\.sock$/, 'crio'],
  [/cri-dockerd/, 'cri-docker'],
  [/dockershim/, 'kubelet'],
  [/^\/run\/containerd\//, 'containerd'],
]

/** The systemd unit whose socket this most likely is. */
export function unitOf({address}: Endpoint): string | undefined {
  if (address.kind !== 'unix') return undefined
  const path = address.path.replace(/^\/var\/run\//, '/run/')
  return UNITS.find(([socket]) => socket.test(path))?.[1]
}
