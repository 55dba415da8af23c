// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {dump} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {parseManifest} from '../../../src/manifests/read.ts'
import {DocumentSplitter, LONGEST_DOCUMENT} from '../../../src/manifests/split.ts'
import type {Item, KubeObject} from '../../../src/model/kubernetes.ts'

const parse = (text: string): readonly Item[] => [...parseManifest(text, {kind: 'manifest', file: 'a.yaml'})]
const objects = (text: string): readonly KubeObject[] => parse(text).flatMap((item) => (item.kind === 'object' ? [item.object] : []))
const skipped = (text: string) => parse(text).flatMap((item) => (item.kind === 'skipped' ? [item] : []))
const names = (text: string): readonly string[] => objects(text).map(({ref: {kind, namespace, name}}) => `${kind} ${namespace}/${name}`)

const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n  namespace: ns\n`

describe('a manifest', () => {
  test.each([
    ['one document', pod('a')],
    ['a document between separators', `---\n${pod('a')}---\n`],
    ['comments, empty documents and ends of documents', `# made by a tool\n---\n# Source: x.yaml\n---\n${pod('a')}...\n---\n   \n`],
    ['a separator with a comment', `--- # first\n${pod('a')}`],
    ['a document on the line of its separator', '--- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ns}}\n'],
    ['JSON', JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'a', namespace: 'ns'}}, null, 2)],
    ['a List', `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a, namespace: ns}\n`],
    ['a PodList', `apiVersion: v1\nkind: PodList\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ns}}\n`],
    ['a list of objects', `- {apiVersion: v1, kind: Pod, metadata: {name: a, namespace: ns}}\n`],
    ['a byte order mark', `\ufeff${pod('a')}`],
    ['line ends of Windows', `---\r\n${pod('a').replaceAll('\n', '\r\n')}---\r\n`],
    ['a key twice, of which the last counts', `${pod('b')}metadata: {name: a, namespace: ns}\n`],
  ])('is read from %s', (_, text) => {
    expect(skipped(text)).toEqual([])
    expect(names(text)).toEqual(['Pod ns/a'])
  })

  test('is more than one object', () => expect(names(`${pod('a')}---\n${pod('b')}---\n${pod('c')}`)).toEqual(['Pod ns/a', 'Pod ns/b', 'Pod ns/c']))

  test('has no separator inside of a block scalar', () => {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  x: |\n    ---\n    b: 1\n`
    expect(objects(text)[0]?.value['data']).toEqual({x: '---\nb: 1\n'})
  })

  test.each([['nothing', ''], ['a marker', '---\n'], ['comments', '# nothing\n']])(
    'is nothing where there is only %s', (_, text) => expect(parse(text)).toEqual([]),
  )

  test('is skipped where it is no YAML, with its line, and what follows is read', () => {
    const text = `${pod('a')}---\nkind: Pod\n  bad: [1\n---\n${pod('b')}`
    expect(names(text)).toEqual(['Pod ns/a', 'Pod ns/b'])
    expect(skipped(text)).toEqual([{kind: 'skipped', file: 'a.yaml', line: expect.any(Number), reason: expect.stringMatching(/^no YAML: /)}])
    expect(skipped(text)[0]?.line).toBeGreaterThanOrEqual(7)
  })

  test('is skipped where it is a template that is not rendered, and says so', () => {
    expect(skipped('{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n')[0]?.reason).toContain('render it first')
  })

  test('takes no alias for a reason to grow without end', () => {
    const lines = Array.from({length: 30}, (_, i) => (i === 0 ? 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]' : `a${i}: &a${i} [${Array.from({length: 10}, () => `*a${i - 1}`).join(', ')}]`))
    const started = performance.now()
    expect(() => parse(`${lines.join('\n')}\napiVersion: v1\nkind: Pod\nmetadata: {name: a}\n`)).not.toThrow()
    expect(performance.now() - started).toBeLessThan(3000)
  })

  test('is not fooled by names of prototypes', () => {
    const [object] = objects('apiVersion: v1\nkind: Pod\nmetadata: {name: a, __proto__: {namespace: evil}}\n')
    expect(object?.ref.namespace).toBe('')
    expect(({} as Record<string, unknown>)['namespace']).toBeUndefined()
  })

  test('never throws', () => {
    fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 200}), (text) => parse(text).length >= 0))
    const yamlish = fc.array(fc.constantFrom('---\n', 'kind: Pod\n', '  ', '- ', '{', '}', '[', '&a ', '*a ', 'a: ', '|\n', '"', "'", '\t', '!!x ', '...\n', '{{ x }}')).map((parts) => parts.join(''))
    fc.assert(fc.property(yamlish, (text) => parse(text).length >= 0), {numRuns: 500})
  })

  test('put together of documents is the documents put together', () => {
    const document = fc.record({apiVersion: fc.constant('v1'), kind: fc.constantFrom('Pod', 'Service'), metadata: fc.record({name: fc.stringMatching(/^[a-z]{1,8}$/)}), data: fc.jsonValue()})
    fc.assert(fc.property(fc.array(document, {maxLength: 5}), (documents) => {
      const found = objects(documents.map((one) => `---\n${dump(one)}`).join('')).map(({value}) => value)
      expect(JSON.stringify(found)).toBe(JSON.stringify(documents))
    }))
  })
})

describe('the position of a value', () => {
  const text = `# one\n${pod('a')}---\n# two\napiVersion: v1\nkind: Pod\nmetadata: {name: b, labels: {app: x}}\nspec:\n  volumes:\n    - name: v\n      hostPath:\n        path: /var/run\n    - {name: w}\n`
  const [first, second] = objects(text)

  test.each([
    [first, ['kind'], {line: 3, column: 1}],
    [first, ['metadata', 'name'], {line: 5, column: 3}],
    [second, ['kind'], {line: 10, column: 1}],
    [second, ['metadata', 'labels', 'app'], {line: 11, column: 30}],
    [second, ['spec', 'volumes', 0, 'hostPath', 'path'], {line: 16, column: 9}],
    [second, ['spec', 'volumes', 1], {line: 17, column: 7}],
    [second, ['spec', 'volumes', 1, 'name'], {line: 17, column: 8}],
    [second, ['spec', 'nothing'], undefined],
    [second, ['spec', 'volumes', 7], undefined],
    [second, ['spec', 'volumes', 'x'], undefined],
  ])('is that of its key or item: %#', (object, path, position) => expect(object?.locate(path)).toEqual(position))

  test('is in the file, also in a List', () => {
    const list = `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n`
    expect(objects(list)[0]?.locate(['metadata', 'name'])).toEqual({line: 7, column: 5})
  })

  test('is right in JSON', () => {
    const json = JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'a'}}, null, 2)
    expect(objects(json)[0]?.locate(['metadata', 'name'])).toEqual({line: 5, column: 5})
  })

  test('of every key is where the key stands', () => {
    const tree = fc.dictionary(fc.stringMatching(/^k[a-z0-9]{3,8}$/), fc.oneof(fc.string(), fc.integer(), fc.dictionary(fc.stringMatching(/^q[a-z0-9]{3,8}$/), fc.boolean())), {maxKeys: 6})
    fc.assert(fc.property(tree, (data) => {
      const yaml = dump({apiVersion: 'v1', kind: 'Thing', data})
      const lines = yaml.split('\n')
      const [object] = objects(yaml)
      for (const key of Object.keys(data)) {
        const at = object?.locate(['data', key])
        expect(lines[(at?.line ?? 0) - 1]?.slice((at?.column ?? 0) - 1)).toMatch(new RegExp(`^${key}:`))
      }
    }))
  })
})

describe('a text that comes in pieces', () => {
  const split = (pieces: readonly string[]) => {
    const splitter = new DocumentSplitter()
    return [...pieces.flatMap((piece) => [...splitter.push(piece)]), ...splitter.end()]
  }

  test('is cut at the same places as the whole', () => {
    const text = `a: 1\n---\nb: 2\n--- # c\nc: |\n  ---\n...\n---\nd: 4`
    fc.assert(fc.property(fc.array(fc.nat(text.length), {maxLength: 6}), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length]
      expect(split(at.slice(1).map((end, i) => text.slice(at[i], end)))).toEqual(split([text]))
    }))
  })

  test('keeps no document that is too long, and goes on after it with the right lines', () => {
    const line = `${'x'.repeat(1023)}\n`
    const long = Array.from({length: LONGEST_DOCUMENT / 1024 + 10}, () => line)
    const parts = split(['a: 1\n---\n', ...long, '---\nb: 2\n'])
    expect(parts.map(({text}) => text)).toEqual(['a: 1\n', undefined, '---\nb: 2\n'])
    expect(parts.at(-1)?.line).toBe(2 + long.length)
  })
})
