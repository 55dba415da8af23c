// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ociRuntimeSpec: Component = {
  name: 'OCI runtime-spec',
  aliases: ['runtime spec', 'runtime-spec', 'config.json', 'bundle', 'oci bundle'],
  layer: 'standard',
  role: 'standard',
  brief: 'how a container is described and started',
  what:
    'What a container\'s configuration (config.json) says and which commands a runtime must know: state, ' +
    'create, start, kill, delete.',
  why: 'It is the interface between shim and runtime: anything that reads a bundle can stand in for runc.',
  standards: ['OCI'],
  calledBy: ['shim', 'conmon'],
  calls: ['runc', 'crun', 'youki', 'runsc'],
  history: '1.0 in 2017-07-19; 1.1 in 2023-07; 1.2 in 2024-02.',
  see: '/run/containerd/io.containerd.runtime.v2.task/k8s.io/ID/config.json',
  sources: [
    'https://github.com/opencontainers/runtime-spec',
    'https://opencontainers.org/posts/blog/2017-07-19-oci-v1-0-release/',
  ],
  fingerprints: [],
}
