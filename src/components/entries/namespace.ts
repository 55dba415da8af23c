// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const namespace: Component = {
  name: 'namespace',
  aliases: ['linux namespaces', 'namespaces', 'kernel namespace', 'containerd namespace'],
  layer: 'standard',
  role: 'standard',
  brief: 'a process\'s own view of the kernel',
  what:
    'A kernel\'s view given to a group of processes: mount, pid, network, IPC, UTS, user, cgroup, time. ' +
    '(containerd\'s namespaces, moby and k8s.io, are mere labels.)',
  why: 'With cgroups it is what a container is made of: the kernel knows no container.',
  standards: [],
  calledBy: ['runc', 'crun', 'LXC'],
  calls: ['the kernel'],
  history:
    'Mount namespaces in Linux 2.4.19 (2002); user namespaces complete in 3.8 (2013-02); cgroup 4.6 (2016), ' +
    'time 5.6 (2020).',
  see: 'lsns; ls -l /proc/PID/ns',
  sources: ['https://man7.org/linux/man-pages/man7/namespaces.7.html'],
  fingerprints: [],
}
