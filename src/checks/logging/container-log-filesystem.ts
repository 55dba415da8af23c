// SPDX-License-Identifier: Apache-2.0
import type {NodeExample} from '../../model/check.ts'
import {binaryBytes} from '../lib/bytes.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {dockershimNode} from '../lib/log-example.ts'
import {isOnDocker, kubeletLogLimits, kubeletRetention, kubeletsOf} from '../lib/log-retention.ts'

export const checks = [
  nodeCheck({
    id: 'container-log-filesystem',
    title: {pass: 'Logs of containers stay on their filesystem', fail: 'Logs of containers move to another filesystem'},
    why:
      "Docker writes the logs of containers into its own data, other runtimes below /var/log/pods. Where Docker's data is on a " +
      "disk of its own, logs are not any more: a small root filesystem fills, and the kubelet evicts " +
      'pods for disk pressure.',
    severity: 'low',
    fix:
      'See that the filesystem of /var/log holds containerLogMaxSize × containerLogMaxFiles for each container, or mount a disk at ' +
      '/var/log/pods (from Kubernetes 1.30 on also: `podLogsDir` of the kubelet).',
    learnMore: 'https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['logFilesystems', 'containerLogs'],
    run({logFilesystems, containerLogs = []}, {facts}) {
      if (logFilesystems === undefined || !isOnDocker(facts) || logFilesystems.docker.device === logFilesystems.pods.device) return []
      const {docker, pods} = logFilesystems
      const kubelet = kubeletsOf(facts)[0]
      const limits = kubelet && kubeletLogLimits(kubelet)
      const each = (limits && kubeletRetention(limits))?.bytes
      const need = each === undefined || each === Infinity || containerLogs.length === 0 ? '' :
        ` The containers that run now can take ${binaryBytes(each * containerLogs.length)} there.`
      return [problem(docker.path,
        `Logs move from the filesystem that is mounted at ${docker.mount} to that of ${pods.mount}, where ${pods.path} is.${need}`, {
        evidence: [
          {source: docker.path, text: `on ${docker.mount} (device ${docker.device})`},
          {source: pods.path, text: `on ${pods.mount} (device ${pods.device})`},
        ],
      })]
    },
    examples: {
      fail: [onMounts('22 1 8:1 / / rw - ext4 /dev/sda1 rw\n31 22 8:17 / /var/lib/docker rw - ext4 /dev/sdb1 rw\n')],
      pass: [
        onMounts('22 1 8:1 / / rw - ext4 /dev/sda1 rw\n'),
        onMounts('22 1 8:1 / / rw - ext4 /dev/sda1 rw\n31 22 8:17 / /var rw - ext4 /dev/sdb1 rw\n'),
      ],
    },
  }),
]

function onMounts(mountinfo: string): NodeExample {
  const node = dockershimNode({containers: [{}]})
  return {...node, processes: {...node.processes, 1: {argv: ['/sbin/init'], ppid: 0, files: {mountinfo}}}}
}
