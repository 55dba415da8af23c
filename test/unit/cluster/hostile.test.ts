// SPDX-License-Identifier: Apache-2.0
// What a server sends can have any shape.
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {checks as criSocket} from '../../../src/checks/cluster/node-cri-socket-annotation.ts'
import {checks as dockerPath} from '../../../src/checks/cluster/docker-path-policy.ts'
import {checks as dockershim} from '../../../src/checks/cluster/node-on-dockershim.ts'
import {checks as kubeadm} from '../../../src/checks/cluster/kubeadm-configuration.ts'
import {checks as managed} from '../../../src/checks/cluster/managed-node.ts'
import {checks as runtimeClass} from '../../../src/checks/cluster/runtime-class.ts'
import {checks as tooOld} from '../../../src/checks/cluster/node-runtime-too-old.ts'
import {textsOfConfigMap} from '../../../src/cluster/config-maps.ts'
import {customKind} from '../../../src/cluster/custom-kinds.ts'
import {Owners} from '../../../src/cluster/owners.ts'
import type {ObjectCheck, TargetName} from '../../../src/model/check.ts'
import type {Json, JsonObject} from '../../../src/model/json.ts'

const CHECKS: readonly ObjectCheck[] = [...criSocket, ...dockerPath, ...dockershim, ...kubeadm, ...managed, ...runtimeClass, ...tooOld]
const KEYS = [
  'metadata', 'spec', 'status', 'nodeInfo', 'annotations', 'labels', 'kubeadm.alpha.kubernetes.io/cri-socket', 'containerRuntimeVersion', 'kubeletVersion', 'allowedHostPaths',
  'pathPrefix', 'nodeRegistration', 'kubeletExtraArgs', 'criSocket', 'handler', 'runtimeHandler', 'ownerReferences', 'data', 'names', 'versions', 'schema', 'group', '__proto__', 'constructor',
]
const TEXTS = ['docker://20.10.24', 'containerd://1.5', '/var/run/dockershim.sock', 'v1.23.1', 'docker', '/var/run/docker.sock', 'network-plugin', '__proto__', '../..', '\u001b[2J', '']

/** JSON whose keys and texts are those that are looked for, in places where they are not meant. */
const {value: anything} = fc.letrec<{value: Json}>((tie) => ({
  value: fc.oneof(
    {maxDepth: 6}, fc.constantFrom<Json>(...TEXTS, null, true, 7), fc.string(), fc.array(tie('value'), {maxLength: 4}),
    fc.array(fc.tuple(fc.constantFrom(...KEYS), tie('value')), {maxLength: 6}).map((members) => JSON.parse(`{${members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`) as JsonObject),
  ),
}))
const object = anything.filter((value): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value))

describe('an object of any shape', () => {
  test('is taken by every check of cluster objects', () => {
    const upgrade = fc.record({target: fc.constantFrom<TargetName>('containerd', 'cri-o', 'cri-dockerd'), kubernetes: fc.constantFrom('1.24', '1.30', '1.38', 'x')})
    fc.assert(fc.property(object, upgrade, fc.constantFrom('v1', 'kyverno.io/v1', 'node.k8s.io/v1alpha1'), (value, {target, kubernetes}, apiVersion) => {
      for (const check of CHECKS) {
        const kind = check.kinds[0] === '*' ? 'PodSecurityPolicy' : (check.kinds[0] ?? '')
        const outcomes = check.run({ref: {apiVersion, kind, namespace: '', name: 'x'}, value, origin: {kind: 'cluster', context: 'c'}, locate: () => undefined}, {target, kubernetes, oracle: {}})
        expect(outcomes.every((outcome) => outcome.state === 'unknown' || (outcome.text.length > 0 && outcome.key.length > 0))).toBe(true)
      }
    }), {numRuns: 500})
  })

  test('is taken by the reader, and leads to no request outside of its place', () => {
    fc.assert(fc.property(object, (value) => {
      new Owners().needsReading('Pod', value)
      textsOfConfigMap(value)
      const kind = customKind(value)
      expect(kind === undefined || /^[a-z0-9.-]+$/.test(kind.resource)).toBe(true)
    }), {numRuns: 500})
  })

  test('does not get to the prototype of what is made of it', () => {
    textsOfConfigMap(JSON.parse('{"data": {"__proto__": "x", "a": "b"}, "metadata": {"__proto__": {"polluted": true}}}') as JsonObject)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

test('a schema without end is looked at for a short time', () => {
  let schema: Json = {properties: {containers: {items: {properties: {image: {}}}}}}
  for (let depth = 0; depth < 5000; depth++) schema = {properties: {deeper: schema}}
  const wide = Object.fromEntries(Array.from({length: 300_000}, (_, index) => [`p${index}`, {}]))
  const definition = (openAPIV3Schema: Json): Json => ({spec: {group: 'example.org', names: {plural: 'things', kind: 'Thing'}, versions: [{name: 'v1', served: true, storage: true, schema: {openAPIV3Schema}}]}})
  const begin = performance.now()
  expect(customKind(definition(schema))).toBeUndefined()
  expect(customKind(definition({properties: wide}))).toBeUndefined()
  expect(performance.now() - begin).toBeLessThan(2000)
})
