// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {KubeletFacts, Setting} from '../../model/facts.ts'
import {kubeletSize} from '../lib/bytes.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {dockershimNode} from '../lib/log-example.ts'
import {isOnDockershim, kubeletLogLimits, kubeletsOf} from '../lib/log-retention.ts'

export const checks = [
  nodeCheck({
    id: 'kubelet-log-limit-invalid',
    title: {pass: 'The kubelet can use its limits for log files', fail: 'The kubelet will not start with its limits for log files'},
    why:
      'With dockershim the kubelet never looks at containerLogMaxSize and containerLogMaxFiles. With any CRI runtime it does, when ' +
      'it starts, and ends with "failed to initialize container log ' +
      'manager" where the size is no whole number of bytes or fewer than two files are to be kept: the node stays NotReady.',
    severity: 'blocker',
    fix: 'Write a quantity without fraction, such as `containerLogMaxSize: 100Mi`, and `containerLogMaxFiles: 2` or more.',
    learnMore: 'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/',
    needs: [],
    run(_known, {facts}) {
      return kubeletsOf(facts).filter(isOnDockershim).flatMap(invalidIn)
    },
    examples: {
      fail: [
        dockershimNode({kubelet: 'containerLogMaxSize: 100m\n'}), dockershimNode({kubelet: 'containerLogMaxSize: 1.5Gi\n'}),
        dockershimNode({kubelet: 'containerLogMaxFiles: 1\n'}), dockershimNode({flags: '--container-log-max-size=50MB'}),
      ],
      pass: [
        dockershimNode({kubelet: 'containerLogMaxSize: 100M\ncontainerLogMaxFiles: 2\n'}), dockershimNode({}),
        {processes: {700: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock --container-log-max-size=100m'}},
      ],
    },
  }),
]

function invalidIn(kubelet: KubeletFacts): readonly Outcome[] {
  const limits = kubeletLogLimits(kubelet)
  if (limits === undefined) return unreadableOf(kubelet.config)
  const {size, files} = limits
  return [
    ...(kubeletSize(size.value) === undefined ? [invalid('containerLogMaxSize', size, sizeHint(size.value))] : []),
    ...(/^\+?\d{1,9}$/.test(files.value) && Number(files.value) >= 2 ? [] : [invalid('containerLogMaxFiles', files, 'It must be a number of 2 or more.')]),
  ]
}

function invalid(name: string, {value, source}: Setting, hint: string): Outcome {
  return problem(`${name} ${value}`,
    `${name} is ${value} (${source}). dockershim never looked at it; the kubelet of any other runtime ends at its start. ${hint}`, {
    evidence: [{source, text: `${name}: ${value}`}],
  })
}

function sizeHint(value: string): string {
  if (/^\d+m$/.test(value)) return `As a quantity, ${value} is ${value.slice(0, -1)} thousandths of a byte: ${value.slice(0, -1)}M or ${value.slice(0, -1)}Mi is ` +
    'meant.'
  if (/^\d*\.\d*[KMGTPE]i$/.test(value)) return 'The kubelet takes no fraction with a unit of powers of two: write it in the next smaller unit.'
  return 'It must be a whole number of bytes with a unit such as Mi or M.'
}
