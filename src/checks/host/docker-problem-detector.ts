// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Proof} from '../../model/check.ts'
import type {ProblemDetector} from '../../model/node/host.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {linesSaying} from '../lib/scripts.ts'

/** Its own names: config/docker-monitor.json, docker-monitor-counter.json, health-checker-docker.json. */
const FILE = /(?:^|[/=,])([\w.-]*docker[\w.-]*\.json)/

function proofsOf({argv, source, configs}: ProblemDetector): readonly Proof[] {
  const words = argv.flatMap((word) => word.split(',')).filter((word) => FILE.test(word)).map((text): Proof => ({source, text: text.slice(0, 200)}))
  const inside = configs.filter(({path}) => !FILE.test(path)).flatMap(({path, text}) =>
    linesSaying(text, /--component=docker\b|"(?:source|component)":\s*"docker/).slice(0, 3).map((one): Proof => ({source: `${path}:${one.line}`, text: one.text})))
  return [...words, ...inside]
}

function repairs({configs}: ProblemDetector): boolean {
  return configs.some(({text}) => /--component=docker\b/.test(text) && /--enable-repair(?:=true)?["\s,]/.test(text))
}

export const checks = [
  nodeCheck({
    id: 'docker-problem-detector',
    title: {pass: 'No node-problem-detector of the host watches Docker', fail: 'The node-problem-detector of the host watches Docker'},
    why:
      'Its health checker takes a Docker that was switched off for one that is broken: the node gets the condition ' +
      'ContainerRuntimeUnhealthy, and with --enable-repair the checker restarts docker.service again and again. Its log monitor for ' +
      'dockerd finds nothing any more.',
    severity: 'high',
    fix: {
      containerd:
        'Use health-checker-containerd.json (`--component=cri ' +
        '--cri-socket-path=unix:///run/containerd/containerd.sock`) and drop docker-monitor.json.',
      'cri-o':
        'Use a copy of health-checker-containerd.json with `--component=cri --service=crio ' +
        '--cri-socket-path=unix:///run/crio/crio.sock`, and drop docker-monitor.json.',
      'cri-dockerd': 'Nothing: Docker stays.',
    },
    learnMore: 'https://github.com/kubernetes/node-problem-detector/issues/683',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['problemDetectors'],
    run({problemDetectors = []}) {
      return problemDetectors.flatMap((detector): readonly Outcome[] => {
        const evidence = proofsOf(detector)
        if (evidence.length === 0) return []
        const restarts = repairs(detector) ? ' Its health checker will restart docker.service whenever it is stopped.' : ''
        const sentence = `node-problem-detector (${detector.source}) watches Docker.${restarts}`
        return [problem('node-problem-detector', sentence, {evidence: evidence.slice(0, 6)})]
      })
    },
    examples: {
      fail: [
        {processes: {900: '/usr/bin/node-problem-detector --config.system-log-monitor=/config/kernel-monitor.json,/config/docker-monitor.json'}},
        {
          processes: {900: '/usr/bin/node-problem-detector --config.custom-plugin-monitor=/etc/npd/runtime.json'},
          files: {'/etc/npd/runtime.json': '{"rules": [{"args": ["--component=docker",\n"--enable-repair=true"]}]}'},
        },
      ],
      pass: [{processes: {900: '/usr/bin/node-problem-detector --config.system-log-monitor=/config/kernel-monitor.json'}}],
    },
  }),
]
