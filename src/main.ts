// SPDX-License-Identifier: Apache-2.0
import {userInfo} from 'node:os'
import {reportFailure} from './cli/failure.ts'
import {endOnBrokenOutput, endWhenWritten, exitQuietlyOnSignals, print} from './cli/output.ts'
import {packageJson, ROOT} from './package-json.ts'

/** No code from anybody's home directory: rtctl runs as root, and oclif would load the plugins it finds there. */
const NO_PLUGINS = {userPlugins: false, devPlugins: false}

interface Options {
  /** run the commands under src/ instead of the built ones */
  readonly development?: boolean
}

/**
 * What bin/ calls: `runCommandLine` as the work of a whole process, whose output may close and which may be told to stop. It ends with
 * that work.
 */
export async function main(argv: readonly string[], options: Options = {}): Promise<never> {
  endOnBrokenOutput()
  exitQuietlyOnSignals()
  await runCommandLine(argv, options)
  return endWhenWritten()
}

/** Runs one command line, prints its failure if it fails, and sets the exit status of this process. Never throws. */
export async function runCommandLine(argv: readonly string[], options: Options = {}): Promise<void> {
  try {
    // Answered here because it is asked often, by scripts, and loading oclif for it takes longer than all the rest.
    if (argv[0] === '--version') await print(`${versionLine()}\n`)
    else await runCommand(argv, options.development ?? false)
  } catch (error) {
    reportFailure(error)
  }
}

/** Name, version, platform and Node.js, in the form oclif gives it. */
function versionLine(): string {
  const {name, version} = packageJson()
  return `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`
}

/**
 * A container may run as a user of whom the system knows nothing, with no HOME: Node.js then throws where packages ask it for
 * the user's folder or shell, and some ask while they load.
 */
function becomeSomebody(): void {
  const {env} = process
  if (env['HOME'] !== undefined && env['SHELL'] !== undefined) return
  try {
    userInfo()
  } catch {
    env['HOME'] ??= '/'
    env['SHELL'] ??= '/bin/sh'
  }
}

async function runCommand(argv: readonly string[], development: boolean): Promise<void> {
  becomeSomebody()
  // By parts: the whole of oclif checks its own engines and loads what no command uses.
  const [{run}, {flush}, {settings}] = await Promise.all([
    import('@oclif/core/run'), import('@oclif/core/flush'), import('@oclif/core/settings'),
  ])
  // oclif would look for ts-node and, with TypeScript 7, silently run an old dist/.
  settings.enableAutoTranspile = false
  // It would look for colours in the home directory.
  process.env['RTCTL_DISABLE_THEME'] = '1'
  await run([...(await normalised(argv))], {...(development ? developmentOptions() : {root: ROOT, pjson: packageJson()}), ...NO_PLUGINS})
  await flush()
}

/** Whoever knows crictl writes its flags before the verb, and those of the command that `exec` runs behind the id. */
async function normalised(argv: readonly string[]): Promise<readonly string[]> {
  const concerns = argv[0] === 'cri' && (argv[1] === 'exec' || argv[1]?.startsWith('-'))
  return concerns ? (await import('./cli/cri/argv.ts')).criArguments(argv) : argv
}

/** Makes oclif load the commands under src/, which Node.js runs as they are. */
export function developmentOptions() {
  const pjson = packageJson()
  pjson.oclif.commands = {strategy: 'pattern', target: './src/commands'}
  pjson.oclif.hooks = {command_not_found: './src/cli/unknown-command'}
  return {root: ROOT, pjson, ignoreManifest: true}
}
