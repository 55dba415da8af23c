// SPDX-License-Identifier: Apache-2.0
// No object that a stranger wrote makes a check of objects, pods or texts throw.
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {checks} from '../../../../src/checks/index.ts'
import {runOnObject, runOnText} from '../../../../src/checks/run.ts'
import {podTemplatesOf} from '../../../../src/manifests/pod-templates.ts'
import type {TargetName} from '../../../../src/model/check.ts'
import type {JsonObject} from '../../../../src/model/json.ts'

const WORDS = [
  '/var/run/docker.sock', '/', '/run', 'docker build .', 'docker:19-dind', 'unix:///var/run/docker.sock', 'tcp://$(A):1', 'sh', '-c', 'nginx', 'true', '__proto__', '', '\u001B[31m',
]
const KEYS = [
  'hostPath', 'path', 'type', 'name', 'mountPath', 'subPath', 'subPathExpr', 'env', 'value', 'valueFrom', 'args', 'command', 'securityContext', 'capabilities', 'add', 'ports', 'hostPort',
  'livenessProbe', 'exec', 'volumeMounts', 'image', 'privileged', 'appArmorProfile', 'seccompProfile', 'lifecycle', 'script', '__proto__', 'constructor',
]
const {node: odd} = fc.letrec((tie) => ({
  node: fc.oneof({depthSize: 'small'}, fc.constantFrom<unknown>(null, 0, -1, 1e300, true, ...WORDS), fc.array(tie('node'), {maxLength: 3}), fc.dictionary(fc.constantFrom(...KEYS), tie('node'), {maxKeys: 4})),
}))
const spec = fc.record({
  containers: fc.array(fc.record({name: odd, image: fc.constantFrom(...WORDS), command: odd, args: odd, env: odd, volumeMounts: odd, ports: odd, securityContext: odd, livenessProbe: odd, lifecycle: odd}, {requiredKeys: ['image']}), {minLength: 1, maxLength: 3}),
  volumes: odd, securityContext: odd, hostNetwork: odd,
}, {requiredKeys: ['containers']})
const target = fc.constantFrom<TargetName>('containerd', 'cri-o', 'cri-dockerd')

test('objects of any shape are looked at without a bug', () => {
  fc.assert(fc.property(spec, odd, fc.constantFrom('Pod', 'PersistentVolume', 'ConfigMap', 'PrometheusRule', 'Runner'), target, (pod, data, kind, to) => {
    const value = JSON.parse(JSON.stringify({apiVersion: kind === 'Runner' ? 'x.io/v1' : 'v1', kind, metadata: {name: 'x', annotations: data}, data, spec: {...pod, hostPath: data, local: data}})) as JsonObject
    const object = {ref: {apiVersion: kind === 'Runner' ? 'x.io/v1' : 'v1', kind, namespace: '', name: 'x'}, value, origin: {kind: 'manifest' as const, file: 'x'}, locate: () => undefined}
    const results = runOnObject(checks, object, podTemplatesOf(object), {target: to, kubernetes: '1.36', oracle: {}})
    expect(results.flatMap(({check, outcomes}) => outcomes.flatMap((one) => (one.state === 'unknown' ? [`${check.id}: ${one.reason}`] : [])))).toEqual([])
  }), {numRuns: 300})
})

test('texts of any shape are looked at without a bug', () => {
  const line = fc.constantFrom('docker build .', "sh 'docker push x'", '[[runners]]', 'pipeline {', 'agent { docker {', '- task: Docker@2', 'pool:', 'job:', '  script: [docker ps]', '  services: 1', 'extends: [a]', '#!/bin/sh', '$(', '"', '<<EOF')
  const name = fc.constantFrom('Jenkinsfile', '.gitlab-ci.yml', 'azure-pipelines.yml', '.drone.yml', 'a.sh', 'config.toml', 'dashboard.json')
  fc.assert(fc.property(fc.array(line, {maxLength: 12}), name, odd, (lines, file, data) => {
    const text = {name: file, text: lines.join('\n'), origin: {kind: 'file' as const, file}, data: data as never}
    const results = runOnText(checks, text, {target: 'containerd', kubernetes: '1.30', oracle: {}})
    expect(results.flatMap(({check, outcomes}) => outcomes.flatMap((one) => (one.state === 'unknown' ? [`${check.id}: ${one.reason}`] : [])))).toEqual([])
  }), {numRuns: 300})
})
