// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {globSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Architecture, Packer} from './context.ts'
import {NODE_FLAGS, nodeRuntime} from './node-runtime.ts'
import {stageApp} from './tree.ts'

/** One file for the architecture that this runs on: Node.js with the app in it. */
export const packExecutable: Packer = async (context) => {
  const architecture = process.arch as Architecture
  const node = join(await nodeRuntime(context, architecture), 'node')
  const dir = await stageApp(context)
  const files = globSync('app/**/*.{js,cache}', {cwd: dir}).sort()
  const name = `rtctl-${context.version}-linux-${architecture}`
  const config = {
    // Relative, since this path goes into the executable
    main: 'loader.js',
    executable: node,
    output: join(context.out, name),
    disableExperimentalSEAWarning: true,
    execArgv: NODE_FLAGS,
    // NODE_OPTIONS and command lines are for whoever develops: what runs as root takes none.
    execArgvExtension: 'none',
    assets: oneAsset(dir, files),
  }
  writeFileSync(join(context.work, 'sea.json'), JSON.stringify(config))
  execFileSync(node, ['--build-sea', join(context.work, 'sea.json')], {cwd: dir, stdio: ['ignore', 'ignore', 'inherit']})
  return [name]
}

/** Writes all files into one, and where each begins and how long it is into another. */
function oneAsset(dir: string, files: readonly string[]): Readonly<Record<'files' | 'places', string>> {
  const contents = files.map((file) => readFileSync(join(dir, file)))
  let begin = 0
  const places = Object.fromEntries(files.map((file, index) => {
    const place = [begin, contents[index]?.length ?? 0] as const
    begin += place[1]
    return [file, place]
  }))
  writeFileSync(join(dir, 'files'), Buffer.concat(contents))
  writeFileSync(join(dir, 'places'), JSON.stringify(places))
  return {files: 'files', places: 'places'}
}
