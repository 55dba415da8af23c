// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const minikubeNode: Component = {
  name: 'minikube node',
  aliases: ['minikube'],
  layer: 'orchestration',
  role: 'platform',
  brief: 'a node in a VM or container, for a workstation',
  what:
    'A one-machine Kubernetes for a workstation: a VM or a container with Docker Engine, containerd or CRI-O ' +
    'inside.',
  why: 'For development. With Docker Engine inside and Kubernetes ≥ 1.24 the kubelet reaches it through cri-dockerd.',
  standards: ['CRI'],
  calledBy: ['the minikube CLI'],
  calls: ['kubelet', 'dockerd', 'cri-dockerd', 'containerd', 'CRI-O'],
  history:
    'Published by Kubernetes 2016-05; node as a container (docker driver) since 2020; cri-dockerd since 1.26 ' +
    '(2022-06).',
  see: 'minikube ssh -- ps axf; docker ps --filter label=created_by.minikube.sigs.k8s.io=true',
  sources: ['https://minikube.sigs.k8s.io/docs/', 'https://github.com/kubernetes/minikube'],
  fingerprints: [],
}
