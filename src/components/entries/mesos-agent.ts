// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const mesosAgent: Component = {
  name: 'Mesos agent',
  aliases: ['Mesos', 'mesos-slave', 'Apache Mesos', 'DC/OS'],
  layer: 'orchestration',
  role: 'daemon',
  brief: 'node daemon of Apache Mesos (retired)',
  what: 'The node daemon of Apache Mesos, a cluster manager that offers resources to frameworks such as Marathon.',
  why:
    'It starts tasks with its own containerizer or through Docker. On a node it stands where the kubelet ' +
    'stands in Kubernetes.',
  standards: ['CNI', 'CSI'],
  calledBy: ['Mesos master'],
  calls: ['mesos-containerizer', 'dockerd'],
  history:
    'Begun at UC Berkeley 2009; Apache top-level 2013; a vote of 2021-04 to move it to the Attic was called ' +
    'off; retired to the Attic 2025-08.',
  see: 'pgrep -a mesos-agent',
  sources: [
    'https://attic.apache.org/projects/mesos.html',
    'https://thenewstack.io/apache-mesos-narrowly-avoids-a-move-to-the-attic-for-now/',
  ],
  fingerprints: [
    {program: 'mesos-agent'},
    {program: 'mesos-slave'},
    {program: 'mesos-executor'},
    {program: 'mesos-docker-executor'},
    {program: 'mesos-containerizer'},
  ],
}
