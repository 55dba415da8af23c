// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const runtimeclass: Component = {
  name: 'RuntimeClass',
  aliases: ['runtime class', 'runtime handler', 'handler'],
  layer: 'standard',
  role: 'standard',
  brief: 'lets a pod choose its runtime',
  what: 'A Kubernetes object that names a runtime handler, so that a pod can choose runc, Kata or gVisor.',
  why: 'The handler must be set in the runtime\'s own configuration on the node; dockershim knew none but its own.',
  standards: ['CRI'],
  calledBy: ['Kubernetes', 'kubelet'],
  calls: ['CRI plugin', 'CRI-O'],
  history: 'Alpha in Kubernetes 1.12 (2018-09), beta in 1.14 (2019-03), stable in 1.20 (2020-12).',
  see: 'kubectl get runtimeclass',
  sources: ['https://kubernetes.io/docs/concepts/containers/runtime-class/'],
  fingerprints: [],
}
