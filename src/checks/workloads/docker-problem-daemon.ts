// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget} from '../../model/check.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {podCheck, problem, textCheck} from '../lib/define.ts'

const WHY =
  'The health checker for Docker asks `docker ps` and systemd for docker.service. Without Docker the node has the condition ' +
  'ContainerRuntimeUnhealthy for ever, and with ' +
  '`--enable-repair` the checker kills and restarts docker again and again. The log monitor for Docker simply never finds ' +
  'anything.'
const FIX: PerTarget = {
  containerd:
    'Use /config/health-checker-containerd.json instead of health-checker-docker.json, and drop docker-monitor.json ' +
    '(containerd-monitor files: docker-monitor-filelog.json ' +
    'has no equivalent; watch containerd with systemd-monitor.json). Own files: `--component=cri`, ' +
    '`--systemd-service=containerd`, `--cri-socket-path=unix:///run/containerd/containerd.sock`.',
  'cri-o':
    'Write a health check of your own: `health-checker --component=cri --systemd-service=crio --crictl-path=/usr/bin/crictl ' +
    '--cri-socket-path=unix:///run/crio/crio.sock`, ' +
    'and drop health-checker-docker.json and docker-monitor.json.',
  'cri-dockerd': 'Nothing has to be done: Docker stays.',
}
const LEARN = 'https://github.com/kubernetes/node-problem-detector/blob/master/README.md'
const CONFIG = /(?:^|[/=,])((?:health-checker-docker|docker-monitor)[\w-]*\.json)/g

export const checks = [
  podCheck({
    id: 'docker-problem-daemon',
    title: {pass: 'node-problem-detector does not watch Docker', fail: 'node-problem-detector watches Docker'},
    why: WHY,
    severity: 'high',
    fix: FIX,
    learnMore: LEARN,
    applies: ({target}) => target !== 'cri-dockerd',
    run: (pod) => pod.containers.flatMap((container): readonly Outcome[] => {
      if (!isDetector(container)) return []
      const words = [...container.command, ...container.args].join('\n')
      const files = [...new Set([...words.matchAll(CONFIG)].map(([, file]) => file as string))]
      return files.map((file) => {
        const checker = file.startsWith('health-checker')
        const then = checker ? 'which holds a node without Docker for unhealthy' : 'which finds nothing any more'
        return problem(`${container.name} ${file}`, `Container "${container.name}" runs the problem daemon of ${file}, ${then}.`, {
          severity: checker ? 'high' : 'low', evidence: [{source: `container ${container.name}`, text: file}], path: container.path,
        })
      })
    }),
    examples: {
      fail: [
        {manifest: podWith('--config.custom-plugin-monitor=/config/health-checker-docker.json')},
        {manifest: podWith('--config.system-log-monitor=/config/kernel-monitor.json,/config/docker-monitor.json')},
      ],
      pass: [{manifest: podWith('--config.custom-plugin-monitor=/config/health-checker-containerd.json')}],
    },
  }),
  textCheck({
    id: 'docker-health-check-config',
    title: {pass: 'No health check asks for Docker', fail: 'A health check asks for Docker'},
    why: WHY,
    severity: 'high',
    fix: FIX,
    learnMore: LEARN,
    applies: ({target}) => target !== 'cri-dockerd',
    run({text, name}) {
      if (!/health-checker/.test(text)) return []
      const line = text.split('\n').findIndex((one) => /--component=docker\b/.test(one))
      if (line === -1) return []
      const repairs = /--enable-repair=true/.test(text)
      const found = `${name} runs the health checker for Docker${repairs ? ', and lets it restart docker.service' : ''}.`
      return [problem('component', found, {
        line: line + 1, evidence: [{source: `${name}:${line + 1}`, text: text.split('\n')[line]?.trim() ?? ''}],
      })]
    },
    examples: {
      fail: [
        {
          name: 'health.json',
          text: '{"rules": [{"path": "/home/kubernetes/bin/health-checker",\n "args": ["--component=docker", "--enable-repair=true"]}]}',
        },
      ],
      pass: [
        {name: 'health.json', text: '{"rules": [{"path": "/home/kubernetes/bin/health-checker", "args": ["--component=cri"]}]}'},
      ],
    },
  }),
]

function isDetector({image, command}: PodContainer): boolean {
  return /node-problem-detector/.test(image) || command.some((word) => word.includes('node-problem-detector'))
}

function podWith(argument: string): string {
  return 'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: npd}\nspec:\n  template:\n    spec:\n      containers:\n      - name: npd\n' +
    `        image: registry.k8s.io/node-problem-detector/node-problem-detector:v0.8.14\n` +
    `        command: [/node-problem-detector, --logtostderr, '${argument}']\n`
}
