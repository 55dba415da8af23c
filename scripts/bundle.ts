// SPDX-License-Identifier: Apache-2.0
// Bundles src/: one entry per command, shared code in chunks, so that a command loads only what it uses.
import {globSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {build, type Plugin} from 'rolldown'
import {replaced} from './replaced.ts'
import {withoutExamples} from './without-examples.ts'

interface BundleOptions {
  /** the project's folder */
  readonly root: string
  /** where the chunks go, in the shape of src/ */
  readonly dir: string
  readonly format: 'esm' | 'cjs'
  /** what this bundle needs beside what all need */
  readonly plugins?: readonly Plugin[]
}

export interface Chunk {
  /** below `dir` */
  readonly file: string
  readonly code: string
  /** absolute paths of the modules in it */
  readonly modules: readonly string[]
}

/** What oclif's parser says, and what it says instead: places are looked up. */
const WORDS_ONCE: readonly (readonly [before: string, after: string])[] = [
  ['[this._argTokens.length]', '[this.wordsSeen = (this.wordsSeen ?? -1) + 1]'],
  ['const originalArgv = [...this.argv];', 'const placeOf = new Map(this.argv.map((word, place) => [word, place]).reverse());'],
  ['originalArgv.indexOf(a) - originalArgv.indexOf(b)', '(placeOf.get(a) ?? -1) - (placeOf.get(b) ?? -1)'],
]

/** The commands, as files below the project's folder, sorted. */
export function commandFiles(root: string): readonly string[] {
  return globSync('src/commands/**/*.ts', {cwd: root}).sort()
}

/** Bundles all of src/ into a folder and gives what it wrote. */
export async function bundle({root, dir, format, plugins = []}: BundleOptions): Promise<readonly Chunk[]> {
  const stub = join(root, 'scripts/not-bundled.cjs')
  const entries = ['src/main.ts', 'src/cli/unknown-command.ts', ...commandFiles(root)]
  const name = (file: string) => file.replace(/^src\//, '').replace(/\.ts$/, '')
  const {output} = await build({
    cwd: root,
    input: Object.fromEntries(entries.map((file) => [name(file), file])),
    platform: 'node',
    resolve: {
      alias: {
        // What dockerode loads to build images and to reach ssh:// hosts. rtctl does neither, and it is 490 kB and 25 ms.
        ...Object.fromEntries(['ssh2', '@grpc/proto-loader', 'protobufjs', 'tar-fs', '@balena/dockerignore'].map((unused) => [unused, stub])),
        '@grpc/grpc-js$': join(root, 'scripts/grpc-client.cjs'),
        'debug$': join(root, 'scripts/no-debug.cjs'),
        'readable-stream': 'node:stream',
        // What oclif loads for things that do not happen here: to transpile commands and to filter plugins (src/main.ts
        // switches both off), to find commands (the manifest has them), to find its settings (package.json has them), to tell
        // Windows' Linux from Linux.
        ...Object.fromEntries(['typescript', 'minimatch', 'tinyglobby', 'lilconfig', 'wsl-utils'].map((unused) => [unused, stub])),
      },
    },
    plugins: [...plugins, {
      // They are for the tests and the documentation, and a fifth of all the text of the checks.
      name: 'leave-out-the-examples-of-checks',
      transform: {filter: {id: /\/src\/checks\/[a-z]+\/[^/]+\.ts$/}, handler: withoutExamples},
    }, {
      name: 'leave-out-the-build-session-of-dockerode',
      resolveId: (id, importer) => (id === './session' && importer?.includes('/dockerode/') ? stub : null),
    }, {
      // Of the client of Kubernetes only its way with kubeconfigs is used: the generated API is 700 kB.
      name: 'leave-out-the-generated-api',
      resolveId: (id, importer) =>
        (importer?.includes('/@kubernetes/client-node/dist/config.js') && ['./gen/index.js', './middleware.js', 'undici'].includes(id) ? stub : null),
    }, {
      // oclif sorts a handful of ids by the user's language: loading ICU's collation for it takes 5 ms of every command.
      name: 'sort-commands-without-collation',
      transform: {
        filter: {id: /@oclif\/core\/lib\/config\/plugin\.js$/},
        handler: (code) => replaced(code, 'a.id.localeCompare(b.id)', '(a.id < b.id ? -1 : 1)'),
      },
    }, {
      // oclif goes through all words again for each of them, twice: 3 ms for 200 ids.
      name: 'count-words-once',
      transform: {
        filter: {id: /@oclif\/core\/lib\/parser\/parse\.js$/},
        handler: (code) => WORDS_ONCE.reduce((text, [before, after]) => replaced(text, before, after), code),
      },
    }, {
      // For proxies, compressed messages and names of hosts, which no CRI endpoint has: 11 ms of every call. For the shell on
      // Windows, for files that are in the bundle, for a measurement that nobody asks for: 3 ms of every command.
      name: 'load-what-is-rarely-needed-when-it-is',
      transform: {
        filter: {
          id: /@grpc\/grpc-js\/build\/src\/(?:http_proxy|compression-filter|resolver-dns)\.js$|@oclif\/core\/lib\/(?:performance|parser\/parse|util\/(?:os|fs|read-tsconfig)|config\/ts-path)\.js$/,
        },
        handler: (code) => code.replaceAll(
          /require\("(?:node:)?(http|zlib|dns|child_process|fs\/promises|perf_hooks|readline)"\)/g,
          'new Proxy({}, {get: (_, name) => process.getBuiltinModule("$1")[name]})',
        ),
      },
    }],
    output: {
      dir, format, minify: true, chunkFileNames: 'chunks/[name]-[hash].js',
      // What every command needs and what every question to a runtime needs, each in a file: finding and loading a file takes
      // longer than compiling a small one.
      codeSplitting: {
        groups: [
          // `--version` needs no more than this.
          {name: 'base', test: /\/src\/(?:cli\/(?:exit-codes|failure|output)|model\/user-error|render\/visible)\.ts/},
          {name: 'cli', test: /\/@oclif\/|\/src\/cli\/base-command\.ts|^virtual:manifest$/},
          {
            name: 'cri',
            test: new RegExp(`/src/(?:${[
              'cri/(?:channel|connection|errors|rpc|socket-path|unknown-fields|rpcs/list|gen/runtime/v1/list)',
              'cli/cri/(?:cri-command|crictl-config|duration|list-flags|output|stats-flags)', 'app/long-lists',
              'app/cri/(?:endpoint|go-pattern|image-spec|in-order|list-containers|list-pods|listing|lists|newest|packed|states)',
              'render/cri/(?:human|lists|table|time)',
            ].join('|')})\\.ts`),
          },
          // What `cri inspect` and `inspectp` need above that; the messages in it are those of logs and exec, too.
          {
            name: 'cri-inspect',
            test: /\/src\/(?:cri\/(?:gen\/runtime\/v1|rpcs)\/status|app\/cri\/(?:inspect-(?:containers|pods)|answer-document)|cli\/cri\/inspect-output)\.ts/,
          },
        ],
      },
    },
    logLevel: 'warn',
  })
  return output.flatMap((file) => {
    if (file.type !== 'chunk') return []
    const code = format === 'esm' ? withoutFacades(file.code) : file.code
    writeFileSync(join(dir, file.fileName), code)
    return [{file: file.fileName, code, modules: file.moduleIds}]
  })
}

/**
 * Takes Node.js' own modules as they are: an `import` of one evaluates every export first, and `node:fs` has some that
 * load streams and promises. That is 10 ms of every command.
 */
function withoutFacades(code: string): string {
  return code.replaceAll(/\bimport\s*\{([^}]*)\}\s*from\s*["'](node:[\w/]+)["'];?/g, (_, names: string, module: string) => (
    `const {${names.replaceAll(' as ', ': ')}} = process.getBuiltinModule("${module}");`
  ))
}
