// SPDX-License-Identifier: Apache-2.0
import {execFileSync, spawnSync} from 'node:child_process'
import {closeSync, linkSync, mkdirSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join, relative} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {readManifests} from '../../../src/manifests/read.ts'
import type {Item} from '../../../src/model/kubernetes.ts'
import {UserError} from '../../../src/model/user-error.ts'
import {ROOT} from '../../support/node.ts'

let folder = ''
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'rtctl-manifests-'))))
afterAll(() => rmSync(folder, {recursive: true, force: true}))

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n'

/** A folder of its own for a test. */
function written(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const own = join(folder, name)
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(own, file)), {recursive: true})
    writeFileSync(join(own, file), content)
  }
  return own
}

async function read(...inputs: readonly string[]): Promise<readonly Item[]> {
  const items: Item[] = []
  for await (const item of readManifests(inputs)) items.push(item)
  return items
}

/** What came of each file, by its path below a folder. */
async function results(own: string, ...inputs: readonly string[]): Promise<readonly string[]> {
  const said = (file: string, word: string) => `${relative(own, file)}: ${word}`
  return (await read(...(inputs.length === 0 ? [own] : inputs))).flatMap((item) => {
    switch (item.kind) {
      case 'file':
        return []
      case 'object':
        return [said(item.object.origin.kind === 'manifest' ? item.object.origin.file : '?', `${item.object.ref.kind} ${item.object.ref.name}`)]
      case 'text':
        return [said(item.text.origin.kind === 'file' ? item.text.origin.file : '?', 'text')]
      case 'skipped':
        return [said(item.file, item.reason)]
      case 'gap':
        return [said(item.gap.source, `gap, ${item.gap.reason}`)]
    }
  })
}

describe('a folder', () => {
  test('gives manifests, pipelines and scripts by name, in order, and leaves the rest', async () => {
    const own = written('tree', {
      'b.yaml': POD, 'a.yml': POD, 'c/d.json': '{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}', 'c/values.yaml': 'a: 1',
      'Jenkinsfile.release': 'pipeline {}', 'vars/build.groovy': 'podTemplate {}', '.gitlab-ci.yml': 'b: {script: []}', '.drone.yml': 'kind: pipeline\n---\nkind: secret', 'Dockerfile': 'FROM a',
      '.github/workflows/ci.yml': 'on: push', 'x.sh': 'docker ps', 'fluent-bit.conf': '[SERVICE]', 'config.toml': 'a = 1',
      'README.md': '# no', 'main.go': 'package a', 'package-lock.json': '{}',
      '.git/x.yaml': POD, '.terraform/x.yaml': POD, 'node_modules/a/x.yaml': POD,
    })
    expect(await results(own)).toEqual([
      '.drone.yml: text', '.github/workflows/ci.yml: text', '.gitlab-ci.yml: text', 'Dockerfile: text', 'Jenkinsfile.release: text', 'a.yml: Pod a', 'b.yaml: Pod a',
      'c/d.json: Node n', 'c/values.yaml: text', 'config.toml: text', 'fluent-bit.conf: text', 'vars/build.groovy: text', 'x.sh: text',
    ])
    expect(await results(own, join(own, '.git'), join(own, 'node_modules/a'), join(own, 'README.md'))).toEqual(['.git/x.yaml: Pod a', 'node_modules/a/x.yaml: Pod a', 'README.md: text'])
  })

  test('with links that lead in circles, to the same file and nowhere is read once', async () => {
    const own = written('links', {'a/x.yaml': POD, 'b/y.yaml': POD})
    symlinkSync('..', join(own, 'a/up'))
    symlinkSync('../b', join(own, 'a/beside'))
    symlinkSync('x.yaml', join(own, 'a/z.yaml'))
    symlinkSync('nothing', join(own, 'b/gone.yaml'))
    symlinkSync('self.yaml', join(own, 'b/self.yaml'))
    symlinkSync('nothing', join(own, 'b/gone'))
    linkSync(join(own, 'a/x.yaml'), join(own, 'b/hard.yaml'))
    expect(await results(own)).toEqual([
      'a/beside/gone.yaml: a link that leads nowhere', 'a/beside/hard.yaml: Pod a', 'a/beside/self.yaml: a link that leads nowhere', 'a/beside/y.yaml: Pod a', 'a/x.yaml: Pod a',
    ])
    expect(await results(own, join(own, 'b/y.yaml'), own, join(own, 'b'))).toHaveLength(5)
  })

  test('that may not be read is a gap, and so is a file; the rest is read', () => {
    const own = written('closed', {'a.yaml': POD, 'b/x.yaml': POD, 'c.yaml': POD})
    execFileSync('chmod', ['0', join(own, 'b'), join(own, 'c.yaml')])
    execFileSync('chmod', ['755', folder, own])
    const script = `import {readManifests} from ${JSON.stringify(join(ROOT, 'src/manifests/read.ts'))}
      if (process.getuid() === 0) process.setuid(65534)
      for await (const item of readManifests([${JSON.stringify(own)}])) console.log(item.kind, item.gap?.source ?? '', item.gap?.reason ?? '')`
    const {stdout, stderr} = spawnSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8'})
    execFileSync('chmod', ['700', join(own, 'b'), join(own, 'c.yaml')])
    expect({stdout, stderr}).toEqual({stdout: `file  \nobject  \ngap ${own}/b EACCES\ngap ${own}/c.yaml EACCES\n`, stderr: ''})
  })
})

describe('an input', () => {
  test('may be a pattern, in order of names and with folders in it', async () => {
    const own = written('pattern', {'b/x.yaml': POD, 'a/y.yaml': POD, 'a/z.txt': 'no', 'a/deep/q.yml': POD, 'node_modules/m/x.yaml': POD})
    expect(await results(own, join(own, '**/*.yaml'))).toEqual(['a/y.yaml: Pod a', 'b/x.yaml: Pod a'])
    expect(await results(own, join(own, 'a/**'))).toEqual(['a/deep/q.yml: Pod a', 'a/y.yaml: Pod a'])
    expect(await results(own, join(own, '{a,b}/*.{yaml,txt}'))).toEqual(['a/y.yaml: Pod a', 'a/z.txt: text', 'b/x.yaml: Pod a'])
  })

  test('may have a name that looks like a pattern', async () => {
    const own = written('brackets', {'[a].yaml': POD})
    expect(await results(own, join(own, '[a].yaml'))).toEqual(['[a].yaml: Pod a'])
  })

  test('that names nothing is an error, before anything is read', async () => {
    const own = written('some', {'a.yaml': POD})
    await expect(read(own, join(own, 'nothing.yaml'))).rejects.toThrow(UserError)
    await expect(read(join(own, 'a.yaml/b'))).rejects.toThrow(/There is no file or folder/)
    await expect(read(join(own, '*.nothing'))).rejects.toThrow(/matches nothing/)
    const items = readManifests([own, join(own, 'nothing.yaml')])
    await expect(items.next()).rejects.toThrow(UserError)
  })

  test.each([
    ['once', `${POD}---\n${POD}`, 'file -\nobject a\nobject a\n'],
    ['and that nothing comes there is a gap', '', 'gap nothing came\n'],
  ])('may be standard input: %s', (_, input, expected) => {
    const script = `import {readManifests} from ${JSON.stringify(join(ROOT, 'src/manifests/read.ts'))}
      for await (const item of readManifests(['-', '-'])) console.log(item.kind, item.object?.ref.name ?? item.gap?.reason ?? item.file)`
    const {stdout} = spawnSync(process.execPath, ['--input-type=module', '-e', script], {encoding: 'utf8', input})
    expect(stdout).toBe(expected)
  })

  test('that is no file does not make it wait', async () => {
    const own = written('special', {'a.yaml': POD})
    execFileSync('mkfifo', [join(own, 'fifo.yaml')])
    expect(await results(own)).toEqual(['a.yaml: Pod a'])
    expect(await results(own, join(own, 'fifo.yaml'))).toEqual([expect.stringMatching(/^fifo\.yaml: gap, no regular file/)])
  })

  test('without a telling name is what it looks like', async () => {
    const own = written('names', {dump: POD, other: '{\n  "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "j"}\n}', script: '#!/bin/sh\ncat <<EOF\nkind: Pod\nEOF\n', words: 'some words\n', list: '[{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "l"}}]'})
    expect(await results(own, ...['dump', 'other', 'words', 'script', 'list'].map((name) => join(own, name)))).toEqual(['dump: Pod a', 'other: Pod j', 'words: text', 'script: text', 'list: Pod l'])
  })
})

describe('the content of a file', () => {
  test('keeps characters whole that lie across two reads', async () => {
    const begin = `\ufeffapiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n#`
    const own = written('characters', Object.fromEntries([...'12345'].map((before) => {
      const filled = begin + 'x'.repeat(2 ** 20 - Buffer.byteLength(begin) - Number(before))
      return [`${before}.yaml`, `${filled}\u{1f433}é€é€\n  labels: {text: "é€\u{1f433}"}\n`]
    })))
    const objects = (await read(own)).flatMap((item) => (item.kind === 'object' ? [item.object] : []))
    const found = objects.map((object) => [object.value['metadata'], object.locate(['metadata', 'labels'])])
    expect(found).toEqual(Array.from({length: 5}, () => [{name: 'a', labels: {text: 'é€\u{1f433}'}}, {line: 6, column: 3}]))
    const long = 'é€\u{1f433}'.repeat(200_000)
    expect((await read(written('script', {'a.sh': long}))).flatMap((item) => (item.kind === 'text' ? [item.text.text === long] : []))).toEqual([true])
  })

  test('may be UTF-16 and have a byte order mark', async () => {
    const utf16 = Buffer.from(`\ufeff${POD}`, 'utf16le')
    const own = written('encodings', {'16be.yaml': Buffer.from(utf16).swap16(), '16le.yaml': utf16, '8.yaml': `\ufeff${POD}`, 'latin1.yaml': Buffer.from(`${POD}# \xe9\n`, 'latin1')})
    expect(await results(own)).toEqual(['16be.yaml: Pod a', '16le.yaml: Pod a', '8.yaml: Pod a', 'latin1.yaml: Pod a'])
  })

  test('that is binary, empty or no YAML is said to be so', async () => {
    const own = written('bad', {'binary.yaml': Buffer.from([1, 0, 2]), 'empty.yaml': '', 'helm.yaml': 'a: {{ .b }}\n---\n{{- c }}\n', 'invalid.yaml': `a: [\n---\n${POD}`})
    expect(await results(own)).toEqual([
      'binary.yaml: no text: it has NUL characters', 'helm.yaml: a template: render it first, with `helm template` say', 'helm.yaml: a template: render it first, with `helm template` say',
      expect.stringMatching(/^invalid\.yaml: no YAML: /), 'invalid.yaml: Pod a',
    ])
  })

  test('may be 100 MB: its documents are read, in bounded memory, and the one that is too long is not', () => {
    const own = written('large', {})
    mkdirSync(own)
    const file = join(own, 'large.yaml')
    const descriptor = openSync(file, 'w')
    const documents = `---\n${POD}data: ${'x'.repeat(10_000)}\n`.repeat(100)
    for (let count = 0; count < 90; count++) writeSync(descriptor, documents)
    writeSync(descriptor, `---\n${POD}data:\n${'  - some words of a list\n'.repeat(500_000)}---\n${POD.replace('a}', 'last}')}`)
    closeSync(descriptor)
    const script = `import {readManifests} from ${JSON.stringify(join(ROOT, 'src/manifests/read.ts'))}
      import {readFileSync} from 'node:fs'
      let [count, place] = [0]
      const others = []
      for await (const item of readManifests([${JSON.stringify(file)}])) {
        if (item.kind === 'object') { count++; place = item.object.locate(['kind']).line } else others.push(item.kind + ' ' + (item.line ?? '') + ' ' + (item.reason ?? ''))
      }
      console.log(JSON.stringify({count, place, others, peak: Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024}))`
    const {stdout, stderr} = spawnSync(process.execPath, ['--max-old-space-size=120', '--input-type=module', '-e', script], {encoding: 'utf8'})
    expect(stderr).toBe('')
    const {peak, ...rest} = JSON.parse(stdout) as {readonly peak: number}
    expect(rest).toEqual({count: 9001, place: 545_008, others: ['file  ', 'skipped 45001 a document of more than 8 MiB']})
    expect(peak).toBeLessThan(300)
    rmSync(file)
  }, 60_000)
})
