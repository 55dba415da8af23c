// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {comesWithContainerd2} from '../lib/containerd-support.ts'
import {nodeCheck, problem} from '../lib/define.ts'

const WARNING = 'io.containerd.deprecation/pull-schema-1-image'
const ADDRESS = '/run/containerd/containerd.sock'

export const checks = [
  nodeCheck({
    id: 'schema-1-image',
    title: {pass: 'containerd pulled no image of the old schema 1 since its start', fail: 'containerd pulled an image of the old schema 1'},
    why:
      'Images whose manifest is of schema 1, as old registries and tools make them, cannot be pulled with containerd 2.1, and with 2.0 ' +
      'only where it is told to: pods that use them stay in ImagePullBackOff on every node that does not have them.',
    severity: 'high',
    fix:
      'Find them with `ctr -n k8s.io images ls \'labels."io.containerd.image/converted-docker-schema1"\'`, and push them anew: `skopeo ' +
      'copy --format=v2s2 docker://IMAGE ' +
      'docker://IMAGE`, or build them with a tool of today.',
    learnMore: 'https://github.com/containerd/containerd/blob/main/docs/containerd-2.0.md',
    unproven: 'containerd tells of pulls since its last start only, and not which images they were. Of images that Docker pulled it is not known.',
    applies: comesWithContainerd2,
    needs: ['containerdDeprecations'],
    run: ({containerdDeprecations = []}) => containerdDeprecations.filter(({id}) => id === WARNING).map(({last}): Outcome =>
      problem('pulled', `containerd pulled an image of schema 1${last === undefined ? '' : `, last at ${last}`}: containerd 2 does not.`, {
        evidence: [{source: 'containerd, list of deprecations', text: WARNING}],
      })),
    examples: {
      fail: [{...containerd([{id: WARNING, last: '2026-11-02T03:04:05Z'}]), upgrade: {containerd: '2.1'}}],
      pass: [
        {...containerd([{id: 'io.containerd.deprecation/cri-api-v1alpha2'}]), upgrade: {containerd: '2.1'}},
        {...containerd([{id: WARNING}]), upgrade: {containerd: '1.7'}},
      ],
    },
  }),
]

function containerd(deprecations: readonly object[]) {
  return {
    processes: {640: '/usr/bin/containerd', 812: `/usr/bin/kubelet --container-runtime-endpoint=unix://${ADDRESS}`}, files: {[ADDRESS]: {socket: true as const}},
    answers: {
      [`cri ${ADDRESS}`]: {apiVersions: ['v1'], runtimeName: 'containerd', runtimeVersion: '1.7.24', conditions: [], handlers: [], pods: [], containers: []},
      [`containerd deprecations ${ADDRESS}`]: deprecations,
    },
  }
}
