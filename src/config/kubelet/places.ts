// SPDX-License-Identifier: Apache-2.0
// Where flags of the kubelet are written: environment files, Environment= and ExecStart= of its unit.
import type {TargetFiles, Wanted} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import type {Editable} from '../lib/edits.ts'
import {assignmentsIn} from '../lib/env-file.ts'
import {existingAt, unreadableRemark} from '../lib/existing.ts'
import {editFlags, type FlagFate, flagsIn, type WrittenFlag} from '../lib/flag-edit.ts'
import {effectiveUnit, environmentRegions, unitLines, type UnitPart, unitPaths} from '../lib/unit-file.ts'
import {type Region, spliced, wordsIn} from '../lib/words.ts'
import {VALUED_FLAGS} from './flag-plan.ts'

export const UNIT = 'kubelet.service'
export const DROP_IN = `/etc/systemd/system/${UNIT}.d/20-rtctl-runtime.conf`
export const KUBEADM_FLAGS = '/var/lib/kubelet/kubeadm-flags.env'
/** Of the packages of Kubernetes (kubernetes/release, 10-kubeadm.conf): Debian's place and that of Red Hat. */
const EXTRA_ARGS_FILES = ['/etc/default/kubelet', '/etc/sysconfig/kubelet']
const VARIABLES = ['KUBELET_KUBEADM_ARGS', 'KUBELET_EXTRA_ARGS']

/** Everything that is read of the kubelet's start. */
export function placePaths(needs: NodeNeeds): Wanted {
  const unit = unitPaths(UNIT)
  return {files: [...new Set([...environmentPaths(needs), ...unit.files])], patterns: unit.patterns}
}

/** The packages' files, and those that flags were found in. */
function environmentPaths(needs: NodeNeeds): readonly string[] {
  const found = needs.kubelet.flags.map(({source}) => placeOf(source)).filter((path) => path !== undefined)
  return [...new Set([KUBEADM_FLAGS, ...EXTRA_ARGS_FILES, ...found.filter((path) => !isUnitPath(path))])]
}

/** The file that a source names: `/etc/default/kubelet:3`; undefined for `argv of pid 812` and paths that are none. */
export function placeOf(source: string): string | undefined {
  const path = source.replace(/:\d+$/, '')
  return path.startsWith('/') && !/(?:^|\/)\.\.?(?:\/|$)/.test(path) && !path.includes('*') ? path : undefined
}

function isUnitPath(path: string): boolean {
  return /\/systemd\/system\/.*\.(?:service|conf)$/.test(path)
}

/** How the kubelet is started. */
export interface Start {
  /** the unit's files without rtctl's own drop-in */
  readonly unit: readonly UnitPart[]
  readonly environment: readonly Editable[]
  readonly remarks: readonly Remark[]
}

export function readStart(needs: NodeNeeds, files: TargetFiles): Start {
  const unit = effectiveUnit(files, UNIT)
  const remarks = [...unit.remarks]
  const environment = environmentPaths(needs).flatMap((path): readonly Editable[] => {
    const existing = existingAt(files, path)
    if (existing.state === 'unreadable') remarks.push(unreadableRemark(path, existing))
    return existing.state === 'ok' ? [{path, text: existing.text, mode: existing.mode, writePath: path}] : []
  })
  return {unit: unit.parts.filter(({path}) => path !== DROP_IN), environment, remarks}
}

/** Variables that the command of the unit uses, besides those of the packages. */
function variablesOf(unit: readonly UnitPart[]): ReadonlySet<string> {
  const used = unit.flatMap(({text}) => unitLines(text)
    .filter(({section, key}) => section === 'Service' && key === 'ExecStart')
    .flatMap(({value}) => [...text.slice(value.start, value.end).matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name ?? '')))
  return new Set([...VARIABLES, ...used])
}

/** The parts of a text that hold flags of the kubelet. */
function regionsOf(path: string, text: string, variables: ReadonlySet<string>): readonly Region[] {
  if (!isUnitPath(path)) return assignmentsIn(text).flatMap(({name, region}) => (variables.has(name) && region !== undefined ? [region] : []))
  return unitLines(text).filter(({section}) => section === 'Service').flatMap((line) => {
    if (line.key === 'ExecStart') return startsKubelet(text, line.value) ? [line.value] : []
    if (line.key !== 'Environment') return []
    return environmentRegions(text, line).filter(({name}) => variables.has(name)).map(({region}) => region)
  })
}

/** Whether a command line starts the kubelet itself: a script's words are not flags. */
function startsKubelet(text: string, value: Region): boolean {
  const program = wordsIn(text, value)[0]?.raw.replace(/^[-@:+!|]+|["']/g, '') ?? ''
  return /(?:^|\/)(?:kubelet|hyperkube)$/.test(program)
}

/** The text of a place with its flags decided anew. */
export function withFlags(path: string, text: string, unit: readonly UnitPart[], fate: (flag: WrittenFlag) => FlagFate): string {
  return spliced(text, regionsOf(path, text, variablesOf(unit)).flatMap((region) => editFlags(text, region, VALUED_FLAGS, fate)))
}

/** The flags of a place. */
export function flagsAt(path: string, text: string, unit: readonly UnitPart[]): readonly WrittenFlag[] {
  return regionsOf(path, text, variablesOf(unit)).flatMap((region) => flagsIn(text, region, VALUED_FLAGS))
}

/** A place that takes another flag: the file, and what becomes of its text. */
export interface FlagHome {
  readonly path: string
  add(text: string, flags: readonly string[]): string
}

/**
 * Where a flag that is nowhere yet is written: kubeadm's own file, else the packages' file for extra flags, if the unit reads it, else
 * the command of the unit. undefined where there is none of these.
 */
export function homeOfFlags({unit, environment}: Start): FlagHome | undefined {
  const has = (path: string) => environment.some((file) => file.path === path)
  if (has(KUBEADM_FLAGS) && reads(unit, KUBEADM_FLAGS, 'KUBELET_KUBEADM_ARGS')) return environmentHome(KUBEADM_FLAGS, 'KUBELET_KUBEADM_ARGS')
  const extra = EXTRA_ARGS_FILES.find((path) => has(path) && reads(unit, path, 'KUBELET_EXTRA_ARGS'))
  return extra === undefined ? commandHome(unit) : environmentHome(extra, 'KUBELET_EXTRA_ARGS')
}

/** Without a unit to say otherwise, kubeadm's files are read. */
function reads(unit: readonly UnitPart[], path: string, variable: string): boolean {
  if (unit.length === 0) return path === KUBEADM_FLAGS
  const lines = unit.flatMap(({text}) => unitLines(text).map(({key, value}) => ({key, value: text.slice(value.start, value.end)})))
  return lines.some(({key, value}) => key === 'EnvironmentFile' && value.replace(/^-/, '') === path) &&
    lines.some(({key, value}) => key === 'ExecStart' && new RegExp(`\\$\\{?${variable}\\b`).test(value))
}

function environmentHome(path: string, variable: string): FlagHome {
  return {
    path,
    add(text, flags) {
      const last = assignmentsIn(text).findLast(({name, region}) => name === variable && region !== undefined)
      if (last?.region !== undefined) return appendedTo(text, last.region, flags)
      return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${variable}="${flags.join(' ')}"\n`
    },
  }
}

function appendedTo(text: string, region: Region, flags: readonly string[]): string {
  const end = region.start + text.slice(region.start, region.end).trimEnd().length
  return spliced(text, [{start: end, end, text: `${end === region.start ? '' : ' '}${flags.join(' ')}`}])
}

/** The last command of the unit: it is the one that counts. */
function commandHome(unit: readonly UnitPart[]): FlagHome | undefined {
  const part = unit.findLast(({text}) => commandOf(text) !== undefined)
  if (part === undefined) return undefined
  return {
    path: part.path,
    add(text, flags) {
      const region = commandOf(text)
      return region === undefined ? text : appendedTo(text, region, flags)
    },
  }
}

function commandOf(text: string): Region | undefined {
  const line = unitLines(text).findLast(({section, key, value}) => section === 'Service' && key === 'ExecStart' && value.start < value.end)
  return line !== undefined && startsKubelet(text, line.value) ? line.value : undefined
}
