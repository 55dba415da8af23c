// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ociRuntime: Component = {
  name: 'OCI runtime',
  aliases: ['low-level runtime', 'oci-runtime'],
  layer: 'standard',
  role: 'standard',
  brief: 'the command that makes one container, then leaves',
  what:
    'A command that makes one container from a bundle (a root file system and config.json): create, start, ' +
    'state, kill, delete.',
  why:
    'It does the work with the kernel and leaves; whoever called it stays as parent. runc is the reference, ' +
    'crun, youki, runsc and kata-runtime take its place.',
  standards: ['OCI runtime-spec'],
  calledBy: ['shim', 'conmon'],
  calls: ['the kernel or a VMM'],
  history: 'From runc (2015-06); specified by OCI runtime-spec 1.0 (2017-07-19).',
  see: 'ls /run/containerd/runc /run/runc /run/crun (one state directory per container)',
  sources: ['https://github.com/opencontainers/runtime-spec/blob/main/implementations.md'],
  fingerprints: [],
}
