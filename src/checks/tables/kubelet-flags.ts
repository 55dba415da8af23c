// SPDX-License-Identifier: Apache-2.0
// Flags of the kubelet that are gone, for where the kubelet to come was not asked for its own. Kubelet 1.20.2 has all of them.
import type {PerTarget} from '../../model/check.ts'

export interface RemovedFlag {
  readonly name: string
  /** first Kubernetes whose kubelet does not start with it */
  readonly version: string
  /** it may have gone earlier: in the source of that version it is not there any more */
  readonly latest?: true
  /** where it is written, and when that was read: `YYYY-MM` */
  readonly source: string
  readonly asOf: string
  /** values that say nothing which the kubelet or the runtime would not do without */
  readonly defaults?: readonly string[]
  /** what to do with its value: `{value}` stands for it, `{cni}` for the table of containerd's CNI settings, `{images}` for that of its images */
  readonly instead: PerTarget
}

const DROP = 'Remove it; nothing takes its place.'
const WITH_DOCKERSHIM = {version: '1.24', source: 'kubernetes pull request 106907', asOf: '2026-11'} as const
const CADVISOR = {version: '1.37', source: 'kubernetes pull request 139870', asOf: '2026-11', instead: 'Remove it; it was a flag of cAdvisor and does nothing that the kubelet needs.'} as const
/** Read in cmd/kubelet/app/options/options.go of a kubelet that has --config-dir, which 1.28 brought. */
const BY_1_28 = {version: '1.28', latest: true, source: 'kubernetes cmd/kubelet/app/options/options.go', asOf: '2026-11'} as const

export const REMOVED_FLAGS: readonly RemovedFlag[] = [
  {name: 'seccomp-profile-root', version: '1.23', source: 'kubernetes pull request 103941', asOf: '2026-11', instead: 'Remove it, and move the profiles to `seccomp` in the kubelet\'s root folder: /var/lib/kubelet/seccomp.'},
  {name: 'network-plugin', ...WITH_DOCKERSHIM, defaults: ['cni'], instead: 'Remove it: the runtime calls CNI by itself.'},
  {
    name: 'cni-conf-dir', ...WITH_DOCKERSHIM, defaults: ['/etc/cni/net.d', '/etc/cni/net.d/'],
    instead: {
      containerd: 'Remove it, and set `conf_dir = "{value}"` in `{cni}` of containerd.',
      'cri-o': 'Remove it, and set `network_dir = "{value}"` in `[crio.network]`.',
      'cri-dockerd': 'Give it to cri-dockerd: `--cni-conf-dir={value}`.',
    },
  },
  {
    name: 'cni-bin-dir', ...WITH_DOCKERSHIM, defaults: ['/opt/cni/bin', '/opt/cni/bin/'],
    instead: {
      containerd:
        'Remove it, and set `bin_dir = "{value}"` (one folder; from containerd 2.1 on `bin_dirs = [...]`) in `{cni}` of ' +
        'containerd.',
      'cri-o': 'Remove it, and set `plugin_dirs = ["{value}"]` in `[crio.network]`.',
      'cri-dockerd': 'Give it to cri-dockerd: `--cni-bin-dir={value}`.',
    },
  },
  {name: 'cni-cache-dir', ...WITH_DOCKERSHIM, instead: {containerd: DROP, 'cri-o': DROP, 'cri-dockerd': 'Give it to cri-dockerd: `--cni-cache-dir={value}`.'}},
  {
    name: 'network-plugin-mtu', ...WITH_DOCKERSHIM, defaults: ['0'],
    instead: {
      containerd: 'Remove it, and write `"mtu": {value}` into the CNI configuration in /etc/cni/net.d.',
      'cri-o': 'Remove it, and write `"mtu": {value}` into the CNI configuration in /etc/cni/net.d.',
      'cri-dockerd': 'Give it to cri-dockerd: `--network-plugin-mtu={value}`.',
    },
  },
  {
    name: 'image-pull-progress-deadline', ...WITH_DOCKERSHIM, defaults: ['1m', '1m0s', '60s'],
    instead: {
      containerd:
        'Remove it, and set `image_pull_progress_timeout = "{value}"` in `{images}` of containerd (from 1.7 on; 5m by ' +
        'default).',
      'cri-o': 'Remove it, and set `pull_progress_timeout = "{value}"` in `[crio.image]`.',
      'cri-dockerd': 'Give it to cri-dockerd: `--image-pull-progress-deadline={value}`.',
    },
  },
  {
    name: 'docker-endpoint', ...WITH_DOCKERSHIM, defaults: ['unix:///var/run/docker.sock', 'unix:///run/docker.sock'],
    instead: {containerd: DROP, 'cri-o': DROP, 'cri-dockerd': 'Give it to cri-dockerd: `--container-runtime-endpoint` is its own socket, `--docker-endpoint={value}` that of Docker.'},
  },
  {name: 'experimental-dockershim-root-directory', ...WITH_DOCKERSHIM, instead: {containerd: DROP, 'cri-o': DROP, 'cri-dockerd': 'Give it to cri-dockerd: `--cri-dockerd-root-directory={value}`.'}},
  {name: 'dynamic-config-dir', version: '1.24', source: 'kubernetes pull request 106932', asOf: '2026-11', instead: 'Remove it, and write the configuration to the file of `--config`: the kubelet takes none from the API server any more.'},
  {name: 'experimental-kernel-memcg-notification', version: '1.25', source: 'kubernetes pull request 109388', asOf: '2026-11', instead: 'Remove it, and set `kernelMemcgNotification: {value}` in the kubelet\'s configuration file.'},
  {name: 'container-runtime', version: '1.27', source: 'kubernetes pull request 114017', asOf: '2026-11', defaults: ['remote'], instead: 'Remove it: a runtime behind `--container-runtime-endpoint` is the only kind there is.'},
  {name: 'keep-terminated-pod-volumes', version: '1.31', source: 'kubernetes pull request 122082; Karpenter for Azure leaves it out from 1.31 on', asOf: '2026-11', instead: DROP},
  {name: 'cloud-config', version: '1.34', source: 'kubernetes CHANGELOG-1.34', asOf: '2026-11', instead: 'Remove it: the cloud controller manager has the configuration of the cloud.'},
  {
    name: 'pod-infra-container-image', version: '1.35', source: 'kubernetes CHANGELOG-1.35, pull request 133778', asOf: '2026-11',
    instead: {
      containerd:
        'Remove it. Which sandbox image is used, and kept from being collected, is set in containerd: `sandbox = "{value}"` ' +
        'in `[plugins.\'io.containerd.cri.v1.images\'.pinned_images]`, up to 1.7 `sandbox_image` in ' +
        '`[plugins."io.containerd.grpc.v1.cri"]`.',
      'cri-o':
        'Remove it. Which sandbox image is used, and kept from being collected, is set in CRI-O: `pause_image = "{value}"` in ' +
        '`[crio.image]`.',
      'cri-dockerd': 'Remove it, and give it to cri-dockerd: `--pod-infra-container-image={value}`.',
    },
  },
  ...[
    'application-metrics-count-limit', 'boot-id-file', 'container-hints', 'containerd', 'containerd-namespace', 'enable-load-reader', 'event-storage-age-limit', 'event-storage-event-limit',
    'global-housekeeping-interval', 'log-cadvisor-usage', 'machine-id-file', 'storage-driver-user', 'storage-driver-password', 'storage-driver-host', 'storage-driver-db',
    'storage-driver-table', 'storage-driver-secure', 'storage-driver-buffer-duration',
  ].map((name) => ({name, ...CADVISOR})),
  ...['docker', 'docker-only', 'docker-root', 'docker-env-metadata-whitelist', 'docker-tls', 'docker-tls-ca', 'docker-tls-cert', 'docker-tls-key'].map((name) => ({name, ...CADVISOR, latest: true as const})),
  ...['redirect-container-streaming', 'non-masquerade-cidr', 'master-service-namespace', 'chaos-chance', 'really-crash-for-testing', 'enable-cadvisor-json-endpoints', 'experimental-check-node-capabilities-before-mount']
    .map((name) => ({name, ...BY_1_28, instead: DROP})),
  {name: 'experimental-bootstrap-kubeconfig', ...BY_1_28, instead: 'Write `--bootstrap-kubeconfig={value}` instead.'},
]
