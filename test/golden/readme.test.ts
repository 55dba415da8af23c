// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

test('the picture in the README is what `npm start` draws of the captured dockershim node', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const picture = readFileSync(join(ROOT, 'fixtures/dockershim-node/golden/tree.txt'), 'utf8')
  const shown = /```console\n\$ sudo rtctl inspect\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(shown).not.toBe('')
  expect(picture.startsWith(shown) || picture === shown, 'copy the top of fixtures/dockershim-node/golden/tree.txt into README.md').toBe(true)
})

test('the report in the README is what `rtctl preflight` says of the captured dockershim node', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const report = readFileSync(join(ROOT, 'fixtures/dockershim-node/golden/preflight.txt'), 'utf8')
  const shown = /```console\n\$ sudo rtctl preflight[^\n]*\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(shown.length).toBeGreaterThan(200)
  expect(report.startsWith(shown), 'copy the top of fixtures/dockershim-node/golden/preflight.txt into README.md').toBe(true)
})

test('the plan in the README is what `rtctl migrate` says of the captured dockershim node', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
  const plan = readFileSync(join(ROOT, 'fixtures/dockershim-node/golden/migrate-containerd.txt'), 'utf8')
  const shown = /```console\n\$ sudo rtctl migrate[^\n]*\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  expect(shown.length).toBeGreaterThan(200)
  expect(plan.startsWith(shown), 'copy the top of fixtures/dockershim-node/golden/migrate-containerd.txt into README.md').toBe(true)
})
