// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseManifest} from '../../../src/manifests/read.ts'
import {objectsIn, textDataOf, textsOf} from '../../../src/manifests/texts.ts'
import type {KubeObject, TextDocument} from '../../../src/model/kubernetes.ts'

function objectOf(text: string): KubeObject {
  const [item] = parseManifest(text, {kind: 'manifest', file: 'a.yaml'})
  if (item?.kind !== 'object') throw new Error(JSON.stringify(item))
  return item.object
}

/** A ConfigMap with one entry, whose text begins on line 5 at column 5. */
const configMap = (text: string, style = '|'): KubeObject => objectOf(`apiVersion: v1\nkind: ConfigMap\ndata:\n  entry.yaml: ${style}\n${text.replace(/^(?=.)/gm, '    ')}`)
const innerOf = (object: KubeObject): readonly KubeObject[] => textsOf(object).flatMap((text) => objectsIn(text))
const asFile = (name: string, text: string): TextDocument => ({name, text, origin: {kind: 'file', file: `dir/${name}`}, ...textDataOf(name, text)})
const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: inner}\nspec:\n  containers: [{name: c, image: i}]\n'

describe('the texts of an object', () => {
  const namesOf = (text: string) => textsOf(objectOf(text)).map(({name, origin}) => `${name} at ${origin.kind === 'object' ? origin.path.join('.') : '?'}`)

  test.each([
    ['a custom resource', 'apiVersion: a.b/v1\nkind: Application\nspec: {source: {helm: {values: "a: 1\\nb: 2"}}, other: [short]}', ['values at spec.source.helm.values']],
    ['arguments and environment', 'apiVersion: v1\nkind: Pod\nspec: {containers: [{args: ["a", "b\\nc"], env: [{name: X, value: "d\\ne"}]}]}', ['args at spec.containers.0.args.1', 'value at spec.containers.0.env.0.value']],
    ['annotations, but no copy of the object and no example of the catalogue', 'apiVersion: v1\nkind: Pod\nmetadata: {annotations: {x/inputs: "a\\nb", alm-examples: "[\\n]", kubectl.kubernetes.io/last-applied-configuration: "{\\n}"}}', ['x/inputs at metadata.annotations.x/inputs']],
    ['a Secret within another object', 'apiVersion: v1\nkind: Template\nobjects: [{kind: Secret, stringData: {a: "b\\nc"}}, {kind: X, a: "b\\nc"}]', ['a at objects.1.a']],
    ['binary data', 'apiVersion: v1\nkind: ConfigMap\nbinaryData: {a: "b\\nc"}', []],
    ['a schema', 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {description: "a\\nb"}', []],
  ])('are right in %s', (_, text, names) => expect(namesOf(text)).toEqual(names))

  test('end at a depth that no real object has', () => {
    fc.assert(fc.property(fc.integer({min: 0, max: 3000}), (depth) => {
      let value: object = {text: 'a\nb'}
      for (let count = 0; count < depth; count++) value = {a: value}
      const object = {ref: {apiVersion: 'v1', kind: 'X', namespace: '', name: ''}, value, origin: {kind: 'manifest', file: 'a'}, locate: () => undefined} as unknown as KubeObject
      expect(textsOf(object)).toHaveLength(depth < 40 ? 1 : 0)
    }), {numRuns: 50})
  })
})

describe('the data of a text', () => {
  test.each([
    ['by its name', 'a.yml', '# x\n[a]', ['a']], ['by its look', 'config', '# x\n\nreceivers:\n  a: 1', {receivers: {a: 1}}], ['by braces', 'x', ' {"a": 1}', {a: 1}],
    ['of a list', 'x', '- a\n- b', ['a', 'b']], ['of the last document', 'a.yaml', 'spec: 1\n---\nb: 2\n', {b: 2}], ['of the one that can be read', 'a.yaml', 'a: 1\n---\nb: [', {a: 1}],
  ])('is known %s', (_, name, text, data) => expect(textDataOf(name, text)).toEqual({data}))

  test.each([
    ['a section of a file that is no YAML', 'a.toml', '[a]\n'], ['prose', 'x', 'some words'], ['a script', 'run.sh', 'a: b'], ['what cannot be read', 'a.json', '{"a":'],
    ['nothing', 'a.yaml', '# no\n'],
  ])('is not there for %s', (_, name, text) => expect(textDataOf(name, text)).toEqual({}))

  test('of any text is found without an error, and soon', () => {
    fc.assert(fc.property(fc.constantFrom('a.yaml', 'x'), fc.string({unit: 'binary'}), (name, text) => void textDataOf(name, text)))
    const started = performance.now()
    for (const text of ['#'.repeat(200_000), '# \n'.repeat(70_000), ' '.repeat(200_000), 'a'.repeat(200_000), '\n'.repeat(200_000)]) textDataOf('x', text)
    expect(performance.now() - started).toBeLessThan(1000)
  })
})

describe('the objects in a text', () => {
  test('are those of all its documents and Lists, at their lines of the file around', () => {
    const inner = innerOf(configMap(`# head\n${POD}---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Node, metadata: {name: n}}\n`))
    expect(inner.map(({ref, origin}) => [ref.kind, ref.name, origin])).toEqual([['Pod', 'inner', {kind: 'manifest', file: 'a.yaml'}], ['Node', 'n', {kind: 'manifest', file: 'a.yaml'}]])
    expect(inner.map((object) => object.locate(['metadata', 'name']))).toEqual([{line: 8, column: 16}, {line: 15, column: 47}])
    expect(inner[0]?.locate(['spec', 'containers', 0, 'image'])).toEqual({line: 10, column: 30})
  })

  test.each([['|-'], ['|2 # comment'], ['&a |+'], ['!!str |']])('are located in a block with the header %s', (style) => {
    const object = objectOf(`apiVersion: v1\nkind: ConfigMap\ndata:\n  e.yaml: ${style}\n${POD.replace(/^(?=.)/gm, '    ')}`)
    expect(innerOf(object)[0]?.locate(['kind'])).toEqual({line: 6, column: 5})
  })

  test.each([['folded', '>'], ['quoted', JSON.stringify(POD)]])('are located at the key of a text that is %s', (_, style) => {
    const text = style === '>' ? POD.split('\n').map((line) => line && `    ${line}\n`).join('\n') : ''
    const [inner] = innerOf(objectOf(`apiVersion: v1\nkind: ConfigMap\ndata:\n  e.yaml: ${style}\n${text}`))
    expect(inner?.ref.name).toBe('inner')
    expect(inner?.locate(['spec', 'containers'])).toEqual({line: 4, column: 3})
  })

  test('are found in texts within the text, as in the configuration of Jenkins, also without a kind', () => {
    const jenkins = 'jenkins:\n  clouds:\n  - kubernetes:\n      templates:\n      - yaml: |\n          metadata: {labels: {a: b}}\n          spec:\n            containers:\n            - {name: c, image: docker}\n'
    const [inner, ...others] = innerOf(objectOf(`kind: ConfigMap\napiVersion: v1\nmetadata: {name: casc, namespace: ci}\ndata:\n  entry.yaml: |\n${jenkins.replace(/^(?=.)/gm, '    ')}`))
    expect(others).toEqual([])
    expect(inner?.ref).toEqual({apiVersion: 'v1', kind: 'Pod', namespace: 'ci', name: 'casc:entry.yaml'})
    expect(inner?.locate(['spec', 'containers', 0, 'image'])).toEqual({line: 14, column: 29})
  })

  test('are found in a configuration that has pods, at any depth', () => {
    const [inner, ...others] = innerOf(configMap('presubmits:\n  org/repo:\n  - name: job\n    spec:\n      containers:\n      - image: i\n  - spec: {containers: [{name: none}]}\n'))
    expect(others).toEqual([])
    expect(inner?.ref).toEqual({apiVersion: 'v1', kind: 'Pod', namespace: '', name: 'entry.yaml'})
    expect(inner?.locate(['spec', 'containers', 0, 'image'])).toEqual({line: 10, column: 13})
  })

  test('are found in patches of kustomize', () => {
    const [inner] = innerOf(objectOf('apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: d}\n'))
    expect(inner?.ref).toMatchObject({kind: 'Deployment', name: 'd'})
    expect(inner?.locate(['metadata'])).toEqual({line: 7, column: 5})
  })

  test('are located in a file that is a text itself', () => {
    const [inner] = objectsIn(asFile('values.yaml', `a: 1\npod: |\n  ${POD.replaceAll('\n', '\n  ')}\n`))
    expect(inner?.origin).toEqual({kind: 'manifest', file: 'dir/values.yaml'})
    expect(inner?.locate(['spec'])).toEqual({line: 6, column: 3})
  })

  test('of a node are of the node', () => {
    const [inner] = objectsIn({name: 'a', text: POD, origin: {kind: 'host-file', node: 'n', file: '/etc/a'}, ...textDataOf('a', POD)})
    expect(inner?.origin).toEqual({kind: 'node', node: 'n', file: '/etc/a'})
  })

  test('of an API server have no position', () => {
    const value = {apiVersion: 'v1', kind: 'ConfigMap', data: {'pod.yaml': POD}}
    const object: KubeObject = {ref: {apiVersion: 'v1', kind: 'ConfigMap', namespace: '', name: 'c'}, value, origin: {kind: 'cluster', context: 'x'}, locate: () => undefined}
    const [inner] = innerOf(object)
    expect(inner?.origin).toEqual({kind: 'cluster', context: 'x'})
    expect(inner?.locate(['kind'])).toBeUndefined()
  })

  test.each([
    ['values of a chart', 'image: x\ncontainers: [{image: a}]\n'], ['a compose file', 'services: {a: {image: b}}\n'], ['what cannot be read', 'apiVersion: v1\nkind: [\n'],
    ['a template', 'apiVersion: v1\nkind: {{ .x }}\n'], ['a spec without containers', 'spec: {containers: []}\n'],
  ])('are not found in %s', (_, text) => expect(objectsIn(asFile('a.yaml', text))).toEqual([]))

  test('within objects in texts within texts come to an end', () => {
    let text = POD
    for (let count = 0; count < 8; count++) text = `apiVersion: v1\nkind: ConfigMap\ndata:\n  a.yaml: |\n${text.replace(/^(?=.)/gm, '    ')}`
    let objects: readonly KubeObject[] = [objectOf(text)]
    for (let count = 0; count < 8; count++) objects = objects.flatMap(innerOf)
    expect(objects.map(({ref}) => ref.kind)).toEqual(['Pod'])
    expect(objects[0]?.locate(['kind'])).toEqual({line: 34, column: 33})
    expect(innerOf(objects[0] as KubeObject)).toEqual([])
  })
})
