// SPDX-License-Identifier: Apache-2.0
import type {Facts, UnitFacts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {KubeletFlag} from '../../model/node/kubelet.ts'
import {absent, type Observed, ok, valueOf} from '../../model/observed.ts'
import {filesBelow} from '../files.ts'
import {splitWords} from '../parse/env-file.ts'
import {type Flag, parseFlags} from '../parse/flags.ts'
import {carrierFlags, commandWords, programOf} from '../parse/kubelet-args.ts'
import {environmentFiles, settingsOf} from '../unit-command.ts'
import type {KubeadmFile} from './kubelet-kubeadm.ts'

/** What kubeadm's packages and kubeadm itself have a kubelet read (kubernetes/release, 10-kubeadm.conf). */
const ENVIRONMENT_FILES = ['/var/lib/kubelet/kubeadm-flags.env', '/etc/default/kubelet', '/etc/sysconfig/kubelet']
const ENVIRONMENT_VARIABLES: ReadonlySet<string> = new Set(['KUBELET_KUBEADM_ARGS', 'KUBELET_EXTRA_ARGS'])
const PLATFORM_UNITS = ['k3s.service', 'k3s-agent.service', 'rke2-server.service', 'rke2-agent.service', 'k0scontroller.service', 'k0sworker.service']
const MICROK8S_ARGS = '/var/snap/microk8s/current/args/kubelet'
const MOST_FLAGS = 1000
const LONGEST_TEXT = 200

/**
 * The flags of every kubelet of the host itself, wherever they are written: the command line of a running one, its unit, the
 * environment files that the unit names, the configuration of k3s and rke2, the arguments of microk8s.
 */
export function readKubeletFlags(host: Host, facts: Facts): Observed<readonly KubeletFlag[]> {
  const kubelets = facts.kubelets.filter(({pid}) => pid === undefined || facts.processes.inside[pid] === undefined)
  const unit = facts.units.find(({name, masked}) => name === 'kubelet.service' && !masked)
  if (kubelets.length === 0) return absent('kubelet')
  const found: KubeletFlag[] = [...argvFlags(facts, kubelets.flatMap(({pid}) => pid ?? [])), ...(unit ? unitFlags(unit) : [])]
  const variables = unit && variablesOf(unit)
  for (const path of environmentPaths(unit)) {
    const text = host.text(path)
    if (text.state === 'unreadable') return text
    if (text.state === 'ok') found.push(...environmentFlags(text.value, text.source, variables ?? ENVIRONMENT_VARIABLES))
  }
  for (const platform of new Set(kubelets.map(({program}) => program))) {
    const flags = platformFlags(host, facts, platform)
    if (flags.state === 'unreadable') return flags
    found.push(...(valueOf(flags) ?? []))
  }
  return ok(found.slice(0, MOST_FLAGS), kubelets[0]?.pid === undefined ? 'kubelet' : `argv of pid ${kubelets[0].pid}`)
}

/** The flags that files of kubeadm have for the kubelet. */
export function kubeadmFlags(files: readonly KubeadmFile[]): readonly KubeletFlag[] {
  return files.flatMap(({source, flags}) => flags.map(({line, ...flag}) => flagAt(flag, line === undefined ? source : `${source}:${line}`, 'kubeadm'))).slice(0, MOST_FLAGS)
}

function flagAt({name, value}: Flag, source: string, from: KubeletFlag['from']): KubeletFlag {
  const text = value === 'true' ? `--${name}` : `--${name}=${value}`
  return {name, value, source, text: text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text, from}
}

function argvFlags({processes}: Facts, pids: readonly number[]): readonly KubeletFlag[] {
  const running = (valueOf(processes.all) ?? []).filter(({pid}) => pids.includes(pid))
  return running.flatMap(({pid, argv}) => {
    const words = commandWords(argv)
    return carrierFlags(programOf(words), words).kubelet.map((flag) => flagAt(flag, `argv of pid ${pid}`, 'argv'))
  })
}

// ---------------------------------------------------------------- units and environment files

function environmentPaths(unit: UnitFacts | undefined): ReadonlySet<string> {
  return new Set(unit !== undefined && settingsOf(unit, 'Service.ExecStart').length > 0 ? environmentFiles(unit) : ENVIRONMENT_FILES)
}

/** The variables that the command of a unit uses: others never reach the kubelet. undefined where it has no command. */
function variablesOf(unit: UnitFacts): ReadonlySet<string> | undefined {
  const command = settingsOf(unit, 'Service.ExecStart').at(-1)?.value
  return command === undefined ? undefined : new Set([...command.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name ?? ''))
}

function unitFlags(unit: UnitFacts): readonly KubeletFlag[] {
  const command = settingsOf(unit, 'Service.ExecStart').at(-1)
  const words = splitWords(command?.value ?? '')
  const own = command === undefined ? [] : parseFlags(words.slice(1).filter((word) => !word.startsWith('$'))).map((flag) => flagAt(flag, command.source, 'file'))
  const used = variablesOf(unit)
  const assigned = settingsOf(unit, 'Service.Environment').flatMap(({value, source}) => splitWords(value).flatMap((word) => {
    const equals = word.indexOf('=')
    if (equals < 1 || used?.has(word.slice(0, equals)) === false) return []
    return parseFlags(splitWords(word.slice(equals + 1))).map((flag) => flagAt(flag, source, 'file'))
  }))
  return [...own, ...assigned]
}

/**
 * The flags in an environment file, line by line so that each has its line: an assignment may go on over lines that end with a
 * backslash. Only of the variables that are used.
 */
export function environmentFlags(text: string, path: string, variables: ReadonlySet<string>): readonly KubeletFlag[] {
  const found: KubeletFlag[] = []
  let isUsed = false
  let goesOn = false
  for (const [index, line] of text.split('\n').entries()) {
    if (!goesOn && /^\s*[#;]/.test(line)) continue
    const assignment = goesOn ? null : /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)
    if (assignment !== null) isUsed = variables.has(assignment[1] ?? '')
    else if (!goesOn) isUsed = false
    goesOn = line.trimEnd().endsWith('\\')
    if (!isUsed) continue
    const words = line.slice(assignment?.[0].length ?? 0).replace(/\\\s*$/, '').replace(/["']/g, ' ').split(/\s+/).filter((word) => word !== '')
    found.push(...parseFlags(words).map((flag) => flagAt(flag, `${path}:${index + 1}`, 'file')))
  }
  return found
}

// ---------------------------------------------------------------- platforms

function platformFlags(host: Host, facts: Facts, program: string): Observed<readonly KubeletFlag[]> {
  if (program === 'kubelite') return argsFileFlags(host)
  if (program !== 'k3s' && program !== 'rke2' && program !== 'k0s') return absent(program)
  const units = facts.units.filter(({name}) => PLATFORM_UNITS.includes(name) && name.startsWith(program))
  const found = units.flatMap((unit) => {
    const command = settingsOf(unit, 'Service.ExecStart').at(-1)
    if (command === undefined) return []
    return carrierFlags(program, splitWords(command.value)).kubelet.map((flag) => flagAt(flag, command.source, 'file'))
  })
  const main = `/etc/rancher/${program}/config.yaml`
  const paths = program === 'k0s' ? [] : [main, ...filesBelow(host, `${main}.d`).filter((path) => /\.ya?ml$/.test(path))]
  for (const path of paths) {
    const text = host.text(path)
    if (text.state === 'unreadable') return text
    if (text.state === 'ok') found.push(...platformConfigLines(text.value, text.source))
  }
  return ok(found, main)
}

/** The entries of `kubelet-arg` in a configuration of k3s or rke2: a list, or a single text. */
export function platformConfigLines(text: string, path: string): readonly KubeletFlag[] {
  const found: KubeletFlag[] = []
  let isList = false
  for (const [index, line] of text.split('\n').entries()) {
    const key = /^(?:"kubelet-arg\+?"|kubelet-arg\+?)\s*:\s*(.*)$/.exec(line)
    if (key !== null) isList = true
    else if (/^\S/.test(line) && !/^-\s|^#/.test(line)) isList = false
    if (!isList) continue
    const rest = key === null ? /^\s*-\s+(.+)$/.exec(line)?.[1] : key[1]
    for (const entry of (rest ?? '').replace(/^\[|\]\s*$/g, '').split(',').map((part) => part.trim().replace(/^["']|["']$/g, ''))) {
      const pair = /^(?:--)?([a-z][\w-]*)(?:=(.*))?$/.exec(entry)
      if (pair?.[1] !== undefined) found.push(flagAt({name: pair[1], value: pair[2] ?? 'true'}, `${path}:${index + 1}`, 'file'))
    }
  }
  return found
}

/** microk8s keeps one argument a line. */
function argsFileFlags(host: Host): Observed<readonly KubeletFlag[]> {
  const text = host.text(MICROK8S_ARGS)
  if (text.state !== 'ok') return text
  const lines = text.value.split('\n')
  return ok(lines.flatMap((line, index) => /^\s*#/.test(line) ? [] : parseFlags(splitWords(line)).map((flag) => flagAt(flag, `${text.source}:${index + 1}`, 'file'))), text.source)
}
