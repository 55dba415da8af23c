// SPDX-License-Identifier: Apache-2.0
import {chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {packApp} from './app.ts'
import {once, type Architecture, type PackContext} from './context.ts'
import {NODE_FLAGS, nodeRuntime} from './node-runtime.ts'

/** The app, with the code caches of the Node.js that runs here. */
export async function stageApp(context: PackContext): Promise<string> {
  const runtime = await nodeRuntime(context, process.arch as Architecture)
  return once(context, 'app', (dir) => packApp(context.root, dir, join(runtime, 'node')))
}

/**
 * A folder that runs from anywhere: `rtctl` (a launcher for `sh`), `lib/node`, `bin/run.js` and what it loads from `app/`,
 * `schemas/`, a captured node below `fixtures/`, and the licences. Without a shell: `lib/node bin/run.js ARGS`.
 */
export function stageTree(context: PackContext, architecture: Architecture): Promise<string> {
  return once(context, `tree-${architecture}`, async (dir) => {
    const [app, runtime] = [await stageApp(context), await nodeRuntime(context, architecture)]
    const put = (from: string, to: string) => {
      mkdirSync(dirname(join(dir, to)), {recursive: true})
      cpSync(from, join(dir, to), {recursive: true})
    }
    // V8 compiles for one architecture: on another it would refuse what it reads.
    const ours = (file: string) => architecture === process.arch || !file.endsWith('.cache')
    cpSync(join(app, 'app'), join(dir, 'app'), {recursive: true, filter: ours})
    put(join(app, 'loader.js'), 'bin/run.js')
    put(join(runtime, 'node'), 'lib/node')
    put(join(runtime, 'LICENSE'), 'LICENSE.node.txt')
    for (const file of ['LICENSE', 'README.md', 'schemas', 'fixtures/dockershim-node/snapshot.jsonl']) put(join(context.root, file), file)
    put(join(context.root, 'dist/THIRD-PARTY-LICENSES.txt'), 'THIRD-PARTY-LICENSES.txt')
    // It keeps Node.js from looking for one in the folders above.
    writeFileSync(join(dir, 'package.json'), `${JSON.stringify({name: 'rtctl', version: context.version, license: 'Apache-2.0', type: 'commonjs'})}\n`)
    writeFileSync(join(dir, 'rtctl'), launcher(context.root, architecture))
    chmodSync(join(dir, 'rtctl'), 0o755)
  })
}

/** What the loader of the C library is called, by the System V ABI of each processor. */
const LOADERS: Readonly<Record<Architecture, {readonly loader: string; readonly machine: string}>> = {
  x64: {loader: '/lib64/ld-linux-x86-64.so.2', machine: 'x86_64'},
  arm64: {loader: '/lib/ld-linux-aarch64.so.1', machine: 'aarch64'},
}

function launcher(root: string, architecture: Architecture): string {
  const {loader, machine} = LOADERS[architecture]
  const text = readFileSync(join(root, 'scripts/pack/launcher.sh'), 'utf8')
  return text.replaceAll('@LOADER@', loader).replaceAll('@MACHINE@', machine).replaceAll('@NODE_FLAGS@', NODE_FLAGS.join(' '))
}
