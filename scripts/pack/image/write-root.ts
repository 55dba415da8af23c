// SPDX-License-Identifier: Apache-2.0
// Writes the root directory of the image into a folder, for the Dockerfile: node scripts/pack/image/write-root.ts amd64|arm64 FOLDER
import {chmodSync, lutimesSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {ARCHITECTURES, contextOf} from '../context.ts'
import {withRoots} from './build.ts'
import {DEBIAN_ARCHITECTURE} from './debian.ts'
import {contentOf, modeOf, type RootEntry} from './root.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../../..')

const [wanted = '', folder = ''] = process.argv.slice(2)
const architecture = ARCHITECTURES.find((name) => DEBIAN_ARCHITECTURE[name] === wanted)
if (architecture === undefined || folder === '') throw new Error('usage: write-root.ts amd64|arm64 FOLDER')

const work = mkdtempSync(join(tmpdir(), 'rtctl-image-'))
try {
  const context = contextOf(ROOT, folder, work)
  mkdirSync(folder, {recursive: true})
  await withRoots(context, [architecture], (roots) => {
    const entries = [...roots.values()].flat().flatMap((layer) => layer.entries)
    for (const entry of entries) write(entry)
    // last of all: writing a file changes the time of its folder
    for (const {path} of entries) lutimesSync(join(folder, path), context.epoch, context.epoch)
  })
} finally {
  rmSync(work, {recursive: true, force: true})
}

function write(entry: RootEntry): void {
  const path = join(folder, entry.path)
  if (entry.type === 'symlink') return symlinkSync(entry.target, path)
  if (entry.type === 'directory') mkdirSync(path, {recursive: true})
  else writeFileSync(path, contentOf(entry))
  chmodSync(path, modeOf(entry))
}
