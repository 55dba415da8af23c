// SPDX-License-Identifier: Apache-2.0
// The rules of docs/architecture.md, asserted on the source itself.
import {globSync, readFileSync} from 'node:fs'
import {dirname, join, normalize} from 'node:path'
import {describe, expect, test} from 'vitest'
import {findCycle, outlineOf, type Outline} from './support/imports.ts'
import {ROOT} from './support/node.ts'

/** Which rooms the files of a room may import from, besides their own. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ['cli', 'package-json'],
  commands: ['cli', 'app', 'checks', 'cri', 'logs', 'render', 'streaming', 'model'],
  cli: ['app', 'checks', 'cluster', 'components', 'cri', 'host', 'manifests', 'model', 'render', 'streaming'],
  app: [
    'chain', 'checks', 'components', 'config', 'cri', 'host', 'images', 'logs', 'manifests', 'migrate', 'model', 'needs', 'plan', 'probes', 'render',
    'streaming',
  ],
  probes: ['components', 'cri', 'host', 'model'],
  chain: ['components', 'model'],
  checks: ['model'],
  needs: ['checks', 'components', 'model'],
  config: ['model'],
  plan: ['model'],
  images: ['cri', 'model'],
  migrate: ['cluster', 'cri', 'host', 'images', 'model'],
  manifests: ['model'],
  cluster: ['model'],
  render: ['components', 'model'],
  host: ['model'],
  cri: ['model'],
  streaming: ['model'],
  logs: ['model'],
  components: ['model'],
  model: [],
  'package-json': [],
}

/** Node.js modules that reach the machine, and the rooms or single files that may use them. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  // src/cri/socket-path.ts opens the folder of a socket whose path is too long to connect to; it reads no file.
  'node:fs': ['host', 'logs', 'manifests', 'migrate', 'cli', 'package-json', 'src/cri/socket-path.ts'],
  'node:child_process': ['host', 'migrate'],
  'node:net': ['host', 'cri', 'images', 'probes', 'streaming'],
  'node:tls': ['streaming'],
  'node:http': ['cluster', 'images', 'migrate', 'probes'],
}

/** Packages that only some need and that take long to load: never by a static import outside their room. */
const HEAVY: Readonly<Record<string, readonly string[]>> = {
  '@kubernetes/client-node': [],
  dockerode: [],
  'ps-list': [],
  '@grpc/grpc-js': ['cri'],
  '@bufbuild/protobuf': ['cri'],
  ws: ['streaming'],
  'tar-stream': [],
}

/** Work left for later, tools told to look away, and words that better ones have replaced; apt and the kubelet have settings of such names. */
const FORBIDDEN_WORDS = /(?<![Pp]ackage-|metadata-)\b(?:blacklist|whitelist|TODO|FIXME|XXX|HACK|@ts-ignore|@ts-nocheck|eslint-disable)\b/

type Files = ReadonlyMap<string, Outline>

const roomOf = (file: string) => /^src\/([^/]+?)(?:\.ts)?(?:\/|$)/.exec(file)?.[1] ?? 'outside'
const nodeModule = (specifier: string) => /^(node:[a-z_]+)/.exec(specifier)?.[1] ?? specifier
const target = (file: string, specifier: string) => normalize(join(dirname(file), specifier))

function relativeImports(file: string, outline: Outline) {
  return outline.imports
    .filter(({specifier}) => specifier.startsWith('.'))
    .map(({specifier, kind}) => ({to: target(file, specifier), kind}))
}

/** Imports of another room that the table does not allow. */
function forbiddenRooms(files: Files): string[] {
  return [...files].flatMap(([file, outline]) =>
    relativeImports(file, outline)
      .filter(({to}) => roomOf(to) !== roomOf(file) && !MAY_IMPORT[roomOf(file)]?.includes(roomOf(to)))
      .map(({to}) => `${file} imports ${to}`),
  )
}

/** Uses of the machine outside the rooms that may reach it. */
function openDoors(files: Files): string[] {
  return [...files].flatMap(([file, outline]) =>
    outline.imports
      .filter(({specifier, kind}) => kind !== 'type' && !mayOpen(file, DOORS[nodeModule(specifier)]))
      .map(({specifier}) => `${file} imports ${specifier}`),
  )
}

function mayOpen(file: string, allowed: readonly string[] | undefined): boolean {
  return allowed === undefined || allowed.includes(roomOf(file)) || allowed.includes(file)
}

/** Static imports of a heavy package where only import() is allowed. */
function heavyImports(files: Files): string[] {
  return [...files].flatMap(([file, outline]) =>
    outline.imports
      .filter(({specifier, kind}) => kind === 'static' && heavyRooms(specifier)?.includes(roomOf(file)) === false)
      .map(({specifier}) => `${file} imports ${specifier}`),
  )
}

function heavyRooms(specifier: string): readonly string[] | undefined {
  const name = Object.keys(HEAVY).find((heavy) => specifier === heavy || specifier.startsWith(`${heavy}/`))
  return name === undefined ? undefined : HEAVY[name]
}

/** What the `cri` commands are made of: they have an endpoint to talk to. */
const FOR_CRI = /^src\/(?:app|cli|commands)\/cri\//

/** Static ways by which src/cri and its gRPC would be loaded although no CRI endpoint is there. */
function eagerCri(files: Files): string[] {
  return [...files].flatMap(([file, outline]) =>
    relativeImports(file, outline)
      .filter(({to, kind}) => kind === 'static' && roomOf(file) !== 'cri' && !FOR_CRI.test(file) && reachesGrpc(to, files))
      .map(({to}) => `${file} imports ${to}`),
  )
}

function reachesGrpc(file: string, files: Files, seen = new Set<string>()): boolean {
  if (roomOf(file) !== 'cri' || seen.has(file)) return false
  seen.add(file)
  const imports = files.get(file)?.imports.filter(({kind}) => kind === 'static') ?? []
  return imports.some(({specifier}) =>
    specifier.startsWith('.') ? reachesGrpc(target(file, specifier), files, seen) : heavyRooms(specifier) !== undefined,
  )
}

function fileGraph(files: Files): Map<string, string[]> {
  const graph = [...files].map(([file, outline]) => [
    file,
    relativeImports(file, outline).filter(({kind}) => kind !== 'type').map(({to}) => to),
  ] as const)
  return new Map(graph.map(([file, to]) => [file, [...to]]))
}

function roomGraph(files: Files): Map<string, string[]> {
  const graph = new Map<string, string[]>()
  for (const [file, outline] of files) {
    const rooms = relativeImports(file, outline).map(({to}) => roomOf(to)).filter((room) => room !== roomOf(file))
    graph.set(roomOf(file), [...new Set([...(graph.get(roomOf(file)) ?? []), ...rooms])])
  }
  return graph
}

const sources = globSync('src/**/*.ts', {cwd: ROOT}).map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const)
const files: Files = new Map(sources.map(([file, text]) => [file, outlineOf(text, file)]))
const generated = (file: string) => file.includes('/gen/')

describe('the source', () => {
  test('is all there to be looked at', () => {
    expect([...new Set(sources.map(([file]) => roomOf(file)))].sort()).toEqual(Object.keys(MAY_IMPORT).sort())
    expect([...files.values()].flatMap(({imports}) => imports).length).toBeGreaterThan(sources.length)
  })

  test('imports only the rooms that its own room may know', () => expect(forbiddenRooms(files)).toEqual([]))
  test('imports only files that exist', () => {
    const missing = [...fileGraph(files)].flatMap(([file, to]) => to.filter((path) => !files.has(path)).map((path) => `${file} → ${path}`))
    expect(missing).toEqual([])
  })
  test('has no cycle between files', () => expect(findCycle(fileGraph(files))).toBeUndefined())
  test('has no cycle between rooms', () => expect(findCycle(roomGraph(files))).toBeUndefined())
  test('reaches the machine only through the rooms that are its doors', () => expect(openDoors(files)).toEqual([]))
  test('loads dockerode, gRPC and ps-list only when they are needed', () => {
    expect(heavyImports(files)).toEqual([])
    expect(eagerCri(files)).toEqual([])
  })

  test('does nothing when it is loaded', () => {
    expect([...files].flatMap(([file, {effects}]) => effects.map((effect) => `${file}: ${effect}`))).toEqual([])
  })

  test('has a default-exported class in every file of src/commands', () => {
    const commands = [...files].filter(([file]) => roomOf(file) === 'commands')
    expect(commands.filter(([, outline]) => !outline.exportsDefaultClass).map(([file]) => file)).toEqual([])
    expect(commands.length).toBeGreaterThan(0)
  })

  test('gives every import its .ts suffix', () => {
    const bare = [...files].flatMap(([file, outline]) => relativeImports(file, outline).filter(({to}) => !/\.[jt]s$/.test(to)).map(({to}) => `${file}: ${to}`))
    expect(bare).toEqual([])
  })
})

describe('every file written by hand', () => {
  const patterns = ['src/**/*.ts', 'test/**/*.ts', 'scripts/**/*.{ts,cjs}', 'bench/**/*.ts', 'vitest.config.ts']
  const written = patterns
    .flatMap((pattern) => globSync(pattern, {cwd: ROOT, exclude: (name) => name === 'node_modules'}))
    .filter((file) => !generated(file))
    .map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const)

  test('names its licence on the first line', () => {
    const without = written.filter(([, text]) => !/^(#!.*\n)?\/\/ SPDX-License-Identifier: Apache-2\.0\n/.test(text))
    expect(without.map(([file]) => file)).toEqual([])
  })

  test('leaves nothing for later and silences no tool', () => {
    const bad = written.filter(([file, text]) => file !== 'test/architecture.test.ts' && FORBIDDEN_WORDS.test(text))
    expect(bad.map(([file, text]) => `${file}: ${FORBIDDEN_WORDS.exec(text)?.[0]}`)).toEqual([])
  })
})

describe('these rules', () => {
  const outlines = (samples: Readonly<Record<string, string>>): Files =>
    new Map(Object.entries(samples).map(([file, text]) => [file, outlineOf(text, file)]))

  test.each([
    ['import', "import {a} from '../probes/a.ts'"],
    ['type import', "import type {A} from '../probes/a.ts'"],
    ['import for its effect', "import '../probes/a.ts'"],
    ['import over several lines', "import {\n  a,\n  // from './b.ts'\n} from\n  '../probes/a.ts'"],
    ['re-export', "export {a} from '../probes/a.ts'"],
    ['re-export of everything', "export * from '../probes/a.ts'"],
    ['import()', "export const load = () => import('../probes/a.ts')"],
    ['import() in a type', "export type A = import('../probes/a.ts').A"],
    ['require()', "export const load = () => require('../probes/a.ts')"],
  ])('see a forbidden %s', (_, text) => {
    expect(forbiddenRooms(outlines({'src/model/x.ts': text}))).toEqual(['src/model/x.ts imports src/probes/a.ts'])
  })

  test('are not fooled by comments and strings', () => {
    const text = "// import '../probes/a.ts'\n/* from '../probes/b.ts' */\nexport const a = `import '../probes/c.ts'`"
    expect(forbiddenRooms(outlines({'src/model/x.ts': text}))).toEqual([])
  })

  test('see a door that stands open', () => {
    const text = "import {readFileSync} from 'node:fs'\nconst {access} = await import('node:fs/promises')\nprocess.getBuiltinModule('node:child_process')"
    expect(openDoors(outlines({'src/chain/x.ts': text, 'src/host/x.ts': text}))).toEqual([
      'src/chain/x.ts imports node:fs',
      'src/chain/x.ts imports node:fs/promises',
      'src/chain/x.ts imports node:child_process',
    ])
  })

  test('see a heavy package that is loaded too early, itself or through src/cri', () => {
    const samples = outlines({
      'src/probes/a.ts': "import Docker from 'dockerode'",
      'src/probes/b.ts': "import {open} from '../cri/client.ts'",
      'src/probes/c.ts': "const {open} = await import('../cri/client.ts')",
      'src/cri/client.ts': "import {Client} from '@grpc/grpc-js'",
    })
    expect(heavyImports(samples)).toEqual(['src/probes/a.ts imports dockerode'])
    expect(eagerCri(samples)).toEqual(['src/probes/b.ts imports src/cri/client.ts'])
  })

  test('see cycles between files and between rooms, but not types alone as a cycle of files', () => {
    const cycle = outlines({'src/host/a.ts': "import '../probes/b.ts'", 'src/probes/b.ts': "import '../host/a.ts'"})
    expect(findCycle(fileGraph(cycle))).toEqual(['src/host/a.ts', 'src/probes/b.ts', 'src/host/a.ts'])
    expect(findCycle(roomGraph(cycle))).toEqual(['host', 'probes', 'host'])
    const types = outlines({'src/host/a.ts': "import type {B} from './b.ts'", 'src/host/b.ts': "import './a.ts'"})
    expect(findCycle(fileGraph(types))).toBeUndefined()
  })

  test.each([
    ['a call', 'register()'],
    ['a branch', 'if (process.env.X) y = 1'],
    ['a top-level await', 'export const a = await load()'],
    ['an assignment', 'globalThis.x = 1'],
  ])('see %s when a module is loaded', (_, text) => {
    expect(outlineOf(text, 'x.ts').effects).toHaveLength(1)
  })

  test('take a command without a default-exported class for what it is', () => {
    expect(outlineOf('export class A {}', 'x.ts').exportsDefaultClass).toBe(false)
    expect(outlineOf('export default class A {}', 'x.ts').exportsDefaultClass).toBe(true)
  })
})
