// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cgroupDriver: Component = {
  name: 'cgroup driver',
  aliases: ['cgroupfs', 'systemd cgroup driver', 'SystemdCgroup', 'native.cgroupdriver', 'cgroup_manager'],
  layer: 'standard',
  role: 'standard',
  brief: 'who makes cgroups: systemd or the runtime',
  what: 'Who makes the cgroups: systemd (slices and scopes), or the runtime itself (cgroupfs).',
  why: 'Kubelet and runtime must agree, or a node has two managers of one tree and pods fail under pressure.',
  standards: [],
  calledBy: ['kubelet', 'containerd', 'CRI-O', 'dockerd'],
  calls: ['systemd', 'the kernel'],
  history:
    'kubeadm sets systemd since 1.22 (2021-08); the kubelet can ask the runtime (KubeletCgroupDriverFromCRI) ' +
    'since 1.28, stable in 1.34 (2025-08).',
  see: 'docker info --format "{{.CgroupDriver}}"; crictl info | grep -i cgroup',
  sources: ['https://kubernetes.io/docs/setup/production-environment/container-runtimes/#cgroup-drivers'],
  fingerprints: [],
}
