// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {problem, textCheck} from '../lib/define.ts'
import {type ConfigLine, type LineHit, wordsWith} from '../lib/log-lines.ts'
import {collectorsOf, lineProof} from '../lib/log-text.ts'

/** Wherever the host is mounted: `/host/var/lib/docker/containers`. */
const DOCKER_PATH = /[\\/]docker[\\/]containers\b/i
const RUNTIME_PATH = /[\\/]log[\\/](?:containers|pods)\b/

export const checks = [
  textCheck({
    id: 'log-collector-docker-path',
    title: {pass: 'Log collectors read where every runtime writes', fail: "A log collector reads Docker's folder of log files"},
    why:
      "Log files lie in Docker's data only while Docker runs the containers. Other runtimes write below /var/log/pods. A collector " +
      "that watches Docker's folder sees no new file there, and reports nothing: the logs of all " +
      'pods of the node just end.',
    severity: 'high',
    fix: 'Read /var/log/containers/*.log or /var/log/pods instead.',
    learnMore: 'https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node',
    applies: ({target}) => target !== 'cri-dockerd',
    run(text) {
      if (!DOCKER_PATH.test(text.text)) return []
      const [first] = collectorsOf(text)
      if (first === undefined) return []
      const {collector: {name, pathFix}, lines} = first
      return pathsIn(lines).map((hit): Outcome =>
        problem(`${name}: ${hit.words}`,
          `${text.name} has ${name} read \`${hit.words}\`: no other runtime than Docker writes there.`, {line: hit.line, evidence: [lineProof(text, hit)], fix: pathFix}))
    },
    examples: {
      fail: [
        {name: 'fluent-bit.conf', text: '[INPUT]\n    Name tail\n    Path /var/lib/docker/containers/*/*.log\n'},
        {name: 'inputs.conf', text: '[monitor:///var/lib/docker/containers/*/*-json.log]\nsourcetype = docker\n'},
        {name: '30-docker.conf', text: 'module(load="imfile")\ninput(type="imfile" File="/var/lib/docker/containers/*/*.log" Tag="docker")\n'},
        {name: 'agent.json', text:
          '{"logs": {"logs_collected": {"files": {"collect_list": [{"file_path": "/var/lib/docker/containers/**.log"}]}}}}\n'},
        {name: 'filebeat.yml', text: 'filebeat.inputs:\n- type: container\n  paths:\n  - /var/lib/docker/containers/*/*.log\n'},
      ],
      pass: [
        {name: 'fluent-bit.conf', text:
          '[INPUT]\n    Name tail\n    Path /var/log/containers/*.log\n    # Path /var/lib/docker/containers/*/*.log\n'},
        {name: 'relay.yaml', text: 'receivers:\n  filelog:\n    include: [/var/log/pods/*/*/*.log]\n    exclude: [/var/lib/docker/containers/*]\n'},
        {name: 'clean.sh', text: '#!/bin/sh\ntruncate -s 0 /var/lib/docker/containers/*/*.log\n'},
      ],
    },
  }),
]

/** Nothing where the configuration reads the other place as well. */
function pathsIn(lines: readonly ConfigLine[]): readonly LineHit[] {
  const read = lines.filter(({text}) => !/exclude/i.test(text))
  return read.some(({text}) => RUNTIME_PATH.test(text)) ? [] : wordsWith(read, DOCKER_PATH)
}
