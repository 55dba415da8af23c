// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {dump} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {parseManifest} from '../../../src/manifests/read.ts'
import type {JsonPath} from '../../../src/model/json.ts'
import type {Item, KubeObject, TextDocument} from '../../../src/model/kubernetes.ts'

const ORIGIN = {kind: 'manifest', file: 'a.yaml'} as const
const itemsOf = (text: string): readonly Item[] => [...parseManifest(text, ORIGIN)]
const objectsOf = (text: string): readonly KubeObject[] => itemsOf(text).flatMap((item) => (item.kind === 'object' ? [item.object] : []))
const skippedOf = (text: string) => itemsOf(text).flatMap((item) => (item.kind === 'skipped' ? [{line: item.line, reason: item.reason}] : []))
const textsOf = (text: string): readonly TextDocument[] => itemsOf(text).flatMap((item) => (item.kind === 'text' ? [item.text] : []))
const namesOf = (text: string): readonly string[] => objectsOf(text).map(({ref}) => `${ref.kind} ${ref.name}`)
const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`

describe('a manifest', () => {
  test.each([
    ['one document', pod('a'), ['Pod a']],
    ['several documents', `${pod('a')}---\n${pod('b')}`, ['Pod a', 'Pod b']],
    ['markers with comments, spaces and carriage returns', `--- # first\n${pod('a')}---  \r\n${pod('b')}...\n---\n${pod('c')}`, ['Pod a', 'Pod b', 'Pod c']],
    ['empty documents, comments and directives', `# head\n---\n---\n# Source: x\n---\n\n%YAML 1.2\n---\n${pod('a')}---\n`, ['Pod a']],
    ['a YAML list of objects', '- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n', ['Pod a']],
    ['a key twice, of which the last counts', `${pod('b')}metadata: {name: a}\n`, ['Pod a']],
    ['a document on the line of its marker', '--- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n', ['Pod a']],
    ['dashes that begin no document', `${pod('a')}data:\n  x: |\n    a\n    ---\n    b\n  y: ----\n`, ['Pod a']],
    ['JSON', JSON.stringify({apiVersion: 'v1', kind: 'Pod', metadata: {name: 'a'}}), ['Pod a']],
    ['JSON of several objects', JSON.stringify([{apiVersion: 'v1', kind: 'Pod', metadata: {name: 'a'}}, {apiVersion: 'v1', kind: 'Node', metadata: {name: 'b'}}]), ['Pod a', 'Node b']],
    ['a List', `apiVersion: v1\nkind: List\nitems:\n- ${pod('a').trimEnd().replaceAll('\n', '\n  ')}\n- {apiVersion: v1, kind: Node, metadata: {name: b}}\n- null\n`, ['Pod a', 'Node b']],
    ['a list of an API server, whose items do not say what they are', 'apiVersion: v1\nkind: PodList\nitems: [{metadata: {name: a}}]', ['Pod a']],
    ['a byte order mark', `\ufeff${pod('a')}`, ['Pod a']],
    ['carriage returns', pod('a').replaceAll('\n', '\r\n'), ['Pod a']],
    ['a generated name', 'apiVersion: v1\nkind: Pod\nmetadata: {generateName: a-}', ['Pod a-']],
    ['members of wrong types', 'apiVersion: v1\nkind: Pod\nmetadata: 5', ['Pod ']],
    ['a kind that only ends as lists do', 'apiVersion: a.b/v1\nkind: AllowList\nmetadata: {name: a}', ['AllowList a']],
  ])('is read: %s', (_, text, names) => {
    expect(namesOf(text)).toEqual(names)
    expect(skippedOf(text)).toEqual([])
  })

  test('is not taken for one object where the marker between two is missing, without a word', () => {
    const text = `# both\n${pod('a')}---\n${pod('b')}${pod('c')}`
    expect(namesOf(text)).toEqual(['Pod a', 'Pod c'])
    expect(skippedOf(text)).toEqual([{line: 9, reason: 'two objects without --- between them: kubectl and rtctl see only what the last one says'}])
  })

  test('tells what an object is and where it is from', () => {
    const [object] = objectsOf('apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: a, namespace: b}')
    expect(object).toMatchObject({ref: {apiVersion: 'apps/v1', kind: 'DaemonSet', namespace: 'b', name: 'a'}, origin: ORIGIN})
  })

  test.each([
    ['merge keys', 'x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}', {x: {a: 1, b: 2}, y: {a: 1, b: 3}}],
    ['the last of equal keys', 'a: 1\na: 2', {a: 2}],
    ['the booleans that kubectl knows', 'a: yes\nb: off', {a: true, b: false}],
    ['tags that it does not know', 'a: !reference [b, c]\nb: !x d\nc: !!binary aGk=\nd: !y {e: 1}', {a: ['b', 'c'], b: 'd', c: 'aGk=', d: {e: 1}}],
  ])('has %s', (_, text, value) => expect(objectsOf(`apiVersion: v1\nkind: X\n${text}`)[0]?.value).toEqual({apiVersion: 'v1', kind: 'X', ...value}))

  test('may have a key __proto__, which is a key', () => {
    const [object] = objectsOf('apiVersion: v1\nkind: X\n__proto__: {polluted: true}')
    expect(Object.hasOwn(object?.value ?? {}, '__proto__')).toBe(true)
    expect(({} as {polluted?: unknown}).polluted).toBeUndefined()
    expect((object?.value as {polluted?: unknown} | undefined)?.polluted).toBeUndefined()
    expect(objectsOf('apiVersion: v1\nkind: X\nmetadata: {name: a, __proto__: {namespace: evil}}\n')[0]?.ref.namespace).toBe('')
  })

  test('gives nothing of the content of a Secret', () => {
    const [object] = objectsOf('apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ntype: Opaque\ndata: {a: aGk=}\nstringData: {b: hi}')
    expect(object?.value).toEqual({apiVersion: 'v1', kind: 'Secret', metadata: {name: 'a'}, type: 'Opaque'})
  })

  test('of several documents is what its documents are', () => {
    const document = fc.oneof(fc.constantFrom(pod('a'), pod('b'), '', '# nothing\n', 'a: [\n', '{{ template }}\n'), fc.jsonValue().map((value) => dump({apiVersion: 'v1', kind: 'X', value})))
    fc.assert(fc.property(fc.array(document, {maxLength: 6}), (documents) => {
      const kept = (items: readonly Item[]) => items.flatMap((item): readonly unknown[] => (item.kind === 'object' ? [item.object.value] : item.kind === 'skipped' ? [item.reason] : []))
      expect(kept(itemsOf(documents.join('---\n')))).toEqual(documents.flatMap((one) => kept(itemsOf(one))))
    }))
  })
})

describe('what is no object', () => {
  test('makes the file a text, with its data', () => {
    const text = 'stages: [build]\nbuild: {script: [docker build .]}\n'
    expect(textsOf(text)).toEqual([{name: 'a.yaml', text, origin: {kind: 'file', file: 'a.yaml'}, data: {stages: ['build'], build: {script: ['docker build .']}}}])
  })

  test('has the data of the last document, behind a header', () => {
    expect(textsOf('spec: {inputs: {a: {}}}\n---\nbuild: {script: []}\n')[0]?.data).toEqual({build: {script: []}})
  })

  test('beside objects is no text', () => expect(textsOf(`a: 1\n---\n${pod('a')}`)).toEqual([]))
  test.each(['', '---\n', '# nothing\n', '# comment\n---\n\n'])('and is empty is nothing at all: %j', (text) => expect(itemsOf(text)).toEqual([]))

  test('on a node is a text of the node', () => {
    const [item] = parseManifest('a: 1', {kind: 'node', node: 'n', file: '/etc/x/a.yaml'})
    expect(item).toMatchObject({kind: 'text', text: {name: 'a.yaml', origin: {kind: 'host-file', node: 'n', file: '/etc/x/a.yaml'}}})
  })
})

describe('what cannot be read', () => {
  test('is skipped with its line, and the documents around it are read', () => {
    const text = `${pod('a')}---\napiVersion: v1\nkind: [\n---\n${pod('b')}`
    expect(namesOf(text)).toEqual(['Pod a', 'Pod b'])
    expect(skippedOf(text)).toEqual([{line: expect.toSatisfy((line: number) => line >= 5 && line <= 7), reason: expect.stringMatching(/^no YAML: \S/)}])
  })

  test.each([
    ['a template with blocks', '{{- if .Values.on }}\napiVersion: v1\nkind: Pod\n{{- end }}\n', /helm template/],
    ['a template with a value', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n', /helm template/],
    ['an alias of nothing', 'a: *b', /alias/],
    ['tabs as indentation', 'a:\n\tb: 1\n', /tab/],
    ['a control character', 'a: "\u001b[31m"', /no YAML/],
    ['an alias that contains itself', 'a: &a [*a]', /contains itself/],
    ['collections too deep', `a: ${'['.repeat(101)}${']'.repeat(101)}`, /nest|depth/],
    ['JSON too deep', `${'['.repeat(50_000)}${']'.repeat(50_000)}`, /deep|depth|nest/],
    ['collections too deep by aliases', `a: &a0 [x]\n${Array.from({length: 300}, (_, index) => `b: &a${index + 1} [*a${index}]\n`).join('')}`, /deep/],
  ])('is skipped: %s', (_, text, reason) => {
    expect(objectsOf(text)).toEqual([])
    expect(skippedOf(text)).toEqual([{line: expect.any(Number), reason: expect.stringMatching(reason)}])
  })

  test('is skipped where aliases stand for a thousand million of texts, at once', () => {
    const levels = Array.from({length: 9}, (_, level) => `a${level + 1}: &a${level + 1} [${Array.from({length: 10}, () => `*a${level}`).join(', ')}]`)
    const text = `apiVersion: v1\nkind: X\na0: &a0 lol\n${levels.join('\n')}\n`
    expect(skippedOf(text)).toEqual([{line: 1, reason: expect.stringContaining('aliases that stand for too much')}])
    expect(skippedOf(text.replace(/a[4-9]: .*\n/g, ''))).toEqual([])
  })

  test('is skipped where merge keys bring in more than there is, soon', () => {
    const text = `apiVersion: v1\nkind: X\nz: &z {${Array.from({length: 2000}, (_, index) => `k${index}: 1`).join(', ')}}\n${Array.from({length: 20_000}, (_, index) => `m${index}: {<<: *z}\n`).join('')}`
    const started = performance.now()
    expect(skippedOf(text)).toEqual([{line: expect.any(Number), reason: expect.stringContaining('merge keys')}])
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('is skipped as a document that is too long, and the next one has its line', () => {
    const long = `apiVersion: v1\nkind: X\n${'a: 1\n'.repeat(2_000_000)}`
    const text = `${pod('a')}---\n${long}---\n${pod('b')}`
    expect(namesOf(text)).toEqual(['Pod a', 'Pod b'])
    expect(skippedOf(text)).toEqual([{line: 4, reason: 'a document of more than 8 MiB'}])
    expect(objectsOf(text)[1]?.locate(['kind'])).toEqual({line: 2_000_009, column: 1})
  })

  test('never throws', () => {
    fc.assert(fc.property(fc.string({unit: 'binary', maxLength: 200}), (text) => itemsOf(text).length >= 0))
    const noise = fc.array(fc.constantFrom('a', ': ', '- ', '\n', '  ', '---\n', '{', '}', '[', ']', '&a ', '*a', '|\n', '>-\n', '"', "'", '<<: ', '!x ', '? ', '#', '{{', '}}', 'kind: Pod\n', 'apiVersion: v1\n', '\t', '\r\n', '\u0000'), {maxLength: 60})
    fc.assert(fc.property(noise, (words) => {
      for (const object of objectsOf(words.join(''))) object.locate(['kind'])
    }), {numRuns: 2000})
  })
})

describe('the place of a value', () => {
  const text = [
    '# head', '---', 'apiVersion: v1', 'kind: Pod', 'metadata:', '  name: a', // 1–6
    '  annotations: {x/y: "1", \'z\': 2}', 'spec: &spec', '  volumes:', '  - name: d', // 7–10
    '    hostPath: {path: /run, type: ""}', '  - &v', '    name: e', '  - |', '    text', // 11–15
    '  - "quoted"', '  - !t x', 'merged:', '  <<: *spec', '  own: *spec', // 16–20
    '"volumes": 1', 'empty:', '- ', 'dup: 1', 'dup: 2', // 21–25
  ].join('\n')
  const [object] = objectsOf(text)

  test.each<[JsonPath, number, number]>([
    [[], 3, 1], [['kind'], 4, 1], [['metadata', 'name'], 6, 3], [['metadata', 'annotations', 'x/y'], 7, 17], [['metadata', 'annotations', 'z'], 7, 27],
    [['spec'], 8, 1], [['spec', 'volumes', 0], 10, 5], [['spec', 'volumes', 0, 'hostPath', 'path'], 11, 16], [['spec', 'volumes', 0, 'hostPath', 'type'], 11, 28],
    [['spec', 'volumes', 1], 12, 5], [['spec', 'volumes', 1, 'name'], 13, 5], [['spec', 'volumes', 2], 14, 5], [['spec', 'volumes', 3], 16, 5], [['spec', 'volumes', 4], 17, 5],
    [['merged', 'volumes'], 9, 3], [['merged', 'own'], 20, 3], [['merged', 'own', 'volumes', 0, 'name'], 10, 5], [['volumes'], 21, 1], [['dup'], 25, 1],
  ])('%j is line %i, column %i', (path, line, column) => expect(object?.locate(path)).toEqual({line, column}))

  test.each<[string, JsonPath]>([
    ['is not there', ['spec', 'nothing']], ['is beyond a list', ['spec', 'volumes', 9]], ['takes no room', ['empty', 0]],
    ['would be within a text', ['kind', 'a']], ['would be a member of a list', ['spec', 'volumes', 'name']],
  ])('is not known where it %s', (_, path) => expect(object?.locate(path)).toBeUndefined())

  test('is right in later documents, in Lists, and on the line of the marker', () => {
    const later = `${pod('a')}---\r\n${pod('b').replaceAll('\n', '\r\n')}--- {apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: Pod}, {apiVersion: v1,\n kind: Pod, a: b}]}`
    expect(objectsOf(later).map((one) => one.locate(['kind']))).toEqual([
      {line: 2, column: 1}, {line: 6, column: 1}, {line: 8, column: 59}, {line: 9, column: 2},
    ])
  })

  test('is right in JSON, with tabs and escapes', () => {
    const [json] = objectsOf('{\n\t"apiVersion": "v1",\n\t"kind": "X",\n\t"a\\u0062": [1,\n\t\t{"c": 2}]\n}')
    expect(json?.locate(['ab'])).toEqual({line: 4, column: 2})
    expect(json?.locate(['ab', 1, 'c'])).toEqual({line: 5, column: 4})
  })

  // Trees whose every key and scalar occurs once: a search for the word finds the same place.
  const {tree} = fc.letrec<{tree: unknown}>((tie) => ({
    tree: fc.oneof({depthSize: 'small'}, fc.constant(0), fc.array(tie('tree'), {minLength: 1, maxLength: 4}), fc.array(tie('tree'), {minLength: 1, maxLength: 4}).map((members) => ({members}))),
  }))
  function named(shape: unknown, next: () => string, path: JsonPath, places: Map<string, JsonPath>): unknown {
    if (Array.isArray(shape)) {
      return shape.map((item: unknown, index) => {
        const value = named(item, next, [...path, index], places)
        if (typeof value === 'string') places.set(value, [...path, index])
        return value
      })
    }
    if (typeof shape !== 'object' || shape === null) return next()
    return Object.fromEntries((shape as {members: readonly unknown[]}).members.map((item) => {
      const key = next()
      places.set(key, [...path, key])
      return [key, named(item, next, [...path, key], places)]
    }))
  }

  test('is where a search for the word finds it, in every style of YAML', () => {
    const styles = fc.record({indent: fc.constantFrom(2, 4), flowLevel: fc.constantFrom(-1, 1, 2, 3), seqNoIndent: fc.boolean(), quoteFlowKeys: fc.boolean(), forceQuotes: fc.boolean(), json: fc.boolean()})
    fc.assert(fc.property(tree, styles, (shape, {json, ...style}) => {
      let count = 0
      const places = new Map<string, JsonPath>()
      const value = {apiVersion: 'v1', kind: 'X', tree: named(shape, () => `w${count++}w`, ['tree'], places)}
      const written = json ? JSON.stringify(value, null, style.indent) : `# head\n---\n${dump(value, style)}`
      const [found] = objectsOf(written)
      expect(found?.value).toEqual(value)
      const lines = written.split('\n')
      for (const [word, path] of places) {
        const line = lines.findIndex((one) => one.includes(word))
        const column = (lines[line] ?? '').indexOf(word)
        const quoted = /["']/.test(lines[line]?.[column - 1] ?? '') ? 0 : 1
        expect({path, ...found?.locate(path)}).toEqual({path, line: line + 1, column: column + quoted})
      }
    }), {numRuns: 500})
  })
})
