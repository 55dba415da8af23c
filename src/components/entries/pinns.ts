// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const pinns: Component = {
  name: 'pinns',
  aliases: [],
  layer: 'sandbox',
  role: 'helper',
  brief: 'makes and pins a pod\'s namespaces for CRI-O',
  what: 'CRI-O\'s helper that makes a pod\'s namespaces and pins them as files.',
  why: 'With pinned namespaces a pod needs no pause container unless its pid namespace is shared.',
  standards: [],
  calledBy: ['CRI-O'],
  calls: ['the kernel'],
  history: 'In CRI-O since 1.17-1.18 (2020); pause dropped by default (drop_infra_ctr) since 1.22 (2021).',
  see: 'ls /var/run/netns /var/run/ipcns /var/run/utsns',
  sources: ['https://github.com/cri-o/cri-o/tree/main/pinns'],
  fingerprints: [{program: 'pinns'}],
}
