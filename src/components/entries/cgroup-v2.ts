// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cgroupV2: Component = {
  name: 'cgroup v2',
  aliases: ['unified hierarchy', 'cgroup2'],
  layer: 'standard',
  role: 'standard',
  brief: 'the kernel\'s resource groups, one tree',
  what: 'The kernel\'s control groups, second form: one tree for all controllers.',
  why: 'Needed for memory QoS, rootless limits and pressure figures; old engines (Docker < 20.10) do not know it.',
  standards: [],
  calledBy: ['runc', 'crun', 'systemd', 'kubelet'],
  calls: ['the kernel'],
  history: 'Official in Linux 4.5 (2016-03); stable in Kubernetes 1.25 (2022-08).',
  see: 'stat -fc %T /sys/fs/cgroup (cgroup2fs)',
  sources: [
    'https://kubernetes.io/docs/concepts/architecture/cgroups/',
    'https://docs.kernel.org/admin-guide/cgroup-v2.html',
  ],
  fingerprints: [],
}
