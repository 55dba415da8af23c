// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Severity} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {tiesTo} from '../lib/units.ts'

const DOCKER = /^(?:docker|cri-docker|cri-dockerd)\.(?:service|socket)$/
const TIES: Readonly<Record<string, {readonly severity: Severity; readonly effect: string}>> = {
  Requires: {severity: 'blocker', effect: 'the kubelet does not start once that unit is removed or masked, and starts it again before'},
  BindsTo: {severity: 'blocker', effect: 'the kubelet stops with that unit, and does not start once it is removed or masked'},
  Requisite: {severity: 'blocker', effect: 'the kubelet starts only while that unit runs'},
  PartOf: {severity: 'high', effect: 'the kubelet is stopped whenever that unit is stopped'},
  Wants: {severity: 'medium', effect: 'every start of the kubelet starts that unit again as long as it is installed'},
  Upholds: {severity: 'medium', effect: 'systemd starts that unit again and again as long as it is installed'},
  After: {severity: 'low', effect: 'the kubelet no longer waits for its runtime at boot: restarts until that is up'},
}

export const checks = [
  nodeCheck({
    id: 'kubelet-needs-docker',
    title: {pass: 'The unit of the kubelet does not depend on Docker', fail: 'The unit of the kubelet depends on Docker'},
    why:
      'A kubelet.service that requires docker.service does not start once Docker is gone ("Unit docker.service not found"), ' +
      'or brings Docker back at each boot, with every container that has a restart policy.',
    severity: 'blocker',
    fix: {
      containerd:
        '`systemctl edit --full kubelet` (or the drop-in named above): write containerd.service instead of the units of ' +
        'Docker in Requires=, Wants= and After=, then `systemctl daemon-reload`.',
      'cri-o':
        '`systemctl edit --full kubelet` (or the drop-in named above): write crio.service instead of the units of Docker in ' +
        'Requires=, Wants= and After=, then `systemctl daemon-reload`.',
      'cri-dockerd': 'Nothing: Docker stays.',
    },
    learnMore: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: [],
    run(_known, {facts}) {
      return facts.units.filter(({name, masked}) => name === 'kubelet.service' && !masked).flatMap((unit): readonly Outcome[] => {
        const ties = tiesTo(unit, DOCKER)
        const [strongest] = ties
        const {severity, effect} = TIES[strongest?.key ?? ''] ?? {}
        if (strongest === undefined || severity === undefined) return []
        return [problem(unit.name, `${unit.name} has ${strongest.key}=${strongest.setting.value}: ${effect}.`, {
          severity, evidence: ties.map(({key, setting}) => ({source: setting.source, text: `${key}=${setting.value}`})),
        })]
      })
    },
    examples: {
      fail: [
        {
          files: {
            '/usr/lib/systemd/system/kubelet.service': '[Unit]\nRequires=docker.service\nAfter=docker.service\n[Service]\nExecStart=/usr/bin/kubelet\n',
          },
        },
        {files: {
          '/usr/lib/systemd/system/kubelet.service': '[Unit]\nDescription=kubelet\n[Service]\nExecStart=/usr/bin/kubelet\n',
          '/etc/systemd/system/kubelet.service.d/docker.conf': '[Unit]\nWants=docker.service\n',
        }},
      ],
      pass: [
        {
          files: {
            '/usr/lib/systemd/system/kubelet.service': '[Unit]\nWants=containerd.service\nAfter=containerd.service\n[Service]\nExecStart=/usr/bin/kubelet\n',
          },
        },
        {
          upgrade: {target: 'cri-dockerd'},
          files: {'/usr/lib/systemd/system/kubelet.service': '[Unit]\nRequires=docker.service\n[Service]\nExecStart=/usr/bin/kubelet\n'},
        },
      ],
    },
  }),
]
