// SPDX-License-Identifier: Apache-2.0
// Objects as a cluster of any size has them, for the simulated API server.
import type {FakeList} from './api-server.ts'

const PODS_OF_AN_OWNER = 20

/** As much as a kubelet and a scheduler write into a pod, `managedFields` included: about 4 kB. */
function podText(owner: string, hostPath: string): string {
  return JSON.stringify({
    metadata: {
      name: '@NAME@', namespace: '@NAMESPACE@', uid: '00000000-0000-4000-8000-@NUMBER@', labels: {app: 'web', 'pod-template-hash': '5d4f'},
      ...(owner !== '' && {ownerReferences: [{apiVersion: 'apps/v1', kind: owner, name: 'web', uid: 'owner-@OWNER@', controller: true}]}),
      managedFields: [{manager: 'kubelet', operation: 'Update', apiVersion: 'v1', fieldsV1: {'f:status': {'f:conditions': {x: 'y'.repeat(900)}}}}],
    },
    spec: {
      nodeName: 'node-1', serviceAccountName: 'default', volumes: [{name: 'run', hostPath: {path: hostPath}}],
      containers: [{
        name: 'web', image: 'registry.example/web:@OWNER@', args: ['--serve', '--text', 'z'.repeat(400)], env: Array.from({length: 12}, (_, index) => ({name: `VARIABLE_${index}`, value: 'x'.repeat(60)})),
        volumeMounts: [{name: 'run', mountPath: '/host/run'}],
      }],
    },
    status: {phase: 'Running', conditions: ['Ready', 'Initialized', 'PodScheduled'].map((type) => ({type, status: 'True', lastTransitionTime: '2026-11-21T10:00:00Z'}))},
  })
}

function fill(text: string, index: number): string {
  const number = String(index).padStart(12, '0')
  return text.replace('@NAME@', `pod-${number}`).replace('@NAMESPACE@', namespaceAt(index)).replace('@NUMBER@', number)
    .replaceAll('@OWNER@', String(Math.floor(index / PODS_OF_AN_OWNER)))
}

const namespaceAt = (index: number) => `team-${String(Math.floor(index / 1000)).padStart(6, '0')}`

/** Pods of a controller that nobody reads, `PODS_OF_AN_OWNER` of each, with one in ten of nobody; each mounts the host path. */
export function manyPods(count: number, hostPath = '/var/run'): FakeList {
  const [owned, bare] = [podText('CloneSet', hostPath), podText('', hostPath)]
  return {path: '/api/v1/pods', count, make: (index) => fill(index % 10 === 0 ? bare : owned, index), namespaceOf: namespaceAt}
}

/** Nodes on dockershim, with the images that they have: about 6 kB each. */
export function manyNodes(count: number): FakeList {
  return nodesOf(count, {kubeletVersion: 'v1.23.17', containerRuntimeVersion: 'docker://20.10.24', operatingSystem: 'linux'})
}

/** Nodes on containerd. */
export function healthyNodes(count: number): FakeList {
  return nodesOf(count, {kubeletVersion: 'v1.23.17', containerRuntimeVersion: 'containerd://1.7.28', operatingSystem: 'linux'})
}

function nodesOf(count: number, nodeInfo: object): FakeList {
  const text = JSON.stringify({
    metadata: {name: 'node-@NUMBER@', labels: {'kubernetes.io/os': 'linux'}},
    status: {
      nodeInfo,
      images: Array.from({length: 50}, (_, index) => ({names: [`registry.example/image-${index}@sha256:${'0'.repeat(40)}`], sizeBytes: 12345678})),
    },
  })
  return {path: '/api/v1/nodes', count, make: (index) => text.replace('@NUMBER@', String(index).padStart(6, '0'))}
}
