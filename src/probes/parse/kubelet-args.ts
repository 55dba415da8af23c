// SPDX-License-Identifier: Apache-2.0
import {splitWords} from './env-file.ts'
import {type Flag, flagValues, parseFlags} from './flags.ts'
import {baseName, booleanAt, stringAt, stringsAt, tableOf} from './untrusted.ts'

/** Programs that are a kubelet or have one inside. */
export type KubeletProgram = 'kubelet' | 'hyperkube' | 'k3s' | 'rke2' | 'k0s' | 'kubelite'

const PROGRAMS: readonly KubeletProgram[] = ['kubelet', 'hyperkube', 'k3s', 'rke2', 'k0s', 'kubelite']

/** Flags of the platforms themselves that say something about the container runtime; the rest (tokens among them) is left out. */
const PLATFORM_FLAGS = ['container-runtime-endpoint', 'image-service-endpoint', 'docker', 'cri-socket', 'snapshotter', 'config', 'data-dir']

/** Words of a command line, as k3s leaves them: it rewrites its own title, so all of it may be in the first. */
export function commandWords(argv: readonly string[]): readonly string[] {
  const words = argv.filter((word) => word !== '')
  return words.length === 1 ? (words[0] ?? '').split(' ').filter((word) => word !== '') : argv
}

/** Which kubelet-carrying program a command line starts; `kubelet` for one that is not known. */
export function programOf(words: readonly string[]): KubeletProgram {
  const name = baseName(words[0] ?? '')
  const k3s = /^(k3s|rke2)-(server|agent)$/.exec(name)?.[1]
  return PROGRAMS.find((program) => program === (k3s ?? name)) ?? 'kubelet'
}

export interface CarrierFlags {
  /** the kubelet's own flags */
  readonly kubelet: readonly Flag[]
  /** flags of the platform around it, without any that may hold a secret */
  readonly platform: readonly Flag[]
  /** microk8s: the file that holds the kubelet's arguments */
  readonly argsFile?: string
}

/** Separates the kubelet's flags on a command line from those of the platform that carries it. */
export function carrierFlags(program: KubeletProgram, words: readonly string[]): CarrierFlags {
  const args = words.slice(1)
  if (program === 'kubelet' || program === 'hyperkube') return {kubelet: parseFlags(args), platform: []}
  const flags = parseFlags(args, {switches: ['docker'], valued: ['kubelet-arg', 'kubelet-extra-args']})
  const platform = flags.filter(({name}) => PLATFORM_FLAGS.includes(name))
  const argsFile = flags.findLast(({name}) => name === 'kubelet-args-file')?.value
  const extra = flagValues(flags, 'kubelet-extra-args').flatMap(parseKubeletArguments)
  const kubelet = [...flagValues(flags, 'kubelet-arg').map(kubeletArg), ...extra]
  return {kubelet, platform, ...(argsFile !== undefined && {argsFile})}
}

/** `name=value`, as `--kubelet-arg` of k3s and rke2 takes it. */
function kubeletArg(text: string): Flag {
  const equals = text.indexOf('=')
  const name = (equals === -1 ? text : text.slice(0, equals)).replace(/^--?/, '')
  return {name, value: equals === -1 ? 'true' : text.slice(equals + 1)}
}

/** Flags in one string or a file of lines: KUBELET_EXTRA_ARGS, `--kubelet-extra-args` of k0s, args/kubelet of microk8s. */
export function parseKubeletArguments(text: string): readonly Flag[] {
  return parseFlags(splitWords(text.replace(/^\s*#.*$/gm, '')))
}

/** The flags in a configuration file of k3s or rke2, a YAML mapping of their own flags (k3s docs, Configuration File). */
export function platformConfigFlags(document: unknown): CarrierFlags {
  const table = tableOf(document)
  const listed = stringsAt(table, 'kubelet-arg')
  const single = stringAt(table, 'kubelet-arg')
  const platform = PLATFORM_FLAGS.flatMap((name): readonly Flag[] => {
    const value = stringAt(table, name) ?? booleanAt(table, name)
    return value === undefined || name === 'config' ? [] : [{name, value: String(value)}]
  })
  return {kubelet: [...listed, ...(single === undefined ? [] : [single])].map(kubeletArg), platform}
}
