// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cgroupV1: Component = {
  name: 'cgroup v1',
  aliases: ['cgroup', 'cgroups', 'control groups'],
  layer: 'standard',
  role: 'standard',
  brief: 'the kernel\'s resource groups, first form',
  what: 'The kernel\'s control groups, first form: one tree per controller (memory, cpu, pids …).',
  why: 'They limit and count what a container uses. Kubernetes is leaving v1.',
  standards: [],
  calledBy: ['runc', 'crun', 'systemd', 'kubelet'],
  calls: ['the kernel'],
  history:
    'Begun at Google 2006 as process containers, in Linux 2.6.24 (2008-01); kubelet refuses v1 by default from ' +
    '1.35 (2025-12).',
  see: 'stat -fc %T /sys/fs/cgroup (tmpfs: v1 or hybrid)',
  sources: [
    'https://man7.org/linux/man-pages/man7/cgroups.7.html',
    'https://kubernetes.io/docs/concepts/architecture/cgroups/',
  ],
  fingerprints: [],
}
