// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isForPods} from '../lib/docker-settings.ts'

const FIX =
  'There is no equivalent of plugins of Docker: volumes of pods are from CSI drivers, networks from CNI plugins, logs from ' +
  'collectors that read /var/log/pods, authorization from admission.'

export const checks = [
  nodeCheck({
    id: 'docker-plugin',
    title: {pass: 'Docker has no plugins', fail: 'Docker has plugins'},
    why:
      'Plugins for volumes, networks, logs and authorization are called by dockerd alone. What they do ends with Docker: ' +
      'volumes are not mounted, logs not shipped, requests not refused.',
    severity: 'high',
    fix: {containerd: FIX, 'cri-o': FIX, 'cri-dockerd': 'Nothing has to be done: dockerd stays, and goes on calling them.'},
    learnMore: 'https://docs.docker.com/engine/extend/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerPlugins'],
    run({dockerPlugins = []}, node) {
      const byName = Map.groupBy(dockerPlugins, ({name}) => name)
      return [...byName].map(([name, those]): Outcome => problem(name, `Docker has the plugin ${name} (${those[0]?.path}), which nothing else calls.`, {
        evidence: those.map(({path}) => ({source: path, text: name})), ...(!isForPods(node) && {severity: 'low'}),
      }))
    },
    examples: {
      fail: [
        {processes: {812: '/usr/bin/dockerd'}, files: {'/run/docker/plugins/rexray.sock': {socket: true}}},
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {
            [`/var/lib/docker/plugins/${'ab'.repeat(32)}/config.json`]: '{"plugin":{"Name":"grafana/loki-docker-driver:latest","Enabled":true}}',
          },
        },
      ],
      pass: [
        {processes: {812: '/usr/bin/dockerd'}, files: {'/run/docker/plugins': {directory: true}, '/var/lib/docker/plugins/tmp': {directory: true}}},
        {processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]
