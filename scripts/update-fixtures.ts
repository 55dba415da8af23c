// SPDX-License-Identifier: Apache-2.0
// `npm run fixtures:update`: writes the golden outputs of every captured node anew. The snapshots stay as they are.
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {fixtureNames, goldenPath, makeGoldens} from '../test/golden/goldens.ts'

for (const name of fixtureNames()) {
  const goldens = await makeGoldens(name)
  rmSync(goldenPath(name, '.'), {recursive: true, force: true})
  mkdirSync(goldenPath(name, '.'), {recursive: true})
  for (const [file, text] of goldens) writeFileSync(goldenPath(name, file), text)
  process.stdout.write(`${name}: ${[...goldens.keys()].join(', ')}\n`)
}
process.stdout.write('Review the difference: `git diff fixtures`\n')
