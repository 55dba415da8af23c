// SPDX-License-Identifier: Apache-2.0
import {socketPath} from '../checks/lib/kubelet.ts'
import {DEFAULT_SANDBOX_IMAGES} from '../checks/tables/containerd.ts'
import type {Setting} from '../model/facts.ts'
import {valueOf} from '../model/observed.ts'
import {isAtLeast} from '../model/version.ts'
import {criDockerdFlag, hasDockershim, kubeletFlag, type Reading} from './reading.ts'

/**
 * The image that dockershim starts pods with where the kubelet is told none, from that version on (kubernetes
 * cmd/kubelet/app/options/container_runtime.go of 1.16 to 1.23, as of 2026-11).
 */
export const DOCKERSHIM_SANDBOX_IMAGES: readonly {readonly since: string; readonly image: string}[] = [
  {since: '1.12', image: 'k8s.gcr.io/pause:3.1'},
  {since: '1.18', image: 'k8s.gcr.io/pause:3.2'},
  {since: '1.21', image: 'k8s.gcr.io/pause:3.4.1'},
  {since: '1.22', image: 'k8s.gcr.io/pause:3.5'},
  {since: '1.23', image: 'k8s.gcr.io/pause:3.6'},
]

const FLAG = 'pod-infra-container-image'

/**
 * The image of the pod sandbox now. With dockershim the kubelet's flag decides; cri-dockerd has one of its own; containerd and CRI-O pay
 * no attention to the kubelet's. Undefined where nobody says, so that the new runtime's default will do.
 */
export function sandboxImage(reading: Reading): Setting | undefined {
  if (hasDockershim(reading)) return kubeletFlag(reading, FLAG) ?? defaultOfDockershim(reading) ?? imageThatRuns(reading)
  if (reading.runtime === 'cri-dockerd') return criDockerdFlag(reading, FLAG) ?? said(reading) ?? imageThatRuns(reading) ?? kubeletFlag(reading, FLAG)
  if (reading.runtime === 'containerd') return said(reading) ?? configured(reading) ?? defaultOfContainerd(reading)
  return said(reading) ?? imageThatRuns(reading)
}

function defaultOfDockershim({kubelet}: Reading): Setting | undefined {
  const version = valueOf(kubelet?.version)
  const found = version === undefined ? undefined : DOCKERSHIM_SANDBOX_IMAGES.findLast(({since}) => isAtLeast(version, since))
  return found && {value: found.image, source: `default of dockershim in kubelet ${version}`}
}

/** What a runtime answers over the CRI. */
function said({facts, kubelet}: Reading): Setting | undefined {
  const socket = socketPath(kubelet?.endpoints[0]?.value ?? '')
  const endpoint = facts.criEndpoints.find(({address, inside}) => inside === undefined && socket !== undefined && socketPath(address) === socket)
  const value = valueOf(endpoint?.answer)?.sandboxImage
  return value === undefined || value === '' || endpoint === undefined ? undefined : {value, source: endpoint.answer.source}
}

function configured({containerd}: Reading): Setting | undefined {
  const value = valueOf(containerd?.config)?.sandboxImage
  return value === undefined || containerd === undefined ? undefined : {value, source: containerd.configFile.value}
}

function defaultOfContainerd({containerd, chain}: Reading): Setting | undefined {
  const version = chain.nodes.find(({component, pids}) => component === 'containerd' && containerd?.pid !== undefined && pids.includes(containerd.pid))?.version
  const found = version === undefined ? undefined : DEFAULT_SANDBOX_IMAGES.findLast(({since}) => isAtLeast(version, since))
  return found && {value: found.image, source: `default of containerd ${version}`}
}

/** The image that most sandboxes run which are there now, where it has a name. */
function imageThatRuns({chain}: Reading): Setting | undefined {
  const images = chain.containers
    .filter(({kind, inside, pod}) => kind === 'sandbox' && inside === undefined && pod !== undefined)
    .flatMap(({image}) => (image === undefined || image === '' || image.startsWith('sha256:') ? [] : [image]))
  const counts = [...Map.groupBy(images, (image) => image)].map(([image, all]) => ({image, count: all.length}))
  const most = counts.toSorted((a, b) => b.count - a.count)[0]
  return most && {value: most.image, source: `image of ${most.count === 1 ? 'the sandbox that runs' : `${most.count} sandboxes that run`}`}
}
