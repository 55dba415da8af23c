// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const critest: Component = {
  name: 'critest',
  aliases: ['cri validation'],
  layer: 'client',
  role: 'client',
  brief: 'tests whether a runtime serves CRI as it should',
  what: 'A test suite that checks whether a CRI server does what the kubelet expects, with benchmarks beside.',
  why:
    'Makers of runtimes run it; operators can use it to try a node\'s runtime. It is part of cri-tools, not of ' +
    'containerd.',
  standards: ['CRI'],
  calledBy: ['people', 'CI'],
  calls: ['CRI plugin', 'CRI-O', 'cri-dockerd'],
  history: 'In cri-tools since 2017.',
  see: 'critest --runtime-endpoint unix:///run/containerd/containerd.sock',
  sources: ['https://github.com/kubernetes-sigs/cri-tools/blob/master/docs/validation.md'],
  fingerprints: [{program: 'critest'}],
}
