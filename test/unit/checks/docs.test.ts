// SPDX-License-Identifier: Apache-2.0
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {checksDocs, FOLDER} from '../../../scripts/generate-checks-docs.ts'
import {checks} from '../../../src/checks/index.ts'

const pages = await checksDocs()

test('docs/checks is what the generator makes of the checks there are', () => {
  expect(globSync('*', {cwd: FOLDER}).toSorted()).toEqual([...pages.keys()].toSorted())
  const stale = [...pages].filter(([file, text]) => readFileSync(join(FOLDER, file), 'utf8') !== text).map(([file]) => file)
  expect(stale, 'run node scripts/generate-checks-docs.ts').toEqual([])
})

test('docs/checks has a page for every check of the index, and the table links to each', () => {
  expect([...pages.keys()].toSorted()).toEqual(['README.md', ...checks.map(({id}) => `${id}.md`)].toSorted())
  for (const {id} of checks) expect(pages.get('README.md')).toContain(`[\`${id}\`](${id}.md)`)
})

test('no page of docs/checks leaves a block of code open', () => {
  const open = [...pages].filter(([, text]) => {
    let fence = ''
    for (const line of text.split('\n')) {
      const marks = /^`{3,}/.exec(line)?.[0] ?? ''
      if (fence === '') fence = marks
      else if (marks.length >= fence.length && line === marks) fence = ''
    }
    return fence !== ''
  })
  expect(open.map(([file]) => file)).toEqual([])
})

test('every page of docs/checks can be read: no example is a text of kilobytes that says nothing', () => {
  expect([...pages].filter(([, text]) => text.length > 48 * 1024).map(([file]) => file)).toEqual([])
})
