// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const conmon: Component = {
  name: 'conmon',
  aliases: ['container monitor'],
  layer: 'shim',
  role: 'shim',
  brief: 'the shim of CRI-O and Podman, one per container',
  what:
    'A small C program that is the parent of one container: it holds its terminal, writes its log and records ' +
    'its exit code.',
  why:
    'It is to CRI-O and Podman what the shim is to containerd. Its arguments name container (-c), bundle (-b), ' +
    'runtime (-r) and log path (-l).',
  standards: [],
  calledBy: ['CRI-O', 'podman'],
  calls: ['runc', 'crun'],
  history: 'Begun 2016 inside CRI-O; a repository of its own since 2019; 2.0 in 2019; conmonrs is to follow it.',
  see: 'pgrep -a conmon',
  sources: ['https://github.com/containers/conmon'],
  fingerprints: [{program: 'conmon'}],
}
