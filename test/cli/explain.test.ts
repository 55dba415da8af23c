// SPDX-License-Identifier: Apache-2.0
import {spawnSync} from 'node:child_process'
import {stripVTControlCharacters} from 'node:util'
import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest'
import {rtctl} from './support.ts'

beforeEach(() => {
  vi.stubEnv('NO_COLOR', '')
  vi.stubEnv('FORCE_COLOR', '0')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

const widest = (text: string) => Math.max(...text.split('\n').map((line) => Array.from(line).length))
/** Lines but those of an address, which cannot be broken. */
const prose = (text: string) => text.split('\n').filter((line) => !line.includes('https://')).join('\n')

describe('rtctl explain', () => {
  test('without a term it lists everything by layer from top to bottom, one line of at most 80 columns each', async () => {
    const {stdout, stderr, status} = await rtctl('explain')
    const headings = stdout.split('\n').filter((line) => /^\S/.test(line))
    expect(headings).toEqual([
      'Orchestration', 'CRI', 'Engine', 'Shim', 'OCI runtime', 'Sandbox', 'Containers',
      'Clients', 'Network', 'Storage', 'Image builders', 'Agents', 'Standards and terms',
    ])
    expect(stdout).toMatch(/^ {2}dockershim +CRI for Docker inside the kubelet, until 1\.23$/m)
    expect(widest(stdout)).toBeLessThanOrEqual(80)
    expect(stdout).not.toContain('…')
    expect(stderr).toBe('')
    expect(status).toBe(0)
  })

  test('with a term it tells what, why, who calls, whom it calls, standards, history, how to see it and where from', async () => {
    const {stdout, status} = await rtctl('explain', 'dockershim')
    expect(stdout).toMatch(/^dockershim {2}library · CRI\n\nWhat {7}A CRI server for Docker/)
    const labels = stdout.split('\n').flatMap((line) => /^([A-Z][a-z]+( [a-z]+)?)( {2}|$)/.exec(line)?.[1] ?? [])
    expect(labels).toEqual(['What', 'Why', 'Called by', 'Calls', 'Standards', 'History', 'See it', 'Also', 'Sources'])
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('gone in 1.24 (2022-05-03)')
    expect(widest(prose(stdout))).toBeLessThanOrEqual(80)
    expect(status).toBe(0)
  })

  test('a term may be an alias of several words, or the same with dashes', async () => {
    expect(await rtctl('explain', 'docker compose')).toEqual(await rtctl('explain', 'Docker-Compose'))
  })

  test('an unknown term is an error of usage that names what is near', async () => {
    expect(await rtctl('explain', 'dokershim')).toEqual({
      stdout: '',
      stderr: 'rtctl: The glossary has no `dokershim`.\nDid you mean `rtctl explain dockershim`?\n',
      status: 2,
    })
  })

  test('a near name of two words is given so that it can be typed', async () => {
    const {stderr} = await rtctl('explain', 'pod sandbax')
    expect(stderr).toContain('`rtctl explain "pod sandbox"`')
  })

  test('a term like nothing, with escapes in it, is answered without obeying them', async () => {
    const {stderr, status} = await rtctl('explain', '\u001b[31mzzzzzzzzzz')
    expect(stderr).toBe('rtctl: The glossary has no `\\x1b[31mzzzzzzzzzz`.\nSee `rtctl explain` for all it has.\n')
    expect(status).toBe(2)
  })

  test('--json gives the entry, with patterns as text', async () => {
    const {stdout, status} = await rtctl('explain', 'runc', '--json')
    const entry = JSON.parse(stdout)
    expect(entry).toMatchObject({name: 'runc', layer: 'oci', role: 'oci-runtime'})
    expect(entry.fingerprints).toEqual([{program: 'runc'}, {comm: String.raw`/^runc:\[/`}])
    expect(status).toBe(0)
  })

  test('--json without a term gives all entries', async () => {
    const entries = JSON.parse((await rtctl('explain', '--json')).stdout)
    expect(entries.length).toBeGreaterThan(130)
  })

  test('--json of an unknown term is an error as JSON', async () => {
    const {stdout, status} = await rtctl('explain', 'dokershim', '--json')
    expect(JSON.parse(stdout)).toMatchObject({error: {message: 'The glossary has no `dokershim`.', exitCode: 2}})
    expect(status).toBe(2)
  })

  test('colour is used when it is asked for, and changes nothing else', () => {
    const {NO_COLOR: _, ...env} = process.env
    const run = (extra: Readonly<Record<string, string>>, ...flags: readonly string[]) =>
      spawnSync(process.execPath, ['bin/dev.js', 'explain', 'cri', ...flags], {
        encoding: 'utf8',
        env: {...env, ...extra},
      }).stdout
    const colored = run({FORCE_COLOR: '1'})
    expect(colored).toContain('\u001b[1mCRI\u001b[22m')
    const plain = stripVTControlCharacters(colored)
    expect(run({FORCE_COLOR: '0'})).toBe(plain)
    expect(run({FORCE_COLOR: '1'}, '--no-color')).toBe(plain)
    expect(run({FORCE_COLOR: '1', NO_COLOR: '1'})).toBe(plain)
  })

  test('a wide terminal gets lines of at most 100 columns, a narrow one gets its own', async () => {
    const {columns} = process.stdout
    try {
      process.stdout.columns = 200
      const wide = prose((await rtctl('explain', 'containerd')).stdout)
      process.stdout.columns = 50
      const narrow = prose((await rtctl('explain', 'containerd')).stdout)
      expect(widest(wide)).toBeGreaterThan(85)
      expect(widest(wide)).toBeLessThanOrEqual(100)
      expect(widest(narrow)).toBeLessThanOrEqual(50)
      expect(wide.replaceAll(/\s+/g, ' ')).toBe(narrow.replaceAll(/\s+/g, ' '))
    } finally {
      process.stdout.columns = columns
    }
  })

  test('its help has examples', async () => {
    const {stdout} = await rtctl('explain', '--help')
    expect(stdout).toContain('$ rtctl explain dockershim')
    expect(stdout).toContain('$ rtctl explain [TERM]')
  })
})
