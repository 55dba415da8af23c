// SPDX-License-Identifier: Apache-2.0
// When what came and went. Asked only where the program to come itself was not: see `Oracle`.

/** One thing that is known of versions, where it is written, and when that was read: `YYYY-MM`. */
export interface VersionFact {
  readonly version: string
  readonly source: string
  readonly asOf: string
}

/** First version of each for which it is so. */
export const VERSION_FACTS = {
  /** kubelet: has no dockershim */
  'kubelet-without-dockershim': {version: '1.24', source: 'kubernetes CHANGELOG-1.24, pull request 97252', asOf: '2026-11'},
  /** kubelet: asks runtimes for CRI v1 first; before, it spoke v1alpha2 */
  'kubelet-prefers-cri-v1': {version: '1.23', source: 'kubernetes CHANGELOG-1.23, "CRI v1 is now the project default"', asOf: '2026-11'},
  /** kubelet: speaks to runtimes in CRI v1 only */
  'kubelet-needs-cri-v1': {version: '1.26', source: 'kubernetes CHANGELOG-1.26; cri-api 0.26 has no v1alpha2', asOf: '2026-11'},
  /** kubelet: takes the cgroup driver that the runtime names (KubeletCgroupDriverFromCRI on by default) */
  'kubelet-asks-cgroup-driver': {version: '1.31', source: 'kubernetes feature gate KubeletCgroupDriverFromCRI, beta', asOf: '2026-11'},
  /** kubelet: does not start on cgroup v1 unless told to (failCgroupV1) */
  'kubelet-refuses-cgroup-v1': {version: '1.35', source: 'kubernetes CHANGELOG-1.35, KEP 5573', asOf: '2026-11'},
  /** kubelet: containerLogMonitorInterval and containerLogMaxWorkers; before, it looks every ten seconds, one file after the other */
  'kubelet-log-monitor-settings': {version: '1.30', source: 'kubernetes CHANGELOG-1.30, pull request 114301', asOf: '2026-11'},
  /** kubelet: needs a runtime that answers RuntimeConfig; moved from 1.36 over 1.37 */
  'kubelet-needs-runtime-config': {version: '1.38', source: 'kubernetes pull requests 136731 and 139269, KEP 4033', asOf: '2026-11'},
  /** kubeadm: keeps the CRI socket in instance-config.yaml, not in an annotation of the Node */
  'kubeadm-instance-config': {version: '1.34', source: 'kubernetes feature gate NodeLocalCRISocket, beta', asOf: '2026-11'},
  /** API server: serves no RuntimeClass in node.k8s.io/v1alpha1 */
  'no-runtime-class-v1alpha1': {version: '1.24', source: 'kubernetes CHANGELOG-1.24', asOf: '2026-11'},
  /** API server: serves no RuntimeClass in node.k8s.io/v1beta1 */
  'no-runtime-class-v1beta1': {version: '1.25', source: 'kubernetes deprecation guide, v1.25', asOf: '2026-11'},
  /** containerd: serves CRI v1 */
  'containerd-has-cri-v1': {version: '1.6', source: 'containerd 1.6.20 answers it', asOf: '2026-11'},
  /** containerd: CRI plugin in two, configuration version 3; several old settings and runtimes are gone */
  'containerd-config-3': {version: '2.0', source: 'containerd 2.1.9 `config default`; RELEASES.md', asOf: '2026-11'},
  /** containerd: tells the kubelet to keep its sandbox image; 1.6 from 1.6.24 on */
  'containerd-pins-sandbox-image': {version: '1.7.3', source: 'containerd pkg/cri of v1.6.23, v1.6.24, v1.7.2 and v1.7.3', asOf: '2026-11'},
  /** containerd: configuration version 4 */
  'containerd-config-4': {version: '2.3', source: 'containerd cmd/containerd/server/config/config.go', asOf: '2026-08'},
  /** containerd: refuses a configuration of a version it does not know; older ones take it and ignore its tables */
  'containerd-refuses-newer-config': {version: '1.7', source: 'containerd 1.7.24 refuses version 3, 1.6.20 does not', asOf: '2026-11'},
  /** containerd: answers RuntimeConfig */
  'containerd-has-runtime-config': {version: '2.0', source: 'containerd docs/cri/config.md', asOf: '2026-08'},
  /** containerd: no Go plugins */
  'containerd-without-go-plugins': {version: '2.1', source: 'containerd RELEASES.md; 2.1.9 ignores plugin_dir', asOf: '2026-11'},
  /** containerd: looks for registries in certs.d by default */
  'containerd-config-path-default': {version: '2.2', source: 'containerd defaults/defaults_unix.go', asOf: '2026-08'},
  /** NVIDIA Container Toolkit: reads configurations of version 3 */
  'nvidia-toolkit-reads-config-3': {version: '1.17.4', source: 'release notes of NVIDIA Container Toolkit 1.17.4, pull request 862', asOf: '2026-11'},
  /** CRI-O: answers RuntimeConfig */
  'crio-has-runtime-config': {version: '1.28', source: 'CRI-O server/runtime_config.go', asOf: '2026-08'},
  /** cri-dockerd: answers RuntimeConfig */
  'cri-dockerd-has-runtime-config': {version: '0.3.17', source: 'cri-dockerd core/docker_service.go', asOf: '2026-04'},
} as const satisfies Readonly<Record<string, VersionFact>>

/** The first version for which a fact holds. */
export function since(fact: keyof typeof VERSION_FACTS): string {
  return VERSION_FACTS[fact].version
}

/** The containerd releases that are made for a minor version of Kubernetes: the first patch release of each branch. */
export interface ContainerdSupport extends Omit<VersionFact, 'version'> {
  readonly kubernetes: string
  readonly containerd: readonly string[]
}

const MATRIX = {source: 'containerd RELEASES.md, Kubernetes Support', asOf: '2026-08'}

export const CONTAINERD_SUPPORT: readonly ContainerdSupport[] = [
  {kubernetes: '1.32', containerd: ['1.6.36', '1.7.24', '2.0.1', '2.1.0'], ...MATRIX},
  {kubernetes: '1.33', containerd: ['1.6.36', '1.7.24', '2.0.4', '2.1.0'], ...MATRIX},
  {kubernetes: '1.34', containerd: ['1.6.39', '1.7.28', '2.0.6', '2.1.3'], ...MATRIX},
  {kubernetes: '1.35', containerd: ['1.7.28', '2.1.5', '2.2.0'], ...MATRIX},
  {kubernetes: '1.36', containerd: ['2.2.0', '2.3.0'], ...MATRIX},
]

/** Releases of containerd with long-term support: an upgrade may go from one to the next; else minor by minor. */
export const CONTAINERD_LTS: readonly string[] = ['1.7', '2.3']
/** Minor releases of containerd, in order. */
export const CONTAINERD_RELEASES: readonly string[] = ['1.6', '1.7', '2.0', '2.1', '2.2', '2.3', '2.4']
/** The last Kubernetes that something is known of. */
export const LAST_KUBERNETES = '1.38'
/** Docker Engines whose release took something away. */
export const DOCKER_RELEASES: readonly string[] = ['29']
