// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const HOLD =
  'Hold the packages until the move, and upgrade them yourself on drained nodes: apt-mark hold docker-ce containerd.io ' +
  '(Debian, Ubuntu), or dnf versionlock add docker-ce containerd.io.'
const UNATTENDED = {
  '/var/lib/dpkg/info/containerd.io.list': '/usr/bin/containerd\n',
  '/etc/apt/apt.conf.d/20auto-upgrades': 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n',
}

export const checks = [
  nodeCheck({
    id: 'docker-unattended-upgrade',
    title: {pass: 'Nothing upgrades Docker and containerd on its own', fail: 'A timer upgrades Docker or containerd on its own'},
    why:
      "Docker's repository has new major versions in the same channel: containerd.io went from 1.7 to 2.x, Docker to 29. An unattended " +
      "upgrade brings them at night, on all nodes, without " +
      'a drain: removed settings and a new minimum API version then stop kubelets and clients.',
    severity: 'high',
    fix: {containerd: HOLD, 'cri-o': HOLD, 'cri-dockerd': HOLD},
    learnMore: 'https://github.com/containerd/containerd/issues/12727',
    unproven: 'On systems with RPM, that the packages came from the repository of Docker was not looked at.',
    needs: ['unattendedPackages'],
    run({unattendedPackages = []}) {
      return unattendedPackages.map(({package: name, by, proofs}): Outcome =>
        problem(name, `${by} upgrades ${name} to whatever Docker's repository has, and nothing holds it at its version.`, {evidence: proofs}))
    },
    examples: {
      fail: [
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {
            ...UNATTENDED,
            '/etc/apt/apt.conf.d/51unattended-upgrades-docker': 'Unattended-Upgrade::Origins-Pattern {\n  "origin=Docker";\n};\n',
          },
        },
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {
            '/etc/yum.repos.d/docker-ce.repo': '[docker-ce-stable]\nenabled=1\n', '/etc/dnf/automatic.conf': '[commands]\napply_updates = yes\n',
            '/etc/systemd/system/timers.target.wants/dnf-automatic.timer': {link: '/usr/lib/systemd/system/dnf-automatic.timer'},
          },
        },
      ],
      pass: [
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {
            ...UNATTENDED,
            '/etc/apt/apt.conf.d/50unattended-upgrades': 'Unattended-Upgrade::Allowed-Origins {\n  "Debian:bookworm-security";\n//  "Docker:bookworm";\n};\n',
          },
        },
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {
            ...UNATTENDED, '/etc/apt/apt.conf.d/51unattended-upgrades-docker': 'Unattended-Upgrade::Origins-Pattern { "origin=Docker"; };\n',
            '/var/lib/dpkg/status': 'Package: containerd.io\nStatus: hold ok installed\nVersion: 1.7.28-1\n\nPackage: curl\nStatus: install ok installed\n',
          },
        },
      ],
    },
  }),
]
