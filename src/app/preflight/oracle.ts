// SPDX-License-Identifier: Apache-2.0
import {resolve} from 'node:path'
import {runCommand} from '../../host/command.ts'
import type {Oracle} from '../../model/check.ts'
import {UserError} from '../../model/user-error.ts'
import {parseToml} from '../../probes/parse/toml.ts'
import {programVersion} from '../../probes/program-versions.ts'

const LIMIT_MS = 10_000
/** What every kubelet has had since it reads a configuration file: tells it from other programs that print flags. */
const KUBELET_FLAGS = ['config', 'kubeconfig', 'root-dir', 'node-labels']

/**
 * Asks the programs of the target about themselves: `kubelet --help` for its flags, `containerd --version` and `containerd config
 * default` for its version and that of its configuration. Runs what the user named, with a plain environment, for 10 s at most each.
 *
 * @param programs paths, relative ones as seen from here
 * @throws UserError where one cannot be run, or is not what it is named as
 */
export async function askOracle({kubeletBin, containerdBin}: {readonly kubeletBin?: string; readonly containerdBin?: string}): Promise<Oracle> {
  const [kubeletFlags, containerd] = await Promise.all([
    kubeletBin === undefined ? undefined : askKubelet(kubeletBin), containerdBin === undefined ? undefined : askContainerd(containerdBin),
  ])
  return {...(kubeletFlags && {kubeletFlags}), ...(containerd && {containerd})}
}

async function askKubelet(path: string): Promise<NonNullable<Oracle['kubeletFlags']>> {
  const flags = kubeletFlagsIn(await run(path, ['--help'], 'kubelet'))
  if (!KUBELET_FLAGS.every((name) => flags.includes(name))) throw isNone(path, 'kubelet', 'its --help lists no flags of a kubelet')
  return {source: `${path} --help`, flags}
}

/**
 * The long flags that `kubelet --help` lists, without dashes. Hidden ones are missing: the kubelet hides only flags that are neither
 * deprecated nor meant for use (cmd/kubelet/app/options: AddFlags).
 */
export function kubeletFlagsIn(help: string): readonly string[] {
  return [...new Set([...help.matchAll(/^ {2,12}(?:-[a-zA-Z], )?--([a-zA-Z][\w-]*)/gm)].map(([, name]) => name ?? ''))]
}

async function askContainerd(path: string): Promise<NonNullable<Oracle['containerd']>> {
  const said = await run(path, ['--version'], 'containerd')
  if (!/^containerd \S+ /m.test(said)) throw isNone(path, 'containerd', 'its --version names no containerd')
  const config = await run(path, ['config', 'default'], 'containerd')
  return {source: `${path} config default`, ...containerdIn(said, config, path)}
}

function containerdIn(said: string, config: string, path: string): {readonly version: string; readonly configVersion: number} {
  try {
    const version = parseToml(config)['version']
    if (typeof version !== 'number' || version < 1) throw new Error('no version in its default configuration')
    return {version: programVersion(said), configVersion: version}
  } catch (error) {
    throw isNone(path, 'containerd', error instanceof Error ? error.message : String(error))
  }
}

async function run(path: string, args: readonly string[], program: string): Promise<string> {
  try {
    return await runCommand(resolve(path), args, LIMIT_MS)
  } catch (error) {
    throw isNone(path, program, error instanceof Error ? error.message : String(error))
  }
}

function isNone(path: string, program: string, reason: string): UserError {
  return new UserError(`--${program}-bin: \`${path}\` cannot be asked: ${reason}.`, `Give the path of a ${program} for this machine's architecture, or leave --${program}-bin out: rtctl then goes by its tables.`)
}
