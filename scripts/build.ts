// SPDX-License-Identifier: Apache-2.0
// Bundles src/ into dist/: one entry per command, shared code in chunks, so that a command loads only what it uses.
import {globSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {Plugin} from '@oclif/core'
import {build} from 'rolldown'
import {withoutExamples} from './without-examples.ts'
import {thirdPartyNotices} from './third-party.ts'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Stands in for modules that are loaded but never used. */
const STUB = join(ROOT, 'scripts/not-bundled.cjs')

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
      // What dockerode loads to build images and to reach ssh:// hosts. rtctl does neither, and it is 490 kB and 25 ms.
      ...Object.fromEntries(['ssh2', '@grpc/proto-loader', 'protobufjs', 'tar-fs', '@balena/dockerignore'].map((unused) => [unused, STUB])),
      '@grpc/grpc-js$': join(ROOT, 'scripts/grpc-client.cjs'),
      'readable-stream': 'node:stream',
      // What oclif loads for things that do not happen here: to transpile commands and to filter plugins (src/main.ts
      // switches both off), to find commands (the manifest has them), to tell Windows' Linux from Linux.
      ...Object.fromEntries(['typescript', 'minimatch', 'tinyglobby', 'wsl-utils'].map((unused) => [unused, STUB])),
    },
  },
  plugins: [{
    // They are for the tests and the documentation, and a fifth of all the text of the checks.
    name: 'leave-out-the-examples-of-checks',
    transform: {filter: {id: /\/src\/checks\/[a-z]+\/[^/]+\.ts$/}, handler: withoutExamples},
  }, {
    name: 'leave-out-the-build-session-of-dockerode',
    resolveId: (id, importer) => (id === './session' && importer?.includes('/dockerode/') ? STUB : null),
  }, {
    // Of the client of Kubernetes only its way with kubeconfigs is used: the generated API is 700 kB.
    name: 'leave-out-the-generated-api',
    resolveId: (id, importer) =>
      (importer?.includes('/@kubernetes/client-node/dist/config.js') && ['./gen/index.js', './middleware.js', 'undici'].includes(id) ? STUB : null),
  }, {
    // oclif sorts a handful of ids by the user's language: loading ICU's collation for it takes 5 ms of every command.
    name: 'sort-commands-without-collation',
    transform: {
      filter: {id: /@oclif\/core\/lib\/config\/plugin\.js$/},
      handler: (code) => code.replace('a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)'),
    },
  }, {
    // For proxies and compressed messages, which no CRI endpoint has: 8 ms of every call.
    name: 'load-what-grpc-does-not-need-when-it-does',
    transform: {
      filter: {id: /@grpc\/grpc-js\/build\/src\/(?:http_proxy|compression-filter)\.js$/},
      handler: (code) => code.replace(/require\("(http|zlib)"\)/, 'new Proxy({}, {get: (_, name) => process.getBuiltinModule("$1")[name]})'),
    },
  }],
  output: {
    dir: 'dist', format: 'esm', minify: true, chunkFileNames: 'chunks/[name]-[hash].js',
    // What every command needs and what every question to a runtime needs, each in a file: finding and loading a file takes
    // longer than compiling a small one.
    codeSplitting: {
      groups: [
        // `--version` needs no more than this.
        {name: 'base', test: /\/src\/(?:cli\/(?:exit-codes|failure|output)|model\/user-error|render\/visible)\.ts/},
        {name: 'cli', test: /\/@oclif\/|\/src\/cli\/base-command\.ts/},
        {
          name: 'cri',
          test: new RegExp(`/src/(?:${[
            'cri/(?:channel|connection|errors|rpc|socket-path|unknown-fields|rpcs/list|gen/runtime/v1/list)',
            'cli/cri/(?:cri-command|crictl-config|duration|list-flags|long-lists|output|stats-flags)',
            'app/cri/(?:endpoint|go-pattern|image-spec|in-order|list-containers|list-pods|listing|lists|newest|packed|states)',
            'render/cri/(?:human|lists|table|time)',
          ].join('|')})\\.ts`),
        },
      ],
    },
  },
  logLevel: 'warn',
})

for (const file of bundle.output) if (file.type === 'chunk') writeFileSync(join(ROOT, 'dist', file.fileName), withoutFacades(file.code))

/**
 * Takes Node.js' own modules as they are: an `import` of one evaluates every export first, and `node:fs` has some that
 * load streams and promises. That is 10 ms of every command.
 */
function withoutFacades(code: string): string {
  return code.replaceAll(/\bimport\s*\{([^}]*)\}\s*from\s*["'](node:[\w/]+)["'];?/g, (_, names: string, module: string) => (
    `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${module}");`
  ))
}

const modules = bundle.output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
writeFileSync(join(ROOT, 'dist/THIRD-PARTY-LICENSES.txt'), thirdPartyNotices(modules))

// The command manifest: without it oclif would import every command to learn its flags.
const plugin = new Plugin({root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: true})
await plugin.load()
writeFileSync(join(ROOT, 'oclif.manifest.json'), JSON.stringify(plugin.manifest))

const {version} = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
process.stdout.write(`built rtctl ${version}: ${commands.length} commands\n`)
