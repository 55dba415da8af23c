// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const shim: Component = {
  name: 'shim',
  aliases: ['container shim', 'shims'],
  layer: 'standard',
  role: 'standard',
  brief: 'what stands between manager and container, and why',
  what:
    'A small process that stands between a manager and one container or pod: it is the container\'s parent, ' +
    'holds its stdio and collects its exit status.',
  why:
    'With it the manager can be restarted or upgraded while containers live on, and the OCI runtime can leave ' +
    'after start. CRI shim is something else: an adapter such as dockershim.',
  standards: [],
  calledBy: ['containerd', 'CRI-O', 'podman'],
  calls: ['OCI runtime'],
  history:
    'Came with containerd in Docker 1.11 (2016-04); shim API v2, one shim per pod and any runtime behind it, ' +
    'with containerd 1.2 (2018-10).',
  see: 'ps axf | grep -E "containerd-shim|conmon" (their parent is pid 1, not the daemon)',
  sources: ['https://github.com/containerd/containerd/blob/main/core/runtime/v2/README.md'],
  fingerprints: [],
}
