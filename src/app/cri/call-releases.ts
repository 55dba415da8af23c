// SPDX-License-Identifier: Apache-2.0

/** Since when a call can be had. */
interface Release {
  readonly kubernetes: string
  readonly containerd?: string
  readonly crio?: string
}

const POD_STATS: Release = {kubernetes: '1.23', containerd: '1.6', crio: '1.23'}
const METRICS: Release = {kubernetes: '1.26', containerd: '2.2', crio: '1.30'}
const STREAMED: Release = {kubernetes: '1.36', containerd: '2.4', crio: '1.36'}
const PODS_ON_DISK: Release = {kubernetes: '1.37'}

/**
 * Calls that not every runtime of v1 has: the Kubernetes release of the CRI that brought them (proto/), and the first release of
 * containerd (internal/cri/server) and CRI-O (server/) that does more than refuse them.
 */
const RELEASES: Readonly<Record<string, Release>> = {
  PodSandboxStats: POD_STATS,
  ListPodSandboxStats: POD_STATS,
  CheckpointContainer: {kubernetes: '1.25', containerd: '2.0', crio: '1.25'},
  GetContainerEvents: {kubernetes: '1.25', containerd: '1.7', crio: '1.26'},
  ListMetricDescriptors: METRICS,
  ListPodSandboxMetrics: METRICS,
  RuntimeConfig: {kubernetes: '1.28', containerd: '2.0', crio: '1.28'},
  UpdatePodSandboxResources: {kubernetes: '1.33', containerd: '2.2', crio: '1.33'},
  StreamContainers: STREAMED,
  StreamContainerStats: STREAMED,
  StreamImages: STREAMED,
  StreamPodSandboxes: STREAMED,
  StreamPodSandboxMetrics: STREAMED,
  StreamPodSandboxStats: STREAMED,
  CheckpointPod: PODS_ON_DISK,
  RestorePod: PODS_ON_DISK,
}

/** Since when runtimes have a call, as a sentence; undefined where all have it. */
export function releasesOf(method: string): string | undefined {
  const release = Object.hasOwn(RELEASES, method) ? RELEASES[method] : undefined
  if (release === undefined) return undefined
  const {kubernetes, containerd, crio} = release
  const have = [...(containerd === undefined ? [] : [`containerd has it since ${containerd}`]), ...(crio === undefined ? [] : [`CRI-O since ${crio}`])]
  return `It came with the CRI of Kubernetes ${kubernetes}${have.length > 0 ? `; ${have.join(', ')}` : ''}.`
}
