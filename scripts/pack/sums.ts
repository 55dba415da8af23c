// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {createReadStream, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {pipeline} from 'node:stream/promises'
import {replaceFile} from '../../src/host/replace-file.ts'
import type {Packer} from './context.ts'

const SUMS = 'SHA256SUMS'

const ARTEFACT = /^rtctl[-_][\w.+-]+\.(?:tar|tar\.gz|deb|cdx\.json)$|^rtctl-[\w.+-]+-linux-\w+$/

/**
 * Writes the sums of all that lies in `context.out`, as `sha256sum -c` reads them, sorted by name. It is the last packer: what is
 * written later is not in it.
 *
 * @throws Error where something else than an artefact lies there: a folder, or what was left half written
 */
export const packSums: Packer = async ({out}) => {
  const entries = readdirSync(out, {withFileTypes: true}).filter(({name}) => name !== SUMS)
  const strange = entries.find((entry) => !entry.isFile() || !ARTEFACT.test(entry.name))
  if (strange !== undefined) throw new Error(`${join(out, strange.name)} is no artefact: empty that folder and pack again`)
  const lines: string[] = []
  for (const name of entries.map((entry) => entry.name).sort()) lines.push(`${await sumOf(join(out, name))}  ${name}\n`)
  replaceFile(join(out, SUMS), lines.join(''), {mode: 0o644, next: 'Make room and pack again.'})
  return [SUMS]
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
