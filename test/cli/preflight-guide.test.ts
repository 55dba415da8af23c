// SPDX-License-Identifier: Apache-2.0
// What docs/preflight.md promises of the command line and of the files it reads.
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, expect, test} from 'vitest'
import {checks} from '../../src/checks/index.ts'
import {readConfig} from '../../src/cli/preflight/config-file.ts'
import Preflight from '../../src/commands/preflight.ts'
import {ROOT} from '../support/node.ts'

const guide = readFileSync(join(ROOT, 'docs/preflight.md'), 'utf8')
const blocks = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text!)
const folder = mkdtempSync(join(tmpdir(), 'rtctl-guide-'))
afterAll(() => rmSync(folder, {recursive: true}))

test('the guide names only flags that the command has', () => {
  const own = guide.replaceAll(/--collector\S*|--config\.custom\S*/g, '')
  const used = new Set([...own.matchAll(/(?<![\w-])--([a-z][a-z-]+)/g)].map(([, flag]) => flag!))
  expect(used.size).toBeGreaterThan(10)
  expect([...used].filter((flag) => !Object.hasOwn(Preflight.flags, flag))).toEqual([])
})

test('the guide names every format, and no other', () => {
  const table = /^\| `-o` .*?\n\n/ms.exec(guide)![0]
  const named = [...table.matchAll(/^\| ((?:`\w+`(?:, )?)+) \|/gm)].flatMap(([, cell]) => cell!.replaceAll('`', '').split(', ')).filter((name) => name !== '-o')
  expect(named.toSorted()).toEqual([...(Preflight.flags.output as unknown as {readonly options: readonly string[]}).options].toSorted())
})

test('the settings in the guide are read', async () => {
  const settings = blocks.filter((text) => /^(?:waivers|target):/m.test(text))
  expect(settings).toHaveLength(2)
  for (const text of settings) {
    const file = join(folder, 'settings.yaml')
    writeFileSync(file, text)
    const {waivers, kubernetes, ignore} = await readConfig(file, checks.map(({id}) => id))
    expect(waivers.length + ignore.length).toBe(1)
    expect(kubernetes ?? '1.35').toBe('1.35')
  }
})

test('the guide links only to files that are there', () => {
  const targets = [...guide.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) => join(ROOT, 'docs', target!))
  expect(targets.length).toBeGreaterThan(5)
  for (const target of targets) expect(() => readFileSync(target)).not.toThrow()
})
