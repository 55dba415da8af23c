// SPDX-License-Identifier: Apache-2.0
// What strangers write must neither trip a check nor keep it busy: a throw is a bug of the check, and time is limited.
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {checks} from '../../../src/checks/index.ts'
import {podTemplatesOf} from '../../../src/manifests/pod-templates.ts'
import {textDataOf, textsOf} from '../../../src/manifests/texts.ts'
import type {Check, ObjectCheck, PodCheck, TargetName, TextCheck, Upgrade} from '../../../src/model/check.ts'
import type {Json, JsonObject} from '../../../src/model/json.ts'
import type {KubeObject, TextDocument} from '../../../src/model/kubernetes.ts'

const MEGABYTE = 1_000_000
/** milliseconds: far from what any check takes, and far from what one takes that goes over its text again and again (9 s and more) */
const MOST_TIME = 2000
const RUNS = 3

const upgrades: readonly Upgrade[] = (['containerd', 'cri-o', 'cri-dockerd'] as const).map((target: TargetName) => (
  {target, kubernetes: '1.36', containerd: '2.2', docker: '29.0', oracle: {}}
))
const podChecks = checks.filter((check): check is PodCheck => check.looksAt === 'pod')
const objectChecks = checks.filter((check): check is ObjectCheck => check.looksAt === 'object')
const textChecks = checks.filter((check): check is TextCheck => check.looksAt === 'text')

function objectOf(value: JsonObject): KubeObject {
  const text = (key: string) => (typeof value[key] === 'string' ? value[key] : '')
  return {
    ref: {apiVersion: text('apiVersion'), kind: text('kind'), namespace: '', name: 'x'}, value, origin: {kind: 'manifest', file: 'x.yaml'}, locate: () => undefined,
  }
}

function documentOf(name: string, text: string): TextDocument {
  return {name, text, origin: {kind: 'file', file: name}, ...textDataOf(name, text)}
}

/** All that looks at an object, whatever its kind; each call on its own, for its time. */
function* callsOn(object: KubeObject, upgrade: Upgrade): Generator<readonly [Check, () => unknown]> {
  const pods = podTemplatesOf(object)
  for (const check of podChecks) yield [check, () => pods.flatMap((pod) => check.run(pod, upgrade))]
  for (const check of objectChecks.filter(({kinds}) => kinds.includes(object.ref.kind) || kinds.includes('*'))) yield [check, () => check.run(object, upgrade)]
}

// ---------------------------------------------------------------- what strangers write

/** Words that checks look for, in all sorts of company. */
const WORDS = [
  'docker', 'dockerd', 'docker:dind', 'docker build .', '/var/run/docker.sock', '/var/run', '/', '/run/../run/docker.sock', 'unix:///var/run/docker.sock', 'tcp://$(NODE):2375',
  'docker://abc', 'sh', '-c', '__proto__', 'constructor', 'toString', 'localhost/docker-default', 'docker/default', 'v1', 'kyverno.io/v1', 'node.k8s.io/v1beta1', '1.20', '',
  '\u001b[31m', '\u0000', '../../etc', '%', 'a:b@c:d/e@f', 'registry:5000/', ':', '@', '$(A)', '${A:-docker}', 'containerd://1.6', 'docker://', 'Parser docker', '{{ .Values.x }}',
]
const KINDS = [...new Set(['Pod', 'Deployment', 'CronJob', 'ClusterPolicy', ...objectChecks.flatMap(({kinds}) => kinds)])]
const KEYS = [
  'metadata', 'spec', 'status', 'data', 'template', 'containers', 'initContainers', 'steps', 'script', 'container', 'volumes', 'hostPath', 'path', 'name', 'image', 'command', 'args',
  'env', 'value', 'valueFrom', 'volumeMounts', 'mountPath', 'subPath', 'subPathExpr', 'annotations', 'labels', 'securityContext', 'capabilities', 'add', 'livenessProbe', 'exec',
  'timeoutSeconds', 'ports', 'hostPort', 'groups', 'rules', 'expr', 'handler', 'nodeInfo', 'containerRuntimeVersion', 'kubeletVersion', 'conditions', 'ownerReferences', 'config',
  'allowedHostPaths', 'pathPrefix', 'ClusterConfiguration', 'nodeRegistration', 'criSocket', 'kubeletExtraArgs', 'maxUnavailable', 'lifecycle', '__proto__', 'constructor', 'toString',
]

const word = fc.oneof(fc.constantFrom(...WORDS), fc.string({unit: 'grapheme'}), fc.string({unit: 'binary'}))
const leaf = fc.oneof(word, fc.boolean(), fc.constant(null), fc.integer(), fc.double(), fc.array(word, {maxLength: 3}))
const {json} = fc.letrec<{json: unknown}>((tie) => ({
  json: fc.oneof({maxDepth: 7, depthSize: 'large'}, leaf, fc.dictionary(fc.constantFrom(...KEYS), tie('json'), {maxKeys: 5}), fc.array(tie('json'), {maxLength: 3})),
}))
/** Something that has the shape of a container, and anything in its places. */
const container = fc.record({
  name: fc.oneof(word, json), image: fc.oneof(word, json), command: fc.oneof(fc.array(word), json), args: fc.oneof(fc.array(word), json),
  env: fc.oneof(fc.array(fc.record({name: fc.constantFrom('DOCKER_HOST', 'DOCKER_API_VERSION', 'NODE_NAME', 'A'), value: fc.oneof(word, json)}, {requiredKeys: []})), json),
  volumeMounts: fc.oneof(fc.array(fc.record({name: fc.constantFrom('a', 'b'), mountPath: fc.oneof(word, json), subPath: word, subPathExpr: word}, {requiredKeys: []})), json),
  securityContext: json, livenessProbe: json, lifecycle: json, ports: json, script: json,
}, {requiredKeys: []})
const podSpec = fc.record({
  containers: fc.oneof(fc.array(container, {maxLength: 3}), json), initContainers: fc.oneof(fc.array(container, {maxLength: 2}), json),
  volumes: fc.oneof(fc.array(fc.record({name: fc.constantFrom('a', 'b'), hostPath: fc.oneof(fc.record({path: word}), json)}, {requiredKeys: []})), json),
  securityContext: json, hostNetwork: json, runtimeClassName: json,
}, {requiredKeys: []})
const metadata = fc.oneof(json, fc.record({name: word, annotations: fc.dictionary(word, fc.oneof(word, json)), labels: json, ownerReferences: json}, {requiredKeys: []}))
const value = fc.record({
  apiVersion: fc.constantFrom('v1', 'apps/v1', 'batch/v1', 'kyverno.io/v1', 'x.example/v1', 'node.k8s.io/v1beta1', 'policy/v1', ''), kind: fc.constantFrom(...KINDS), metadata,
  spec: fc.oneof(podSpec, fc.record({template: fc.record({metadata, spec: podSpec})}), json), status: json, data: fc.oneof(fc.dictionary(word, fc.string()), json), handler: json,
}, {requiredKeys: ['apiVersion', 'kind']}).map((object) => object as unknown as JsonObject)

const NAMES = [...new Set(['x.yaml', 'a.sh', 'a.json', ...textChecks.flatMap(({examples}) => [...examples.fail, ...examples.pass].map(({name}) => name))])]
/** Lines that some check looks for: out of order, cut, and with rubbish between them. */
const LINES = [...new Set(textChecks.flatMap(({examples}) => [...examples.fail, ...examples.pass].flatMap(({text}) => text.split('\n'))))]
const line = fc.oneof(fc.constantFrom(...LINES), fc.constantFrom(...LINES).map((text) => text.slice(0, text.length / 2)), word, fc.string())
const text = fc.array(line, {maxLength: 30}).chain((lines) => fc.constantFrom('\n', '\r\n', '\n  ', ' ').map((between) => lines.join(between)))

describe('no check trips', () => {
  test('over an object, whatever types its members have', () => {
    fc.assert(fc.property(value, fc.constantFrom(...upgrades), (one, upgrade) => {
      for (const [check, call] of callsOn(objectOf(one), upgrade)) expect(call, check.id).not.toThrow()
    }), {numRuns: 400})
  })

  test('over a text, whatever lines it has', () => {
    fc.assert(fc.property(fc.constantFrom(...NAMES), text, fc.constantFrom(...upgrades), (name, written, upgrade) => {
      const document = documentOf(name, written)
      for (const check of textChecks) expect(() => check.run(document, upgrade), check.id).not.toThrow()
    }), {numRuns: 400})
  })

  test('over the texts that an object carries', () => {
    fc.assert(fc.property(fc.dictionary(fc.constantFrom(...NAMES), text), (data) => {
      const object = objectOf({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'x'}, data})
      for (const document of textsOf(object)) for (const check of textChecks) expect(() => check.run(document, upgrades[0] as Upgrade), check.id).not.toThrow()
    }), {numRuns: 100})
  })
})

// ---------------------------------------------------------------- what takes time

/** What makes regular expressions and scanners go back and forth, and what a check reads closest. */
const SEEDS = [
  'a', ' ', 'a\n', '\\', '$(', '}\n', '/..', '<<A\n', 'docker ', 'docker\n', 'docker://', 'x: y\n', 'containerID docker',
  '[[runners]]\nmount_path = "/var/run/docker.sock"\n', '- name: docker\n  path: /var/lib/docker/containers/*.log\n', 'exec docker build . && ',
]

const filled = (seed: string) => seed.repeat(Math.ceil(MEGABYTE / seed.length)).slice(0, MEGABYTE)

/** The best time of some runs, in milliseconds. */
function timeOf(call: () => unknown): number {
  let best = Infinity
  for (let run = 0; run < RUNS && best > MOST_TIME; run++) {
    const start = performance.now()
    call()
    best = Math.min(best, performance.now() - start)
  }
  return best
}

function slowOf(calls: Iterable<readonly [Check, () => unknown]>): readonly string[] {
  return [...calls].flatMap(([check, call]) => {
    const time = timeOf(call)
    return time > MOST_TIME ? [`${check.id}: ${Math.round(time)} ms`] : []
  })
}

/** A megabyte, in one place or in very many. */
function objectsOf(seed: string): readonly JsonObject[] {
  const long = filled(seed)
  const words = long.slice(0, MEGABYTE / 2).split(' ').slice(0, 50_000)
  const one = {
    name: 'a', image: long, command: ['sh', '-c', long], args: [long], env: [{name: 'DOCKER_HOST', value: long}], volumeMounts: [{name: 'd', mountPath: long}, {name: 'e', mountPath: '/x'}],
  }
  const pod = (spec: Json): JsonObject => ({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'x', annotations: {[long]: long}}, spec})
  return [
    pod({containers: [one], volumes: [{name: 'd', hostPath: {path: '/var/run'}}, {name: 'e', hostPath: {path: long}}]}),
    pod({containers: [{name: 'a', image: 'docker:dind', command: words}]}),
    {apiVersion: 'x.example/v1', kind: 'Tool', spec: {hostPath: {path: long}, list: words}}, {apiVersion: 'kyverno.io/v1', kind: 'ClusterPolicy', spec: {a: long, list: words}},
    ...KINDS.map((kind) => ({apiVersion: 'v1', kind, handler: long, data: {ClusterConfiguration: long}, spec: {groups: [{rules: [{expr: long}]}], hostPath: {path: long}}, status: {
      nodeInfo: {containerRuntimeVersion: long, kubeletVersion: long, osImage: long},
    }})),
  ]
}

const MANY = 2000
const many = <T>(make: (index: number) => T): T[] => Array.from({length: MANY}, (_, index) => make(index))
const WIDE: readonly (readonly [string, Json])[] = [
  ['containers', {containers: many((index) => ({name: `c${index}`, image: 'docker:dind', command: ['docker', 'build', '.'], env: [{name: 'DOCKER_HOST', value: 'tcp://a:2375'}]}))}],
  ['containers that mount a socket', {
    containers: many((index) => ({name: `c${index}`, image: 'a', volumeMounts: [{name: 'd', mountPath: '/var/run'}]})), volumes: [{name: 'd', hostPath: {path: '/var/run'}}],
  }],
  ['volumes', {
    containers: [{name: 'c', image: 'a', volumeMounts: many((index) => ({name: `v${index}`, mountPath: '/var/run/docker.sock'}))}],
    volumes: many((index) => ({name: `v${index}`, hostPath: {path: '/var/run/docker.sock'}})),
  }],
  ['variables', {containers: [{name: 'c', image: 'a', env: many((index) => ({name: `A${index}`, value: `unix:///var/run/docker.sock$(A${index - 1})`}))}]}],
]

describe('no check takes long', () => {
  test.each(SEEDS)('for a text of a megabyte of %j', (seed) => {
    const written = filled(seed)
    // what a text holds is read before the checks are, and is not theirs
    const calls = ['x.yaml', 'a.sh', 'Jenkinsfile', 'config.toml'].flatMap((name) => textChecks.map((check) => (
      [check, () => check.run({name, text: written, origin: {kind: 'file', file: name}}, upgrades[1] as Upgrade)] as const
    )))
    expect(slowOf(calls)).toEqual([])
  })

  test.each(SEEDS)('for objects with a megabyte of %j', (seed) => {
    expect(objectsOf(seed).flatMap((one) => slowOf(callsOn(objectOf(one), upgrades[1] as Upgrade)))).toEqual([])
  })

  test.each(WIDE)('for a pod with thousands of %s', (_, spec) => {
    const object = objectOf({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'x'}, spec})
    expect(upgrades.flatMap((upgrade) => slowOf(callsOn(object, upgrade)))).toEqual([])
  })
})
