// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Proof, Severity, Upgrade} from '../../model/check.ts'
import type {KubeletFacts} from '../../model/facts.ts'
import type {ContainerLog} from '../../model/node/logging.ts'
import {isAtLeast} from '../../model/version.ts'
import {asQuantity, binaryBytes, decimalBytes} from '../lib/bytes.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {dockershimNode} from '../lib/log-example.ts'
import {
  dockerRetention, isOnDocker, isOnDockershim, kubeletLogLimits, type KubeletLogLimits, kubeletRetention, kubeletsOf, type LogGroup, type Retention,
  rotationGroups,
} from '../lib/log-retention.ts'
import {since} from '../tables/versions.ts'

export const checks = [
  nodeCheck({
    id: 'docker-log-rotation',
    title: {pass: 'Logs of containers are kept as long as before', fail: 'Logs of containers are kept for a different size'},
    why:
      "dockerd rotates the logs of its containers as its log-opts say. With any other runtime the kubelet rotates, by settings of " +
      "its own that were without effect with dockershim, and Docker's are " +
      'forgotten. Lines that were there for days are gone after minutes, or the disk fills; nothing reports it.',
    severity: 'medium',
    fix: 'Set containerLogMaxSize and containerLogMaxFiles in the KubeletConfiguration.',
    learnMore: 'https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerLogging', 'containerLogs'],
    run({dockerLogging = [], containerLogs = []}, {facts, upgrade}) {
      if (!isOnDocker(facts)) return []
      const groups = rotationGroups(containerLogs, dockerLogging)
      return kubeletsOf(facts).flatMap((kubelet): readonly Outcome[] => {
        const limits = kubeletLogLimits(kubelet)
        if (limits === undefined) return unreadableOf(kubelet.config)
        const after = kubeletRetention(limits)
        return after === undefined ? [] : groups.flatMap((group) => compared(group, {kubelet, limits, after}, upgrade))
      })
    },
    examples: {
      fail: [
        dockershimNode({daemon: {'log-opts': {'max-size': '100m', 'max-file': '3'}}, containers: [{'max-size': '100m', 'max-file': '3'}, {'max-size': '100m', 'max-file': '3'}]}),
        dockershimNode({daemon: {'log-opts': {'max-size': '10m', 'max-file': '2'}}, kubelet: 'containerLogMaxSize: 500Mi\n'}),
        dockershimNode({containers: [{}]}),
      ],
      pass: [
        dockershimNode({daemon: {'log-opts': {'max-size': '100m', 'max-file': '3'}}, kubelet:
          'containerLogMaxSize: 100M\ncontainerLogMaxFiles: 3\n'}),
        dockershimNode({daemon: {'log-opts': {'max-size': '10m', 'max-file': '5'}}}),
        {processes: {700: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'}},
      ],
    },
  }),
]

interface Next {
  readonly kubelet: KubeletFacts
  readonly limits: KubeletLogLimits
  readonly after: Retention
}

/** Nothing where the two differ by less than people would notice: 10m is not quite 10Mi. */
const UNNOTICED = 0.05

function compared(group: LogGroup, next: Next, upgrade: Upgrade): readonly Outcome[] {
  const before = dockerRetention(group.options)
  const {after, limits} = next
  if (before === undefined || before.bytes === after.bytes || Math.abs(before.bytes - after.bytes) / Math.max(before.bytes, after.bytes) < UNNOTICED) return []
  const key = `max-size=${group.options['max-size'] ?? 'none'} max-file=${group.options['max-file'] ?? 'none'}`
  const text = [beforeText(group, before), afterText(next), nodeText(group.containers, before, after), directionText(group.containers, before, after)].join(' ')
  const evidence: readonly Proof[] = [
    {source: group.source, text: optionsText(group)}, {source: limits.size.source, text: `containerLogMaxSize: ${limits.size.value}`},
    {source: limits.files.source, text: `containerLogMaxFiles: ${limits.files.value}`},
    ...largest(group.containers, Math.min(after.bytes, before.bytes)).slice(0, 3).map(logProof),
  ]
  return [problem(key, text, {severity: severityOf(group.containers, before, after), fix: fixOf(before, upgrade), evidence})]
}

function optionsText({options}: LogGroup): string {
  const told = ['max-size', 'max-file'].flatMap((name) => (options[name] === undefined ? [] : [`${name}=${options[name]}`]))
  return told.length === 0 ? 'no max-size, no max-file' : told.join(' ')
}

function beforeText({options}: LogGroup, {bytes, files}: Retention): string {
  if (bytes === Infinity) return 'Docker keeps the whole log of a container for as long as the container exists: json-file without max-size.'
  return `Docker keeps json-file max-size ${options['max-size']} × max-file ${files} = ${decimalBytes(bytes)} of log per container.`
}

function afterText({kubelet, limits: {size, files}, after}: Next): string {
  const ours = [size, files].some(({source}) => !source.startsWith('default'))
  const waiting = ours && isOnDockershim(kubelet) ? ', which was without effect with dockershim' : ours ? '' : ' by its defaults'
  if (after.bytes === Infinity) return `The kubelet then rotates nothing: its containerLogMaxSize is ${size.value}${waiting}.`
  return `The kubelet then keeps containerLogMaxSize ${size.value} × containerLogMaxFiles ${files.value} = ${binaryBytes(after.bytes)}${waiting}.`
}

function nodeText(containers: readonly ContainerLog[], before: Retention, after: Retention): string {
  const count = containers.length
  if (count === 0) return 'No container of Kubernetes with such a log runs now.'
  const many = count === 1 ? 'the one container that runs now' : `the ${count} containers that run now`
  const [now, then] = [before.bytes * count, after.bytes * count]
  const held = `whose current files hold ${decimalBytes(containers.reduce((sum, {file}) => sum + (file?.size ?? 0), 0))}`
  if (then === Infinity) return `For ${many} that is no limit instead of ${decimalBytes(now)}.`
  if (now === Infinity) return `For ${many}, ${held}, that is at most ${binaryBytes(then)} on the node.`
  return `For ${many} that is at most ${binaryBytes(then)} on the node instead of ${decimalBytes(now)}.`
}

function directionText(containers: readonly ContainerLog[], before: Retention, after: Retention): string {
  if (before.bytes < after.bytes) return 'Logs can take more of the disk than before.'
  const over = containers.filter(({file}) => (file?.size ?? 0) > after.bytes)
  if (over.length === 0) return 'Older lines are gone sooner than before.'
  return `${over.length} of them ${over.length === 1 ? 'has' : 'have'} more than that now: lines as old as these will not be there any more.`
}

function severityOf(containers: readonly ContainerLog[], before: Retention, after: Retention): Severity {
  if (after.bytes === Infinity) return 'medium'
  if (before.bytes < after.bytes) return 'low'
  if (before.bytes === Infinity) return containers.some(({file}) => (file?.size ?? 0) > after.bytes) ? 'medium' : 'low'
  return 'medium'
}

/** Those that have more than is kept then, the largest first. */
function largest(containers: readonly ContainerLog[], bytes: number): readonly ContainerLog[] {
  return containers.filter(({file}) => (file?.size ?? 0) > bytes).sort((a, b) => (b.file?.size ?? 0) - (a.file?.size ?? 0))
}

function logProof({name, file}: ContainerLog): Proof {
  return {source: file?.path ?? '', text: `${name}: ${decimalBytes(file?.size ?? 0)}`}
}

/** What keeps as much as Docker did. The kubelet needs two files at least, and quantities: `100M`, where Docker says `100m`. */
function fixOf({size, files, bytes}: Retention, {kubernetes}: Upgrade): string {
  const [quantity, count] = bytes === Infinity ? ['100Mi', 5] : [asQuantity(files < 2 ? Math.ceil(size / 2) : size), Math.max(2, files)]
  const same = bytes === Infinity
    ? 'To keep 500 MiB per container (times the containers of the node, that must fit into the filesystem of /var/log):'
    : 'To keep as much as Docker did:'
  const interval = isAtLeast(kubernetes, since('kubelet-log-monitor-settings'))
    ? 'The kubelet looks at sizes every containerLogMonitorInterval (10s, at least 3s) with containerLogMaxWorkers (1)'
    : 'The kubelet looks at sizes every 10 seconds'
  return `${same}\n\n  # KubeletConfiguration (/var/lib/kubelet/config.yaml; kubeadm: the ConfigMap kube-system/kubelet-config too)\n` +
    `  containerLogMaxSize: ${quantity}\n` +
    `  containerLogMaxFiles: ${count}\n\nDo not copy the value of max-size: for the kubelet \`100m\` is a tenth of a byte, and it ` +
    `does not start. ${interval}: a container that writes ` +
    '10 MB/s goes 100 MB over the limit in 10 seconds. Rotated files but the newest are compressed, and `kubectl logs` shows the ' +
    'current file only: ship logs that have to stay.'
}
