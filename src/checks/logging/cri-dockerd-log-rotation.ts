// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {binaryBytes, dockerSize} from '../lib/bytes.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {dockershimNode} from '../lib/log-example.ts'
import {
  dockerRetention, isOnDocker, kubeletLogLimits, type KubeletLogLimits, kubeletRetention, kubeletsOf, type LogGroup, type Retention, rotationGroups,
} from '../lib/log-retention.ts'

export const checks = [
  nodeCheck({
    id: 'cri-dockerd-log-rotation',
    title: {pass: 'Docker rotates logs before the kubelet wants to', fail: 'The kubelet wants to rotate logs that only Docker can rotate'},
    why:
      'With dockershim the kubelet leaves log files to Docker. With cri-dockerd it does not: every 10 seconds it tries to rotate ' +
      'each log that has reached containerLogMaxSize, cri-dockerd answers "docker does not ' +
      'support reopening container log files", and the log of the kubelet fills with errors. The files themselves grow as far as Docker lets them.',
    severity: 'medium',
    fix: 'Let Docker rotate at less than containerLogMaxSize.',
    learnMore: 'https://github.com/Mirantis/cri-dockerd/issues/150',
    unproven:
      'From the source of cri-dockerd (ReopenContainerLog always fails) and of the kubelet, and from reports of users; not seen on ' +
      'a node of our own.',
    applies: ({target}) => target === 'cri-dockerd',
    needs: ['dockerLogging', 'containerLogs'],
    run({dockerLogging = [], containerLogs = []}, {facts}) {
      if (!isOnDocker(facts)) return []
      const groups = rotationGroups(containerLogs, dockerLogging)
      return kubeletsOf(facts).flatMap((kubelet): readonly Outcome[] => {
        const limits = kubeletLogLimits(kubelet)
        if (limits === undefined) return unreadableOf(kubelet.config)
        const after = kubeletRetention(limits)
        return after === undefined ? [] : groups.flatMap((group) => collides(group, limits, after))
      })
    },
    examples: {
      fail: [
        {...dockershimNode({containers: [{}]}), upgrade: {target: 'cri-dockerd'}},
        {...dockershimNode({daemon: {'log-opts': {'max-size': '100m', 'max-file': '3'}}}), upgrade: {target: 'cri-dockerd'}},
      ],
      pass: [
        {
          ...dockershimNode({daemon: {'log-opts': {'max-size': '10m', 'max-file': '3'}}, containers: [{'max-size': '10m', 'max-file': '3'}]}),
          upgrade: {target: 'cri-dockerd'},
        },
        {...dockershimNode({daemon: {'log-opts': {'max-size': '100m'}}, kubelet: 'containerLogMaxSize: 200Mi\n'}), upgrade: {target: 'cri-dockerd'}},
        dockershimNode({containers: [{}]}),
      ],
    },
  }),
]

function collides({options, containers, source}: LogGroup, {size}: KubeletLogLimits, after: Retention): readonly Outcome[] {
  const before = dockerRetention(options)
  if (before === undefined || before.size < after.size || after.size === Infinity) return []
  const docker = before.size === Infinity ? 'Docker rotates no log (json-file without max-size)' : `Docker rotates a log at ${options['max-size']}`
  const reached = containers.filter(({file}) => (file?.size ?? 0) >= after.size)
  const now = reached.length === 0 ? '' :
    ` ${reached.length} of ${containers.length} running containers have such a log now, ${reached[0]?.name} for one.`
  const text =
    `${docker}, and the kubelet wants to at containerLogMaxSize ${size.value}, which it cannot with cri-dockerd: an error every 10 ` +
    `seconds for each container whose log is as large.${now}`
  return [problem(`max-size=${options['max-size'] ?? 'none'}`, text, {
    evidence: [
      {source, text: options['max-size'] === undefined ? 'no max-size' : `max-size=${options['max-size']}`},
      {source: size.source, text: `containerLogMaxSize: ${size.value}`},
    ],
    fix: fixOf(options, after),
  })]
}

/** Either is enough. A size that is taken by Docker counts in powers of ten, so that 10m is less than 10Mi. */
function fixOf(options: LogGroup['options'], {size}: Retention): string {
  const megabytes = Math.max(1, Math.floor((size - 1) / 1e6))
  const larger = dockerSize(options['max-size'] ?? '')
  const kubelet = larger === undefined ? '' :
    ` Or raise the limit of the kubelet above Docker's, in the KubeletConfiguration: \`containerLogMaxSize: ` +
    `${Math.ceil((larger * 1.1) / 1e6)}M\`.`
  return `Let Docker rotate before the kubelet would (${binaryBytes(size)}), in /etc/docker/daemon.json:\n\n` +
    `  {"log-driver": "json-file", "log-opts": {"max-size": "${megabytes}m", "max-file": "${options['max-file'] ?? '5'}"}}\n\n` +
    `It counts for containers that are made afterwards: drain the node, restart dockerd, and uncordon it.${kubelet}`
}
