// SPDX-License-Identifier: Apache-2.0
import {globSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {publint} from 'publint'
import {formatMessage} from 'publint/utils'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {billOfMaterials, readShipped} from '../../scripts/pack/sbom.ts'
import {NODES, ROOT, spawned} from '../support/node.ts'

interface Packed {
  readonly name: string
  readonly version: string
  readonly filename: string
  readonly size: number
  readonly unpackedSize: number
  readonly files: readonly {readonly path: string; readonly mode: number}[]
}

const MEGABYTE = 1_000_000

/** What it holds besides dist/ and the schemas. */
const BESIDES = ['LICENSE', 'README.md', 'bin/run.js', 'fixtures/dockershim-node/snapshot.jsonl', 'oclif.manifest.json', 'package.json']

let folder: string
let packed: Packed

/** npm, away from the user's settings and from the network. */
const npm = (...args: readonly string[]) =>
  spawned('npm', [...args, '--ignore-scripts', '--offline', '--no-audit', '--no-fund', '--no-update-notifier'], {
    npm_config_cache: join(folder, 'cache'), npm_config_userconfig: join(folder, 'npmrc'),
  })

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-npm-'))
  const {stdout, stderr, status} = npm('pack', '--json', '--pack-destination', folder)
  if (status !== 0) throw new Error(`npm pack: ${stderr}`)
  const answer = JSON.parse(stdout)
  packed = Array.isArray(answer) ? answer[0] : Object.values<Packed>(answer)[0]
})
afterAll(() => rmSync(folder, {recursive: true, force: true}))

const paths = () => packed.files.map(({path}) => path)

describe('the package that npm publishes', () => {
  test('holds what is needed to run, what is documented to be there, and nothing else', () => {
    const schemas = globSync('schemas/*.json', {cwd: ROOT})
    expect(paths().filter((path) => !path.startsWith('dist/')).sort()).toEqual([...BESIDES, ...schemas].sort())
  })

  test('holds the bundle, and of it programs, the notices and the list of packages alone', () => {
    const dist = paths().filter((path) => path.startsWith('dist/'))
    expect(dist).toEqual(expect.arrayContaining(['dist/main.js', 'dist/cli/unknown-command.js', 'dist/THIRD-PARTY-LICENSES.txt', 'dist/third-party.json']))
    expect(dist.filter((path) => !/^dist\/(?:main|cli\/[\w-]+|commands\/[\w/-]+|chunks\/[\w.-]+)\.js$/.test(path))).toEqual([
      'dist/THIRD-PARTY-LICENSES.txt', 'dist/third-party.json',
    ])
  })

  test('has one file that can be executed, which is the one of bin', () => {
    expect(packed.files.filter(({mode}) => (mode & 0o111) !== 0).map(({path}) => path)).toEqual(['bin/run.js'])
  })

  test('stays within its size: 1.5 MB to fetch and 5 MB on disk', () => {
    expect(packed.size).toBeLessThan(1.5 * MEGABYTE)
    expect(packed.unpackedSize).toBeLessThan(5 * MEGABYTE)
  })

  test('satisfies publint', async () => {
    const {messages, pkg} = await publint({strict: true, pack: {tarball: new Uint8Array(readFileSync(join(folder, packed.filename))).buffer}})
    const problems = messages.filter(({type}) => type !== 'suggestion')
    expect(problems.map((message) => formatMessage(message, pkg ?? {}, {color: false}))).toEqual([])
  })

  test('is a program and no library: nobody can come to depend on its insides', () => {
    const pjson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(pjson).toMatchObject({name: packed.name, version: packed.version, license: 'Apache-2.0', type: 'module', bin: {rtctl: 'bin/run.js'}})
    for (const field of ['main', 'types', 'dependencies', 'optionalDependencies', 'peerDependencies', 'private']) expect(pjson[field]).toBeUndefined()
  })

  test.each(Object.entries(NODES))('installs into an empty folder without network or scripts, and runs on Node.js %s', (major, node) => {
    const home = mkdtempSync(join(folder, `home-${major}-`))
    writeFileSync(join(home, 'package.json'), '{}')
    const {status, stderr} = npm('install', '--prefix', home, join(folder, packed.filename))
    expect({status, stderr}).toEqual({status: 0, stderr: ''})
    expect(globSync('node_modules/*', {cwd: home})).toEqual(['node_modules/rtctl'])
    const program = join(home, 'node_modules/.bin/rtctl')
    expect(spawned(node, [program, '--version']).stdout).toContain(`rtctl/${packed.version} `)
    const inspect = spawned(node, [program, 'inspect', '--from', join(home, 'node_modules/rtctl/fixtures/dockershim-node/snapshot.jsonl')])
    expect(inspect).toMatchObject({stderr: '', stdout: expect.stringContaining('dockershim')})
  })
})

describe('the bill of materials of this build', () => {
  test('names every package of the notices, and the Node.js that is shipped', () => {
    const {version} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const {components} = JSON.parse(billOfMaterials(readShipped({root: ROOT, version, epoch: 0})))
    const named: readonly string[] = components.filter(({type}: {type: string}) => type === 'library')
      .map(({group, name, version: of}: {group?: string; name: string; version: string}) => `${group === undefined ? '' : `${group}/`}${name} ${of}`)
    const notices = readFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
    expect(named.toSorted()).toEqual([...notices.matchAll(/-{80}\n\n(\S+ \d\S*) \(/g)].map(([, one]) => one ?? '').sort())
    expect(named.length).toBeGreaterThan(30)
    const node = components.find(({name, type}: {name: string; type: string}) => name === 'node' && type === 'platform')
    expect(`v${node.version}`).toBe(spawned(NODES[26], ['--version']).stdout.trim())
    expect(node.components.map(({name}: {name: string}) => name)).toEqual(expect.arrayContaining(['openssl', 'v8', 'uv', 'zlib']))
  })
})
