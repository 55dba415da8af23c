// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {Json, JsonPath} from '../../model/json.ts'
import type {KubeObject} from '../../model/kubernetes.ts'
import {objectCheck, problem} from '../lib/define.ts'

/** Where operators have the settings of a `tail` input, and what they call them. */
interface Place {
  readonly kinds: readonly string[]
  readonly group: RegExp
  readonly path: JsonPath
  readonly parser: string
  readonly multiline: string
  readonly mode: string
}

const PLACES: readonly Place[] = [
  // https://github.com/fluent/fluent-operator/blob/master/docs/plugins/fluentbit/input/tail.md
  {kinds: ['ClusterInput', 'Input'], group: /^fluentbit\.fluent\.io\/|^logging\.kubesphere\.io\//, path: ['spec', 'tail'], parser: 'parser', multiline: 'multilineParser', mode: 'dockerMode'},
  // https://kube-logging.dev/docs/configuration/crds/v1beta1/fluentbit_types/
  {kinds: ['Logging'], group: /^logging\.banzaicloud\.io\//, path: ['spec', 'fluentbit', 'inputTail'], parser: 'Parser', multiline: 'multiline.parser', mode: 'Docker_Mode'},
  {kinds: ['FluentbitAgent', 'NodeAgent'], group: /^logging\.banzaicloud\.io\//, path: ['spec', 'inputTail'], parser: 'Parser', multiline: 'multiline.parser', mode: 'Docker_Mode'},
]

export const checks = [
  objectCheck({
    id: 'log-collector-docker-resource',
    title: {pass: 'No logging operator is told to parse Docker\'s format', fail: "A logging operator is told to parse Docker's format only"},
    why:
      'Operators make the configuration of Fluent Bit from objects of their own. A parser for Docker\'s JSON in one of them is in ' +
      'the configuration of every node: on nodes with another runtime no line matches it.',
    severity: 'high',
    fix:
      'Name both multiline parsers for as long as nodes of both kinds are in the cluster: `multilineParser: docker, cri` ' +
      '(fluent-operator), `multiline.parser: [docker, cri]` (logging-operator); remove parser and Docker mode.',
    learnMore: 'https://docs.fluentbit.io/manual/pipeline/inputs/tail#multiline-and-containers',
    applies: ({target}) => target !== 'cri-dockerd',
    kinds: [...new Set(PLACES.flatMap(({kinds}) => kinds))],
    run(object) {
      return PLACES.filter(({kinds, group}) => kinds.includes(object.ref.kind) && group.test(object.ref.apiVersion)).flatMap((place) => foundIn(object, place))
    },
    examples: {
      fail: [
        {manifest:
          'apiVersion: fluentbit.fluent.io/v1alpha2\nkind: ClusterInput\nmetadata: {name: tail}\nspec:\n  tail:\n' +
          '    path: /var/log/containers/*.log\n    parser: docker\n'},
        {manifest:
          'apiVersion: logging.banzaicloud.io/v1beta1\nkind: Logging\nmetadata: {name: main}\nspec:\n  fluentbit:\n' +
          '    inputTail: {Parser: docker, Docker_Mode: "On"}\n'},
      ],
      pass: [
        {manifest:
          'apiVersion: fluentbit.fluent.io/v1alpha2\nkind: ClusterInput\nmetadata: {name: tail}\nspec:\n  tail:\n' +
          '    parser: docker\n    multilineParser: docker, cri\n'},
        {manifest: 'apiVersion: logging.banzaicloud.io/v1beta1\nkind: FluentbitAgent\nmetadata: {name: main}\nspec:\n  inputTail: {Parser: cri}\n'},
      ],
    },
  }),
]

function foundIn(object: KubeObject, {path, parser, multiline, mode}: Place): readonly Outcome[] {
  const tail = path.reduce<Json | undefined>((value, key) => member(value, String(key)), object.value)
  const word = (key: string) => JSON.stringify(member(tail, key) ?? '').toLowerCase()
  if (/\bcri\b/.test(word(multiline))) return []
  const wrong = [[multiline, /\bdocker\b/], [parser, /^"docker/], [mode, /^(?:"on"|"true"|true)$/]] as const
  const found = wrong.find(([key, pattern]) => pattern.test(word(key)) && (key !== mode || !word(parser).includes('cri')))
  if (found === undefined) return []
  const at = [...path, found[0]]
  return [problem(found[0],
    `${object.ref.kind} ${object.ref.name} has ${found[0]} ${JSON.stringify(member(tail, found[0]))}: Fluent Bit then takes lines ` +
    'of Docker, and of no other runtime.', {
    path: at, evidence: [{source: at.join('.'), text: `${found[0]}: ${JSON.stringify(member(tail, found[0]))}`}],
  })]
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key)) return undefined
  return (value as Readonly<Record<string, Json>>)[key]
}
