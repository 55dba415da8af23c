// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'

/** The folder that holds package.json, whether this runs below src/ or below dist/. The one-file rtctl has none: scripts/pack/app.ts. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** What package.json says, anew for each caller. */
export function packageJson() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
}
