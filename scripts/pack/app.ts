// SPDX-License-Identifier: Apache-2.0
// What is packed: chunks of CommonJS that bin/packed.ts loads from wherever they are, and what V8 made of them.
import {execFileSync} from 'node:child_process'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {build, type Plugin} from 'rolldown'
import {bundle, commandFiles} from '../bundle.ts'

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
  return [
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
        handler: (code) => replaced(code, '(0, fs_1.readJson)(p)', `JSON.parse(${read('oclif.manifest.json')})`),
      },
    },
    {
      name: 'commands-in-the-bundle',
      load: {filter: {id: /@oclif\/core\/lib\/module-loader\.js$/}, handler: () => moduleLoader(root)},
    },
  ]
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

function replaced(code: string, before: string, after: string): string {
  if (!code.includes(before)) throw new Error(`the code does not have \`${before}\` any more`)
  return code.replace(before, () => after)
}
