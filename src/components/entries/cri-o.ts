// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const criO: Component = {
  name: 'CRI-O',
  aliases: ['crio', 'cri o', 'ocid', 'crio.service'],
  layer: 'engine',
  role: 'daemon',
  brief: 'a container engine for Kubernetes only',
  what: 'A container engine made for Kubernetes only: CRI above, OCI runtimes below, nothing else.',
  why:
    'It has no API beside CRI and follows Kubernetes\' releases. It is lean because it leaves out builds, ' +
    'swarm and a client of its own, and starts one small conmon per container.',
  standards: ['CRI', 'CNI', 'OCI runtime-spec', 'OCI image-spec'],
  calledBy: ['kubelet', 'crictl'],
  calls: ['conmon', 'conmonrs', 'pinns', 'crun', 'runc', 'CNI'],
  history:
    'Begun 2016-09 as OCID, before containerd spoke CRI; 1.0 on 2017-10-16; CNCF 2019-04; graduated 2023-07; ' +
    'crun the default runtime since 1.31 (2024).',
  see: 'crio status info; crictl --runtime-endpoint unix:///run/crio/crio.sock ps',
  sources: [
    'https://cri-o.io/',
    'https://medium.com/cri-o/cri-o-1-0-is-here-d06b97b92a98',
    'https://www.cncf.io/announcements/2023/07/19/cloud-native-computing-foundation-announces-graduation-of-cri-o/',
  ],
  fingerprints: [{program: 'crio'}, {program: 'ocid'}],
}
