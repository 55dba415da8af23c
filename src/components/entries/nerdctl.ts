// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const nerdctl: Component = {
  name: 'nerdctl',
  aliases: ['contaiNERD CTL'],
  layer: 'client',
  role: 'client',
  brief: 'a docker-like command line for containerd',
  what: 'A command line for containerd that feels like docker: run, build, compose.',
  why: 'For people who lose docker on a node: `nerdctl -n k8s.io ps` shows the pods\' containers.',
  standards: ['CNI'],
  calledBy: ['people'],
  calls: ['containerd', 'BuildKit', 'CNI'],
  history: 'Begun 2020-12 by Akihiro Suda; a containerd sub-project since 2021-02; 1.0 in 2022-10; 2.0 in 2024-11.',
  see: 'nerdctl -n k8s.io ps',
  sources: ['https://github.com/containerd/nerdctl'],
  fingerprints: [{program: 'nerdctl'}],
}
