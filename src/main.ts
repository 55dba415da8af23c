// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {flush, run, settings} from '@oclif/core'
import {reportFailure} from './cli/failure.ts'
import {exitQuietlyOnClosedPipe} from './cli/output.ts'

/** The folder that holds package.json, whether this runs as src/main.ts or as dist/main.js. */
const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * Runs the command line of this process and sets its exit code. Never throws.
 *
 * @param options.development run the commands under src/ instead of the built ones
 */
export async function main(options: {readonly development?: boolean} = {}): Promise<void> {
  exitQuietlyOnClosedPipe()
  // oclif would look for ts-node and, with TypeScript 7, silently run an old dist/.
  settings.enableAutoTranspile = false
  try {
    await run(process.argv.slice(2), options.development ? developmentOptions() : ROOT)
    await flush()
  } catch (error) {
    reportFailure(error)
  }
}

function developmentOptions() {
  const pjson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  pjson.oclif.commands = {strategy: 'pattern', target: './src/commands'}
  return {root: ROOT, pjson, ignoreManifest: true}
}
