// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const rkt: Component = {
  name: 'rkt',
  aliases: ['rocket', 'coreos rkt'],
  layer: 'engine',
  role: 'client',
  brief: 'CoreOS\'s engine without a daemon (retired)',
  what:
    'CoreOS\'s container engine without a daemon: each pod is a process tree in systemd-nspawn, a VM or a ' +
    'plain chroot.',
  why:
    'It was the security-minded answer to Docker, built on appc. It never was an OCI runtime, although it is ' +
    'often listed as one.',
  standards: ['appc', 'CNI'],
  calledBy: ['systemd', 'kubelet', 'rktlet'],
  calls: ['systemd-nspawn', 'CNI'],
  history:
    'Announced as Rocket 2014-12-01; 1.0 in 2016-02; in the kubelet from Kubernetes 1.3 (2016-07) to 1.10; ' +
    'CNCF 2017-03; archived by the CNCF 2019-08, project ended 2020.',
  see: 'rkt list; machinectl list',
  sources: ['https://github.com/rkt/rkt', 'https://www.cncf.io/blog/2019/08/16/cncf-archives-the-rkt-project/'],
  fingerprints: [{program: 'rkt'}, {program: /^stage1[-.]/}],
}
