// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync} from 'node:fs'
import {Script} from 'node:vm'
import {describe, expect, test} from 'vitest'
import {NODES, ROOT, spawned} from '../support/node.ts'

const RUN = `${ROOT}bin/run.js`

/** Runs bin/run.js as the script that a Node.js of this version would find in it. */
function runOn(version: string, ...argv: readonly string[]) {
  const pretend = `Object.defineProperty(process.versions, 'node', {value: '${version}'})`
  const preload = `data:text/javascript,${encodeURIComponent(pretend)}`
  return spawned(NODES[26], ['--import', preload, RUN, ...argv])
}

describe('bin/run.js on a Node.js that is too old', () => {
  test.each(['23.11.1', '20.20.2', '18.0.0', '12.22.12', '8.10.0'])('says on %s in one sentence what to do', (version) => {
    const {stdout, stderr, status} = runOn(version, '--version')
    expect(stderr).toBe(
      `rtctl needs Node.js 24 or newer, and this is ${version}: in a clone of the project run \`npx rtctl\`, ` +
        'elsewhere install Node.js 24.\n',
    )
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })

  test.each(['24.0.0', '26.10.0', '100.0.0'])('lets %s pass', (version) => {
    const {stdout, stderr} = runOn(version, '--version')
    expect(stdout).toMatch(/^rtctl\//)
    expect(stderr).toBe('')
  })

  test('can be parsed by an engine that knows neither modules nor this decade', () => {
    const source = readFileSync(RUN, 'utf8').replace(/^#!.*/, '')
    // import() is the one newer thing: Node.js before 13.2 stops at it with a syntax error of its own.
    const classic = source.replace(/\bimport\(/g, 'imported(')
    expect(() => new Script(classic)).not.toThrow()
    expect(classic).not.toMatch(/=>|`[^`]*\$\{|\?\.|\?\?|\b(?:const|let|class|async|await)\b|^\s*(?:import|export)\b/m)
  })

  test.each(olderNodes())('says it on the real Node.js %s of this machine', (version, node) => {
    const {stdout, stderr, status} = spawned(node, [RUN, 'inspect'])
    expect(stderr).toMatch(new RegExp(`^rtctl needs Node\\.js 24 or newer, and this is ${version}: .*\\n$`))
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })
})

/** Node.js of the system, where it is one that rtctl does not run on. */
function olderNodes(): [version: string, program: string][] {
  return ['/usr/bin/node', '/usr/local/bin/node']
    .filter((node) => existsSync(node))
    .map((node): [string, string] => [spawned(node, ['-p', 'process.versions.node']).stdout.trim(), node])
    .filter(([version]) => Number.parseInt(version, 10) < 24)
}
