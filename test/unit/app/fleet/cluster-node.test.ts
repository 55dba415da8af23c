// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {clusterNodeOf} from '../../../../src/app/fleet/cluster-node.ts'
import {nodeObject} from '../../../support/fleet.ts'

test('a node has its kubelet, runtime, and whether it is ready', () => {
  expect(clusterNodeOf(nodeObject('n1'))).toEqual({name: 'n1', controlPlane: false, ready: true, kubelet: 'v1.20.2', runtime: 'docker://20.10.24', os: 'linux'})
})

test.each(['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'])('of the control plane it is by the label %s, whatever its value', (label) => {
  expect(clusterNodeOf(nodeObject('n1', {[label]: ''}))?.controlPlane).toBe(true)
})

test.each(['eks.amazonaws.com/nodegroup', 'cloud.google.com/gke-nodepool', 'kubernetes.azure.com/agentpool', 'karpenter.sh/nodepool'])('its pool is what %s says', (label) => {
  expect(clusterNodeOf(nodeObject('n1', {[label]: 'blue'}))?.pool).toBe('blue')
})

test('one that never reported has no versions, and its system by its label', () => {
  const info = {kubeletVersion: '', containerRuntimeVersion: '', operatingSystem: ''}
  expect(clusterNodeOf({metadata: {name: 'n1'}, status: {nodeInfo: info}})).toEqual({name: 'n1', controlPlane: false, ready: false})
  expect(clusterNodeOf({metadata: {name: 'n1', labels: {'kubernetes.io/os': 'windows'}}, status: {nodeInfo: info}})?.os).toBe('windows')
})

test.each([['nothing', null], ['a list', []], ['a name that is none', {metadata: {name: '../x'}}], ['a name of another type', {metadata: {name: 5}}]])('%s is no node', (_, object) => {
  expect(clusterNodeOf(object)).toBeUndefined()
})

test('labels that are no object are none', () => {
  expect(clusterNodeOf({metadata: {name: 'n1', labels: 'x'}, status: []})).toEqual({name: 'n1', controlPlane: false, ready: false})
})
