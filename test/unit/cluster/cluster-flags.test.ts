// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {clusterOptions} from '../../../src/cli/preflight/cluster-flags.ts'

const folder = mkdtempSync(join(tmpdir(), 'rtctl-kubeconfig-'))
const at = (name: string) => join(folder, name)
beforeAll(() => {
  mkdirSync(at('.kube'))
  for (const name of ['.kube/config', 'a', 'b']) writeFileSync(at(name), `# ${name}\n`)
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

describe('the kubeconfig', () => {
  const paths = (flags: object, environment: Record<string, string>) => clusterOptions(flags, {HOME: folder, ...environment}).kubeconfig.map(({path, text}) => [path, text])

  test('is the one of the flag, whatever the environment says', () => {
    expect(paths({kubeconfig: at('a')}, {KUBECONFIG: at('b')})).toEqual([[at('a'), '# a\n']])
  })
  test('is every file of KUBECONFIG that is there', () => {
    expect(paths({}, {KUBECONFIG: [at('a'), '', at('missing'), at('b')].join(delimiter)})).toEqual([[at('a'), '# a\n'], [at('b'), '# b\n']])
  })
  test('is the one in the home folder otherwise', () => expect(paths({}, {KUBECONFIG: ''})).toEqual([[at('.kube/config'), '# .kube/config\n']]))
  test('may be missing: then it is for the service account of a pod', () => expect(paths({}, {HOME: at('nobody')})).toEqual([]))

  test.each([
    [{kubeconfig: at('missing')}, {}, 'missing cannot be read: ENOENT'], [{kubeconfig: at('.kube')}, {}, '.kube is a directory'],
    [{}, {KUBECONFIG: at('missing')}, 'None of the files of KUBECONFIG is there'],
  ])('that cannot be read is a mistake: %j %j', (flags, environment, message) => {
    expect(() => paths(flags, environment)).toThrow(message)
  })
})

describe('namespaces', () => {
  test('are taken once each', () => expect(clusterOptions({namespace: ['team', 'ci', 'team']}, {HOME: folder}).namespaces).toEqual(['team', 'ci']))
  test.each(['a,b', '../x', 'Team', '', '-a', 'x'.repeat(64)])('that cannot be are refused: %s', (name) => {
    expect(() => clusterOptions({namespace: [name]}, {HOME: folder})).toThrow('no namespace can be named')
  })
})
