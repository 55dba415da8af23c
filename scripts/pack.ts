// SPDX-License-Identifier: Apache-2.0
// `npm run pack`: everything that is shipped to machines without Node.js, into artefacts/.
import {mkdirSync, mkdtempSync, rmSync, statSync} from 'node:fs'
import {constants, tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {Packer} from './pack/context.ts'
import {contextOf} from './pack/context.ts'
import {packDeb} from './pack/deb.ts'
import {packExecutable} from './pack/executable.ts'
import {packImage} from './pack/image.ts'
import {packSbom} from './pack/sbom.ts'
import {packSums} from './pack/sums.ts'
import {packTarballs} from './pack/tarball.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** In this order: the sums are those of all that is there before. */
const PACKERS: readonly Packer[] = [packExecutable, packTarballs, packDeb, packImage, packSbom, packSums]

if (process.platform !== 'linux') throw new Error('rtctl is packed on Linux: the programs in it have to run here. Use the Dockerfile elsewhere.')
const out = join(ROOT, 'artefacts')
const work = mkdtempSync(join(tmpdir(), 'rtctl-pack-'))
// Half of the artefacts are none, and what was made on the way is a gigabyte: Ctrl-C leaves neither.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const folder of [out, work]) rmSync(folder, {recursive: true, force: true})
    process.exit(128 + constants.signals[signal])
  })
}
try {
  rmSync(out, {recursive: true, force: true})
  mkdirSync(out)
  for (const packer of PACKERS) {
    for (const name of await packer(contextOf(ROOT, out, work))) {
      process.stdout.write(`${(statSync(join(out, name)).size / 1e6).toFixed(1).padStart(7)} MB  ${name}\n`)
    }
  }
} catch (error) {
  rmSync(out, {recursive: true, force: true})
  throw error
} finally {
  rmSync(work, {recursive: true, force: true})
}
