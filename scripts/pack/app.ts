// SPDX-License-Identifier: Apache-2.0
// What is packed: chunks of CommonJS that bin/packed.ts loads from wherever they are, and what V8 made of them.
import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {build, type Plugin} from 'rolldown'
import {bundle, commandFiles} from '../bundle.ts'
import {replaced} from '../replaced.ts'

/**
 * Bundles the app into an empty folder: `loader.js`, the program that starts; chunks `app/FILE.js`; and `app/FILE.js.cache`, what
 * V8 compiled of each, for the architecture and the Node.js that made it alone.
 *
 * @param node the Node.js that compiles
 */
export async function packApp(root: string, dir: string, node: string): Promise<void> {
  const chunks = await bundle({root, dir: join(dir, 'app'), format: 'cjs', plugins: withoutFiles(root)})
  for (const {file, code} of chunks) writeFileSync(join(dir, 'app', file), asFunction(code))
  await build({
    cwd: root, input: 'bin/packed.ts', platform: 'node', logLevel: 'warn',
    output: {file: join(dir, 'loader.js'), format: 'cjs', minify: true},
  })
  const files = chunks.map(({file}) => `app/${file}`)
  execFileSync(node, ['--random-seed=1', join(root, 'scripts/pack/code-cache.ts'), dir, ...files], {stdio: 'inherit'})
}

/**
 * Makes oclif read no file: in one file there is none. The manifest and package.json become part of the bundle, and a command
 * or hook is an `import()` that the bundler sees.
 */
function withoutFiles(root: string): readonly Plugin[] {
  const read = (file: string) => JSON.stringify(readFileSync(join(root, file), 'utf8'))
  const virtual: Readonly<Record<string, string>> = {
    [MANIFEST]: manifestModule(root),
    [WHOLE_MANIFEST]: `export const manifest = JSON.parse(${read('oclif.manifest.json')})`,
  }
  return [
    {
      name: 'virtual-modules',
      resolveId: (id) => (Object.hasOwn(virtual, id) ? id : null),
      load: (id) => virtual[id],
    },
    {
      name: 'package-json-in-the-bundle',
      load: {
        filter: {id: /\/src\/package-json\.ts$/},
        handler: () => `export const ROOT = '/rtctl'\nexport const packageJson = () => JSON.parse(${read('package.json')})`,
      },
    },
    {
      name: 'manifest-in-the-bundle',
      transform: {
        filter: {id: /@oclif\/core\/lib\/config\/plugin\.js$/},
        handler: (code) => replaced(code, '(0, fs_1.readJson)(p)', `require('${MANIFEST}').manifestFor(process.argv.slice(2))`),
      },
    },
    {
      name: 'commands-in-the-bundle',
      load: {filter: {id: /@oclif\/core\/lib\/module-loader\.js$/}, handler: () => moduleLoader(root)},
    },
  ]
}

const ONLY_FOR_HELP = new Set(['flags', 'examples', 'description', 'summary'])

const [MANIFEST, WHOLE_MANIFEST] = ['virtual:manifest', 'virtual:whole-manifest']

/**
 * Where a command line names a command, oclif needs no more than the names of commands and the places of their chunks: reading the texts
 * of all help would be 180 kB at each start. The commands that ask for those of others write completions.
 */
function manifestModule(root: string): string {
  const {commands, version} = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {commands: Record<string, Record<string, unknown>>; version: string}
  const places = Object.fromEntries(Object.entries(commands).map(([id, command]) => {
    const place = Object.entries(command).filter(([key]) => !ONLY_FOR_HELP.has(key))
    return [id, Object.fromEntries(place)]
  }))
  return `
const places = JSON.parse(${JSON.stringify(JSON.stringify({commands: places, version}))})
function isCommand(argv) {
  if (argv.includes('--help')) return false
  const end = argv.findIndex((word) => !/^[a-z]/.test(word))
  const words = end < 0 ? argv : argv.slice(0, end)
  const ids = words.map((_, index) => words.slice(0, index + 1).join(':'))
  return ids.some((id) => Object.hasOwn(places.commands, id) && !id.endsWith('completion'))
}
export async function manifestFor(argv) {
  return isCommand(argv) ? places : (await import('${WHOLE_MANIFEST}')).manifest
}
`
}

/** Stands in for oclif's own module loader, which imports files by their paths. */
function moduleLoader(root: string): string {
  const files = ['src/cli/unknown-command.ts', ...commandFiles(root)]
  const entries = files.map((file) => {
    const built = file.replace(/^src\//, 'dist/').replace(/\.ts$/, '')
    return `${JSON.stringify(built)}: () => import(${JSON.stringify(join(root, file))})`
  })
  return `
const modules = {${entries.join(', ')}}
async function loaded(path) {
  const name = path.replace(/^\\/rtctl\\//, '').replace(/\\.js$/, '')
  if (!Object.hasOwn(modules, name)) throw Object.assign(new Error('nothing is packed as ' + name), {code: 'MODULE_NOT_FOUND'})
  return {filePath: path, isESM: true, module: await modules[name]()}
}
exports.load = async (config, path) => (await loaded(path)).module
exports.loadWithData = async (config, path) => loaded(path)
exports.loadWithDataFromManifest = async ({relativePath}, root) => loaded(root + '/' + relativePath.join('/'))
exports.isPathModule = () => true
`
}

/**
 * The source of a function that a chunk is, in ASCII: V8 then stores a byte for a character, not two.
 *
 * `import()` of a Node.js module is `process.getBuiltinModule()`: code that is compiled apart has no `import()`.
 */
function asFunction(code: string): string {
  const builtins = code.replaceAll(/\bimport\(([`"'])(node:[\w/]+)\1\)/g, '(async()=>process.getBuiltinModule("$2"))()')
  const ascii = builtins.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return `(function(exports,require,module,__filename){${ascii}\n})`
}
