// SPDX-License-Identifier: Apache-2.0
import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {withoutExamples} from '../../../scripts/without-examples.ts'
import {ROOT} from '../../support/node.ts'

test('examples go, and everything else stays as it is written', () => {
  const code = "export const checks = [nodeCheck({id: 'a', examples: {fail: [{files: {x: '}'}}], pass: [{}]}, run: () => []}), podCheck({examples: MANY})]"
  expect(withoutExamples(code)).toBe("export const checks = [nodeCheck({id: 'a', examples: undefined, run: () => []}), podCheck({examples: undefined})]")
  expect(withoutExamples("const examples = {a: 'examples: {}'}")).toBe("const examples = {a: 'examples: {}'}")
})

test('every file of checks loses its examples', () => {
  const files = globSync('src/checks/*/*.ts', {cwd: ROOT}).filter((file) => !/^src\/checks\/(?:lib|tables)\//.test(file))
  const kept = files.filter((file) => !withoutExamples(readFileSync(join(ROOT, file), 'utf8')).includes('examples: undefined'))
  expect(files.length).toBeGreaterThan(100)
  expect(kept).toEqual([])
})
