// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {podTemplatesOf} from '../../../src/manifests/pod-templates.ts'
import {parseManifest} from '../../../src/manifests/read.ts'
import {objectsIn, textDataOf, textsOf} from '../../../src/manifests/texts.ts'
import type {Json, JsonObject, JsonPath} from '../../../src/model/json.ts'
import type {KubeObject, PodTemplate} from '../../../src/model/kubernetes.ts'

function objectOf(yaml: string): KubeObject {
  const [item] = parseManifest(yaml, {kind: 'manifest', file: 'a.yaml'})
  if (item?.kind !== 'object') throw new Error(JSON.stringify(item))
  return item.object
}
const templates = (yaml: string): readonly PodTemplate[] => podTemplatesOf(objectOf(yaml))
const at = (value: JsonObject, path: JsonPath): Json | undefined => path.reduce<Json | undefined>((node, part) => (node as Record<string | number, Json> | undefined)?.[part], value)
const head = (kind: string, apiVersion = 'v1') => `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\n`
const containers = '{containers: [{name: c, image: i}]}'

describe('pod specs are found', () => {
  test.each([
    ['in a Pod', `${head('Pod')}spec: ${containers}\n`, 'spec'],
    ['in a Deployment', `${head('Deployment', 'apps/v1')}spec: {template: {spec: ${containers}}}\n`, 'spec.template.spec'],
    ['in a CronJob', `${head('CronJob', 'batch/v1')}spec: {jobTemplate: {spec: {template: {spec: ${containers}}}}}\n`, 'spec.jobTemplate.spec.template.spec'],
    ['in a PodTemplate', `${head('PodTemplate')}template: {spec: ${containers}}\n`, 'template.spec'],
    ['in a custom resource', `${head('ScaledJob', 'keda.sh/v1alpha1')}spec: {jobTargetRef: {template: {spec: ${containers}}}}\n`, 'spec.jobTargetRef.template.spec'],
    ['in a list of a custom resource', `${head('Jenkins', 'jenkins.io/v1alpha2')}spec: {master: ${containers}}\n`, 'spec.master'],
    ['in a Knative service', `${head('Service', 'serving.knative.dev/v1')}spec: {template: {spec: ${containers}}}\n`, 'spec.template.spec'],
    ['in a workload of OpenKruise', `${head('CloneSet', 'apps.kruise.io/v1alpha1')}spec: {template: {spec: ${containers}}}\n`, 'spec.template.spec'],
    ['in a patch of a workload, which names no image', `${head('Deployment', 'apps/v1')}spec: {template: {spec: {volumes: [{name: v}], containers: [{name: c}]}}}\n`, 'spec.template.spec'],
    ['in a custom resource whose controller knows the image', `${head('Beat', 'beat.k8s.elastic.co/v1beta1')}spec: {daemonSet: {podTemplate: {spec: {containers: [{name: c, volumeMounts: [{name: v, mountPath: /x}]}]}}}}\n`, 'spec.daemonSet.podTemplate.spec'],
    ['in the objects of an OpenShift template', `${head('Template', 'template.openshift.io/v1')}objects: [{kind: Pod, spec: ${containers}}]\n`, 'objects.0.spec'],
    ['within a custom resource that is one itself', `${head('Thing', 'a.b/v1')}spec: {containers: [{image: i}], agent: {spec: ${containers}}}\n`, 'spec,spec.agent.spec'],
    ['as the sidecars of a template', `${head('Workflow', 'argoproj.io/v1alpha1')}spec: {templates: [{container: {image: i}, sidecars: [{name: d, image: dind}], steps: [[{name: a}]]}]}\n`, 'spec.templates.0'],
    ['as the steps of a Tekton task', `${head('Task', 'tekton.dev/v1')}spec: {steps: [{name: s, image: i}]}\n`, 'spec'],
    ['as a single container of Argo Workflows', `${head('Workflow', 'argoproj.io/v1alpha1')}spec: {templates: [{name: t, container: {image: i}}]}\n`, 'spec.templates.0'],
    ['as a script of Argo Workflows', `${head('Workflow', 'argoproj.io/v1alpha1')}spec: {templates: [{name: t, script: {image: i, source: echo}}]}\n`, 'spec.templates.0'],
  ])('%s', (_, yaml, path) => expect(templates(yaml).map((template) => template.path.join('.')).join()).toBe(path))

  test.each([
    ['the schema of a custom resource', `${head('CustomResourceDefinition', 'apiextensions.k8s.io/v1')}spec: {versions: [{schema: {containers: [{name: c, image: i}]}}]}\n`],
    ['what only has the word', `${head('Thing')}spec: {containers: 3, other: {containers: {type: array}}}\n`],
    ['containers without an image or mounts', `${head('VerticalPodAutoscaler')}spec: {resourcePolicy: {containers: [{name: c}]}}\n`],
    ['the pattern of a policy', `${head('ClusterPolicy', 'kyverno.io/v1')}spec: {rules: [{validate: {pattern: {spec: {containers: [{name: '*', image: '!*:latest'}]}}}}]}\n`],
    ['the measure of a pod', `${head('PodMetrics', 'metrics.k8s.io/v1beta1')}containers: [{name: c, usage: {cpu: 1}}]\n`],
    ['a name that every object has', `${head('toString', 'constructor')}spec: {}\n`],
    ['the status of a node', `${head('Node')}status: {images: [{names: [a]}]}\n`],
  ])('but not in %s', (_, yaml) => expect(templates(yaml)).toEqual([]))

  test('with their containers, volumes and metadata, whatever else is in them', () => {
    const [template] = templates(`${head('DaemonSet', 'apps/v1')}spec:
  template:
    metadata: {labels: {app: a, bad: 3}, annotations: {note: n}}
    spec:
      initContainers: [{name: first, image: i1, command: [sh, -c, 7]}]
      containers:
        - name: main
          image: i2
          args: "one"
          env: [{name: A, value: "1"}, {name: B, valueFrom: {}}, {value: x}, 5]
          volumeMounts: [{name: v, mountPath: /x, subPath: y}, {name: v}]
          securityContext: {privileged: true}
        - "no container"
      ephemeralContainers: [{name: debug, image: i3}]
      volumes: [{name: v, hostPath: {path: /var/run, type: Directory}}, {name: w, hostPath: 3}, {hostPath: {path: /x}}]
`)
    expect(template).toMatchObject({labels: {app: 'a'}, annotations: {note: 'n'}, metadataPath: ['spec', 'template', 'metadata']})
    expect(template?.containers.map(({role, name, image, command, args, privileged}) => ({role, name, image, command, args, privileged}))).toEqual([
      {role: 'init', name: 'first', image: 'i1', command: ['sh', '-c'], args: [], privileged: false},
      {role: 'container', name: 'main', image: 'i2', command: [], args: ['one'], privileged: true},
      {role: 'ephemeral', name: 'debug', image: 'i3', command: [], args: [], privileged: false},
    ])
    expect(template?.containers[1]).toMatchObject({env: [{name: 'A', value: '1'}, {name: 'B'}], mounts: [{name: 'v', mountPath: '/x', subPath: 'y'}]})
    expect(template?.volumes.map(({name, hostPath}) => [name, hostPath?.path])).toEqual([['v', '/var/run'], ['w', undefined]])
    expect(at(template?.object.value ?? {}, template?.volumes[0]?.hostPath?.location ?? [])).toBe('/var/run')
  })

  test('with the names that controllers give to containers without one', () => {
    const named = (text: string) => podTemplatesOf(objectOf(text)).flatMap((template) => template.containers.map(({name}) => name))
    const workflow = `${head('Workflow', 'argoproj.io/v1alpha1')}spec: {templates: [{name: t, container: {image: i}}, {name: u, script: {image: i, name: own}}]}\n`
    expect(named(workflow)).toEqual(['main', 'own'])
    expect(named(`${head('Task', 'tekton.dev/v1')}spec: {steps: [{image: i}, {name: s, image: i}, {image: i}]}\n`)).toEqual(['unnamed-0', 's', 'unnamed-2'])
  })

  test('in any JSON without an error, and every path leads to what it names', () => {
    const container = fc.record({name: fc.string(), image: fc.string(), env: fc.jsonValue(), volumeMounts: fc.jsonValue()}, {requiredKeys: ['image']})
    const spec = fc.record({containers: fc.array(fc.oneof(container, fc.jsonValue()), {maxLength: 3}), volumes: fc.jsonValue()})
    const tree = fc.dictionary(fc.string({maxLength: 4}), fc.oneof(spec, fc.jsonValue(), fc.array(fc.dictionary(fc.string({maxLength: 4}), spec, {maxKeys: 2}), {maxLength: 2})), {maxKeys: 4})
    fc.assert(fc.property(tree, (value) => {
      const object: KubeObject = {ref: {apiVersion: 'v1', kind: 'X', namespace: '', name: 'x'}, value: value as JsonObject, origin: {kind: 'manifest', file: 'x'}, locate: () => undefined}
      for (const template of podTemplatesOf(object)) {
        expect(at(object.value, template.path)).toBe(template.spec)
        for (const {path, raw} of template.containers) expect(at(object.value, path)).toBe(raw)
        for (const {path, raw} of template.volumes) expect(at(object.value, path)).toBe(raw)
      }
      textsOf(object)
    }))
  })

  test('as quickly as a large object is walked', () => {
    const rows = Array.from({length: 20_000}, (_, index) => ({name: `row ${index}`, cells: [{value: index}, {value: {a: {b: {c: index}}}}]}))
    const object: KubeObject = {ref: {apiVersion: 'a.b/v1', kind: 'X', namespace: '', name: 'x'}, value: {rows, pod: {containers: [{image: 'i'}]}}, origin: {kind: 'manifest', file: 'x'}, locate: () => undefined}
    const started = performance.now()
    expect(podTemplatesOf(object).map(({path}) => path)).toEqual([['pod']])
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test('no deeper than any real object goes', () => {
    let value: JsonObject = {containers: [{name: 'c', image: 'i'}]}
    for (let i = 0; i < 5000; i++) value = {a: value}
    const object: KubeObject = {ref: {apiVersion: 'v1', kind: 'X', namespace: '', name: 'x'}, value, origin: {kind: 'manifest', file: 'x'}, locate: () => undefined}
    expect(podTemplatesOf(object)).toEqual([])
  })
})

describe('the texts of an object', () => {
  test('are the entries of a ConfigMap', () => {
    const texts = textsOf(objectOf(`${head('ConfigMap')}data: {a.conf: x, b.yaml: "k: 1", n: 3}\nbinaryData: {z: AAAA}\n`))
    expect(texts.map(({name, text, data}) => ({name, text, data}))).toEqual([{name: 'a.conf', text: 'x', data: undefined}, {name: 'b.yaml', text: 'k: 1', data: {k: 1}}])
  })

  test('are texts of several lines in anything else, never those of a Secret', () => {
    const texts = textsOf(objectOf(`${head('Pod')}spec: {containers: [{name: c, image: i, args: ["one line", "two\\nlines"]}]}\n`))
    expect(texts.map(({name, text}) => ({name, text}))).toEqual([{name: 'args', text: 'two\nlines'}])
    expect(textsOf(objectOf(`${head('Secret')}stringData: {a: "two\\nlines"}\n`))).toEqual([])
  })

  test('may hold objects, and pods that say only what they run', () => {
    const [text] = textsOf(objectOf(`${head('ConfigMap')}data:\n  pod.yaml: |\n    spec:\n      containers:\n        - {name: c, image: i}\n`))
    const [inner] = text === undefined ? [] : objectsIn(text)
    expect(inner?.ref.kind).toBe('Pod')
    expect(inner === undefined ? [] : podTemplatesOf(inner)).toHaveLength(1)
    expect(inner?.locate(['spec'])?.line).toBeGreaterThanOrEqual(5)
  })

  test('are parsed where they look like YAML or JSON, and left as they are where they do not parse', () => {
    expect(textDataOf('x', '{"a": 1}')).toEqual({data: {a: 1}})
    expect(textDataOf('x.yaml', 'a: [1')).toEqual({})
    expect(textDataOf('Jenkinsfile', 'pipeline { agent any }')).toEqual({})
  })
})
