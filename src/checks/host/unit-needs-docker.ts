// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Severity} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {tiesTo} from '../lib/units.ts'

const DOCKER = /^docker\.(?:service|socket)$/

/** What each tie does when Docker is switched off or removed (systemd.unit(5)). */
const TIES: Readonly<Record<string, {readonly severity: Severity; readonly effect: string}>> = {
  Requires: {severity: 'high', effect: 'it starts Docker again as long as that is installed, and does not start at all when it is removed or masked'},
  BindsTo: {
    severity: 'high',
    effect: 'it stops with Docker, starts it again as long as that is installed, and does not start when it is removed or masked',
  },
  Requisite: {severity: 'high', effect: 'it does not start unless Docker runs'},
  PartOf: {severity: 'medium', effect: 'it is stopped and restarted together with Docker'},
  Upholds: {severity: 'medium', effect: 'it starts Docker again and again as long as that is installed'},
  Wants: {severity: 'medium', effect: 'it starts Docker again as long as that is installed'},
  After: {severity: 'info', effect: 'it waits for Docker, which does no harm, but tells that it may need it'},
}

export const checks = [
  nodeCheck({
    id: 'unit-needs-docker',
    title: {pass: 'No systemd unit but those of Docker depends on docker.service', fail: 'A systemd unit depends on docker.service'},
    why:
      'A unit that requires docker.service brings Docker back at the next boot, or fails with "Unit docker.service not found" once the ' +
      'package is gone; one that is part of it is stopped when Docker is stopped.',
    severity: 'medium',
    fix: {
      containerd: 'Change the dependency to containerd.service, or drop it: `systemctl edit --full UNIT`, then `systemctl daemon-reload`.',
      'cri-o': 'Change the dependency to crio.service, or drop it: `systemctl edit --full UNIT`, then `systemctl daemon-reload`.',
      'cri-dockerd': 'Nothing: Docker stays.',
    },
    learnMore: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerUsers'],
    run({dockerUsers = []}) {
      return dockerUsers.flatMap((unit): readonly Outcome[] => {
        const ties = tiesTo(unit, DOCKER)
        const [strongest] = ties
        const {severity, effect} = TIES[strongest?.key ?? ''] ?? {}
        if (strongest === undefined || severity === undefined) return []
        const idle = !unit.starts && severity !== 'info'
        const text =
          `${unit.name} has ${strongest.key}=${strongest.setting.value}: ` +
          `${effect}.${idle ? ' Nothing on this host starts it by itself.' : ''}`
        return [problem(unit.name, text, {
          severity: idle ? 'low' : severity, evidence: ties.map(({key, setting}) => ({source: setting.source, text: `${key}=${setting.value}`})),
        })]
      })
    },
    examples: {
      fail: [{files: {
        '/etc/systemd/system/app.service': '[Unit]\nRequires=docker.service\nAfter=docker.service\n[Service]\nExecStart=/usr/local/bin/app\n',
        '/etc/systemd/system/multi-user.target.wants/app.service': {link: '/etc/systemd/system/app.service'},
      }}, {files: {'/etc/systemd/system/app.service.d/docker.conf': '[Unit]\nPartOf=docker.service\n', '/lib/systemd/system/app.service': '[Service]\nExecStart=/bin/app\n'}}],
      pass: [{files: {
        '/etc/systemd/system/app.service': '[Unit]\n# docker.service\nRequires=containerd.service docker-mirror.service\n[Service]\nExecStart=/usr/local/bin/app\n',
        '/etc/systemd/system/cri-docker.service': '[Unit]\nRequires=docker.service\n[Service]\nExecStart=/usr/bin/cri-dockerd\n',
      }}],
    },
  }),
]
