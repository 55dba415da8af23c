// SPDX-License-Identifier: Apache-2.0
import type {ExampleFile, NodeExample} from '../../model/check.ts'

interface DockerNode {
  /** daemon.json */
  readonly daemon?: object
  /** KubeletConfiguration, as YAML */
  readonly kubelet?: string
  /** more flags of the kubelet */
  readonly flags?: string
  /** the log options of each running container of the kubelet */
  readonly containers?: readonly (Readonly<Record<string, string>> & {readonly driver?: string})[]
  readonly files?: Readonly<Record<string, ExampleFile>>
}

/** A node whose kubelet has dockershim inside, for examples. Container N writes 2 MB of log, linked from /var/log/pods. */
export function dockershimNode({daemon, kubelet = 'kind: KubeletConfiguration\n', flags = '', containers = [], files = {}}: DockerNode): NodeExample {
  return {
    processes: {
      700: `/usr/bin/kubelet --network-plugin=cni --config=/var/lib/kubelet/config.yaml${flags === '' ? '' : ` ${flags}`}`,
      812: '/usr/bin/dockerd -H unix:///run/docker.sock',
    },
    files: {
      '/var/lib/kubelet/config.yaml': kubelet,
      ...(daemon && {'/etc/docker/daemon.json': JSON.stringify(daemon, undefined, 2)}),
      ...Object.assign({}, ...containers.map(containerFiles)),
      ...files,
    },
  }
}

function containerFiles({driver = 'json-file', ...options}: Readonly<Record<string, string>>, index: number): Readonly<Record<string, ExampleFile>> {
  const id = String(index + 1).repeat(64).slice(0, 64)
  const directory = `/var/lib/docker/containers/${id}`
  const log = `/var/log/pods/default_web-${index}_uid/web/0.log`
  const labels = {
    'io.kubernetes.docker.type': 'container', 'io.kubernetes.pod.namespace': 'default', 'io.kubernetes.pod.name': `web-${index}`,
    'io.kubernetes.container.name': 'web', 'io.kubernetes.container.logpath': log,
  }
  const path = driver === 'json-file' ? `${directory}/${id}-json.log` : ''
  return {
    [`${directory}/config.v2.json`]: JSON.stringify({
      ID: id, Name: `/k8s_web_web-${index}`, State: {Running: true, Pid: 9000 + index}, LogPath: path, Config: {Image: 'web', Labels: labels},
    }),
    [`${directory}/hostconfig.json`]: JSON.stringify({LogConfig: {Type: driver, Config: options}}),
    ...(path !== '' && {[path]: {bytes: 2_000_000}, [log]: {link: path}}),
  }
}
