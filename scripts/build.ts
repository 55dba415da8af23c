// SPDX-License-Identifier: Apache-2.0
// `npm run build`: dist/ and the manifest of the commands.
import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core'
import {bundle, commandFiles} from './bundle.ts'
import {THIRD_PARTY_LIST, thirdPartyNotices, thirdPartyPackages} from './third-party.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

rmSync(join(ROOT, 'dist'), {recursive: true, force: true})
const chunks = await bundle({root: ROOT, dir: join(ROOT, 'dist'), format: 'esm'})
const packages = thirdPartyPackages(ROOT, chunks.flatMap(({modules}) => modules))
writeFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), thirdPartyNotices(ROOT, packages))
writeFileSync(join(ROOT, THIRD_PARTY_LIST), JSON.stringify(packages))

// The command manifest: without it oclif would import every command to learn its flags.
const plugin = new Plugin({root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
await plugin.load()
// Sorted: oclif has them as the file system has them.
const commands = Object.fromEntries(Object.entries(plugin.manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(join(ROOT, 'oclif.manifest.json'), JSON.stringify({...plugin.manifest, commands}))

const {version} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
process.stdout.write(`built rtctl ${version}: ${commandFiles(ROOT).length} commands\n`)
