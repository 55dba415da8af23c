// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const cri: Component = {
  name: 'CRI',
  aliases: ['container runtime interface', 'cri v1', 'runtime.v1', 'RuntimeService', 'ImageService'],
  layer: 'standard',
  role: 'standard',
  brief: 'gRPC between kubelet and container runtime',
  what:
    'The gRPC interface between kubelet and container runtime: RuntimeService (pod sandboxes, containers, ' +
    'exec, attach, port-forward) and ImageService.',
  why:
    'It took the code of each runtime out of the kubelet. The kubelet is the client; a CRI server listens on a ' +
    'Unix socket on the same node.',
  standards: [],
  calledBy: ['kubelet', 'crictl'],
  calls: ['CRI plugin', 'CRI-O', 'cri-dockerd'],
  history:
    'Kubernetes 1.5 (2016-12, alpha); on by default with Docker in 1.6 (2017-03); v1 in 1.20 (2020-12), stable ' +
    'in 1.23 (2021-12); the kubelet speaks only v1 since 1.26 (2022-12).',
  see: 'crictl version; crictl info',
  sources: [
    'https://kubernetes.io/blog/2016/12/container-runtime-interface-cri-in-kubernetes/',
    'https://kubernetes.io/docs/concepts/architecture/cri/',
    'https://github.com/kubernetes/cri-api',
  ],
  fingerprints: [],
}
