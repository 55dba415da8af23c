// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ociImageSpec: Component = {
  name: 'OCI image-spec',
  aliases: ['image spec', 'image-spec', 'oci image', 'docker image'],
  layer: 'standard',
  role: 'standard',
  brief: 'what an image is',
  what: 'The format of an image: a manifest, a configuration and layers as tar archives, each named by its digest.',
  why:
    'It came from Docker\'s image format (schema 2), so images built with Docker run on every runtime; nothing ' +
    'needs rebuilding when Docker goes.',
  standards: ['OCI'],
  calledBy: ['dockerd', 'containerd', 'CRI-O', 'BuildKit'],
  calls: ['snapshotter'],
  history: '1.0 in 2017-07-19; 1.1 in 2024-02. Docker schema 1 images stopped working in containerd 2.1 (2025).',
  see: 'ctr -n k8s.io images ls',
  sources: [
    'https://github.com/opencontainers/image-spec',
    'https://opencontainers.org/posts/blog/2017-07-19-oci-v1-0-release/',
  ],
  fingerprints: [],
}
