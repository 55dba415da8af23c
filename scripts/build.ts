// SPDX-License-Identifier: Apache-2.0
// Bundles src/ into dist/: one entry per command, shared code in chunks, so that a command loads only what it uses.
import {globSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core'
import {build} from 'rolldown'
import {thirdPartyNotices} from './third-party.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

const commands = globSync('src/commands/**/*.ts', {cwd: ROOT})
const entries = ['src/main.ts', 'src/cli/unknown-command.ts', ...commands]
const name = (file: string) => file.replace(/^src\//, '').replace(/\.ts$/, '')

rmSync(join(ROOT, 'dist'), {recursive: true, force: true})
const bundle = await build({
  cwd: ROOT,
  input: Object.fromEntries(entries.map((file) => [name(file), file])),
  platform: 'node',
  resolve: {
    alias: {
      // docker-modem loads ssh2 for ssh:// hosts, and dockerode loads grpc for its builder: rtctl uses neither.
      ssh2: join(ROOT, 'scripts/not-bundled.cjs'),
      // oclif loads it to transpile commands, which src/main.ts switches off.
      typescript: join(ROOT, 'scripts/not-bundled.cjs'),
    },
  },
  output: {dir: 'dist', format: 'esm', minify: true, chunkFileNames: 'chunks/[name]-[hash].js'},
  logLevel: 'warn',
})

const modules = bundle.output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
writeFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), thirdPartyNotices(modules))

// The command manifest: without it oclif would import every command to learn its flags.
const plugin = new Plugin({root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
await plugin.load()
writeFileSync(join(ROOT, 'oclif.manifest.json'), JSON.stringify(plugin.manifest))

const {version} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
process.stdout.write(`built rtctl ${version}: ${commands.length} commands\n`)
