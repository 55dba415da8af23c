// SPDX-License-Identifier: Apache-2.0
import type {Outcome, TargetName} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {kubeletsOfHost} from '../lib/kubelet.ts'

/** Any one of them brings the runtime up. */
const UNITS: Readonly<Record<TargetName, readonly string[]>> = {
  containerd: ['containerd.service'], 'cri-o': ['crio.service'], 'cri-dockerd': ['cri-docker.socket', 'cri-docker.service'],
}
const KUBELET = {812: '/usr/bin/kubelet --container-runtime-endpoint=unix:///run/containerd/containerd.sock'}
const CONTAINERD = '[Service]\nExecStart=/usr/bin/containerd\n[Install]\nWantedBy=multi-user.target\n'

export const checks = [
  nodeCheck({
    id: 'runtime-unit-not-enabled',
    title: {pass: 'systemd starts the new runtime at boot', fail: 'systemd does not start the new runtime at boot'},
    why:
      'docker.service starts containerd as well, whether that is enabled or not, and a runtime that was started by hand runs until the next ' +
      'boot. From then on nobody starts it: the kubelet ends again and again with "connection refused" at its endpoint, and the node is ' +
      'NotReady.',
    severity: 'high',
    fix: {
      containerd: '`systemctl enable containerd.service` (and `systemctl unmask` it first where it is masked).',
      'cri-o': '`systemctl enable crio.service` (and `systemctl unmask` it first where it is masked).',
      'cri-dockerd': '`systemctl enable cri-docker.socket cri-docker.service docker.service`.',
    },
    learnMore: 'https://www.freedesktop.org/software/systemd/man/latest/systemctl.html#enable%20UNIT%E2%80%A6',
    unproven: 'Links of targets and the unit of the kubelet are looked at; whether a unit of another package starts it is not known.',
    needs: ['enabledRuntimes'],
    run({enabledRuntimes = []}, node): readonly Outcome[] {
      const names = UNITS[node.upgrade.target]
      const units = node.facts.units.filter(({name}) => names.includes(name))
      // platforms that bring their runtime with them start it themselves
      const kubelets = kubeletsOfHost(node).filter(({program}) => program === 'kubelet' || program === 'hyperkube')
      const [unit] = units
      if (unit === undefined || kubelets.length === 0 || enabledRuntimes.some((name) => names.includes(name))) return []
      const isMasked = units.every(({masked}) => masked)
      const says = isMasked ? 'is masked: it cannot be started' : 'is not enabled: nothing but Docker, or a hand, starts it'
      return [problem(unit.name, `${unit.name} ${says}, and after the next boot the kubelet has no runtime.`, {
        evidence: [{source: unit.files[0] ?? '/etc/systemd/system', text: isMasked ? 'masked' : 'no link in a .wants or .requires folder of /etc/systemd/system'}],
      })]
    },
    examples: {
      fail: [
        {processes: KUBELET, files: {'/usr/lib/systemd/system/containerd.service': CONTAINERD}},
        {
          processes: KUBELET,
          files: {
            '/usr/lib/systemd/system/containerd.service': CONTAINERD,
            '/etc/systemd/system/docker.service.wants/containerd.service': {link: '/usr/lib/systemd/system/containerd.service'},
          },
        },
      ],
      pass: [
        {
          processes: KUBELET,
          files: {
            '/usr/lib/systemd/system/containerd.service': CONTAINERD,
            '/etc/systemd/system/multi-user.target.wants/containerd.service': {link: '/usr/lib/systemd/system/containerd.service'},
          },
        },
        {
          processes: KUBELET,
          files: {
            '/usr/lib/systemd/system/containerd.service': CONTAINERD,
            '/usr/lib/systemd/system/kubelet.service': '[Unit]\nRequires=containerd.service\n[Service]\nExecStart=/usr/bin/kubelet\n',
          },
        },
        {
          processes: KUBELET,
          files: {
            '/usr/lib/systemd/system/containerd.service': CONTAINERD,
            '/usr/lib/systemd/system/multi-user.target.wants/containerd.service': {link: '/usr/lib/systemd/system/containerd.service'},
          },
        },
        {files: {'/usr/lib/systemd/system/containerd.service': CONTAINERD}},
      ],
    },
  }),
]
