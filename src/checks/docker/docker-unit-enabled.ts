// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const FIX =
  'After the containers were stopped: `systemctl disable --now docker.service docker.socket && systemctl mask docker.service ' +
  'docker.socket`.'
const UNIT = '[Service]\nExecStart=/usr/bin/dockerd\n'
const SOCKET = '[Socket]\nListenStream=/run/docker.sock\n'

export const checks = [
  nodeCheck({
    id: 'docker-unit-enabled',
    title: {pass: 'systemd does not start Docker at boot', fail: 'systemd starts Docker at boot'},
    why:
      'docker.socket starts dockerd on the first connection, such as a forgotten `docker ps` in cron. dockerd then starts ' +
      'containers with a restart policy, sets the FORWARD policy to ' +
      'DROP and brings docker0 back: pods lose their network days after the move.',
    severity: 'low',
    fix: {containerd: FIX, 'cri-o': FIX, 'cri-dockerd': 'Nothing has to be done: dockerd stays.'},
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/change-runtime-containerd/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['enabledDockerUnits'],
    run({enabledDockerUnits = []}, {facts}) {
      const runs = facts.dockers.some(({pid}) => pid !== undefined && facts.processes.inside[pid] === undefined)
      return enabledDockerUnits.map(({unit, link}): Outcome => problem(
        unit,
        runs
          ? `${unit} is enabled: it starts Docker at every boot, also after the move, until it is disabled.`
          : `${unit} is enabled although dockerd does not run: the ${unit.endsWith('.socket') ? 'first use of docker.sock' : 'next boot'} starts it again.`,
        {evidence: [{source: link, text: 'enabled'}], ...(!runs && {severity: 'medium'})},
      ))
    },
    examples: {
      fail: [{
        files: {
          '/usr/lib/systemd/system/docker.socket': SOCKET,
          '/etc/systemd/system/sockets.target.wants/docker.socket': {link: '/usr/lib/systemd/system/docker.socket'},
        },
      }],
      pass: [
        {files: {'/usr/lib/systemd/system/docker.service': UNIT, '/usr/lib/systemd/system/docker.socket': SOCKET}},
        {
          files: {
            '/usr/lib/systemd/system/docker.service': UNIT, '/etc/systemd/system/docker.service': {link: '/dev/null'},
            '/etc/systemd/system/multi-user.target.wants/docker.service': {link: '/usr/lib/systemd/system/docker.service'},
          },
        },
      ],
    },
  }),
]
