// SPDX-License-Identifier: Apache-2.0
import {cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {NODES, ROOT, spawned} from '../support/node.ts'

const packageJson = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))

/** The files that `npm pack` would ship, alone in a folder: nothing of the clone, no node_modules beside them. */
let shipped: string

beforeAll(() => {
  shipped = mkdtempSync(join(tmpdir(), 'rtctl-artefact-'))
  for (const part of ['bin/run.js', 'dist', 'oclif.manifest.json', 'package.json']) {
    cpSync(`${ROOT}${part}`, join(shipped, part), {recursive: true})
  }
})
afterAll(() => rmSync(shipped, {recursive: true}))

describe.each(Object.entries(NODES))('what is shipped, on Node.js %s', (major, node) => {
  const rtctl = (...argv: readonly string[]) => spawned(node, [join(shipped, 'bin/run.js'), ...argv])

  test('is run by that Node.js and knows its version', () => {
    const {stdout, stderr, status} = rtctl('--version')
    expect(stdout).toMatch(new RegExp(`^rtctl/${packageJson.version} \\S+ node-v${major}\\.`))
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('lists every command, from the manifest', () => {
    const manifest = JSON.parse(readFileSync(join(shipped, 'oclif.manifest.json'), 'utf8'))
    const ids: string[] = Object.keys(manifest.commands)
    const topics = new Set(ids.flatMap((id) => (id.includes(':') ? [id.split(':', 1)[0] ?? ''] : [])))
    for (const topic of ['', ...topics]) {
      const {stdout, stderr, status} = rtctl(...(topic === '' ? [] : [topic]), '--help')
      for (const id of ids.filter((one) => one.split(':').length === (topic === '' ? 1 : 2) && one.startsWith(topic))) {
        expect(stdout).toContain(`\n  ${id.replaceAll(':', ' ')} `)
      }
      if (topic !== '') expect(rtctl('--help').stdout).toContain(`\n  ${topic} `)
      expect(stderr).toBe('')
      expect(status).toBe(0)
    }
  })

  test('loads every command and shows its help', () => {
    const manifest = JSON.parse(readFileSync(join(shipped, 'oclif.manifest.json'), 'utf8'))
    for (const id of Object.keys(manifest.commands)) {
      const {stdout, stderr, status} = rtctl(...id.split(':'), '--help')
      expect(stdout).toContain('USAGE')
      expect({id, stderr, status}).toEqual({id, stderr: '', status: 0})
    }
  })

  test('runs a command', () => {
    const {stdout, stderr, status} = rtctl('completion', 'bash')
    expect(stdout).toMatch(/^complete -F _rtctl rtctl$/m)
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('answers a mistyped command with the one that was meant, and status 2', () => {
    const {stdout, stderr, status} = rtctl('completio', 'bash')
    expect(stderr).toBe('rtctl: There is no command `completio`.\nDid you mean `rtctl completion`?\n')
    expect(stdout).toBe('')
    expect(status).toBe(2)
  })

  test('runs for a user whom the system does not know, as containers have', () => {
    const run = ['--user', '--map-user=54321', 'env', '-i', node, join(shipped, 'bin/run.js'), 'completion', 'bash']
    const {stderr, status} = spawned('unshare', run)
    expect({stderr, status}).toEqual({stderr: '', status: 0})
  })

  test('works through a symlink, as npm installs it', () => {
    const link = join(shipped, `rtctl-${major}`)
    symlinkSync(join(shipped, 'bin/run.js'), link)
    expect(spawned(node, [link, '--version']).status).toBe(0)
  })
})

describe('the built package', () => {
  test('has no dependency to install: everything is in the bundle', () => {
    expect(packageJson.dependencies).toBeUndefined()
    expect(packageJson.optionalDependencies).toBeUndefined()
  })

  test('ships the licences of what is in the bundle', () => {
    const notices = readFileSync(join(shipped, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
    expect(notices).toMatch(/^@oclif\/core \S+ \(MIT\)$/m)
    expect(notices.match(/Permission is hereby granted/g)?.length).toBeGreaterThan(5)
  })

  test('names a file for every entry of bin, and only files that exist', () => {
    for (const file of Object.values<string>(packageJson.bin)) expect(existsSync(`${ROOT}${file}`)).toBe(true)
  })

  test('without dist/ it says in one sentence how to build it', () => {
    const bare = mkdtempSync(join(tmpdir(), 'rtctl-bare-'))
    try {
      cpSync(`${ROOT}bin/run.js`, join(bare, 'bin/run.js'))
      cpSync(`${ROOT}package.json`, join(bare, 'package.json'))
      const {stderr, status} = spawned(NODES[26], [join(bare, 'bin/run.js'), '--version'])
      expect(stderr).toBe('rtctl is not built: run `npm ci` (or `npm run build`) in its folder first.\n')
      expect(status).toBe(1)
    } finally {
      rmSync(bare, {recursive: true})
    }
  })
})
