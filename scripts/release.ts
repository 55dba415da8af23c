// SPDX-License-Identifier: Apache-2.0
// `npm run release -- VERSION [--dry-run]`: makes the commit and the tag of a release, here and nowhere else.
// `npm run --silent release -- --notes TAG`: what the changelog says of the version that a tag must name.
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {UserError} from '../src/model/user-error.ts'
import {printNotes, release} from './release/run.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const NEXT = 'Say `npm run release -- 1.2.0`, with --dry-run to see it only. See docs/releasing.md.'

function perform(argv: readonly string[]): void {
  const {values, positionals} = parsed(argv)
  const [version, ...rest] = positionals
  if (version === undefined || rest.length > 0) throw new UserError('One version is needed.', NEXT)
  if (values.notes === true) printNotes(ROOT, version)
  else release(ROOT, version, {dryRun: values['dry-run'] === true, now: new Date()})
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({args: [...argv], allowPositionals: true, options: {'dry-run': {type: 'boolean'}, notes: {type: 'boolean'}}})
  } catch (error) {
    throw new UserError((error as Error).message, NEXT)
  }
}

try {
  perform(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof UserError)) throw error
  process.stderr.write(`${error.message}\n${error.next}\n`)
  process.exitCode = error.exitCode
}
