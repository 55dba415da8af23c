// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {unitHits} from '../lib/units.ts'

export const checks = [
  nodeCheck({
    id: 'docker-in-unit',
    title: {pass: 'No systemd unit runs anything through Docker', fail: 'A systemd unit runs something through Docker'},
    why:
      'A unit whose commands are `docker run`, `docker exec` and the like fails at its next start without dockerd: the service it ' +
      'stands for, often a proxy, a registry or a piece of the control plane, is gone after the reboot that a migration ends with.',
    severity: 'high',
    fix: {
      containerd:
        'Make it a static pod or a DaemonSet, install the program itself, or use `nerdctl run` with a ' +
        'namespace of its own (nerdctl, containerd).',
      'cri-o': 'Make it a static pod or a DaemonSet, install the program itself, or use a Podman Quadlet (`/etc/containers/systemd/NAME.container`).',
      'cri-dockerd': 'Nothing: Docker stays.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerUsers'],
    run({dockerUsers = []}) {
      return dockerUsers.flatMap((unit): readonly Outcome[] => {
        const hits = unitHits(unit)
        const [first] = hits.toSorted((a, b) => rank(a.kind) - rank(b.kind))
        if (first === undefined) return []
        const runs = rank(first.kind) === 0
        const text = runs ? `${unit.name} runs docker commands` : `${unit.name} uses Docker's socket, files or service`
        const then = unit.starts ? 'it is started on this host, and will fail without Docker' : 'nothing on this host starts it by itself, and it will fail without Docker'
        return [problem(unit.name, `${text}: ${then}.`, {
          severity: !unit.starts ? 'low' : runs ? 'high' : 'medium',
          evidence: hits.slice(0, 5).map(({key, setting}) => ({source: setting.source, text: `${key.replace(/^.*\./, '')}=${setting.value.slice(0, 200)}`})),
        })]
      })
    },
    examples: {
      fail: [
        {files: {
          '/etc/systemd/system/registry.service': '[Service]\nExecStartPre=-/usr/bin/docker rm -f registry\nExecStart=/usr/bin/docker run --rm --name registry -p 5000:5000 registry:2\n[Install]\nWantedBy=multi-user.target\n',
          '/etc/systemd/system/multi-user.target.wants/registry.service': {link: '/etc/systemd/system/registry.service'},
        }},
        {files: {
          '/etc/systemd/system/prune.service': '[Service]\nType=oneshot\nExecStart=/bin/sh -c "docker image prune -af"\n',
          '/etc/systemd/system/prune.timer': '[Timer]\nOnCalendar=daily\n',
          '/etc/systemd/system/timers.target.wants/prune.timer': {link: '/etc/systemd/system/prune.timer'},
        }},
      ],
      pass: [{files: {'/etc/systemd/system/app.service': '[Unit]\nDescription=was docker run app once\n[Service]\nExecStart=/usr/local/bin/app\n'}}],
    },
  }),
]

function rank(kind: string): number {
  return kind === 'command' || kind === 'image' ? 0 : 1
}
