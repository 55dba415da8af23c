// SPDX-License-Identifier: Apache-2.0
import type {Generated, SettingRow, Target, TargetFiles, Wanted} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {isAtLeast} from '../../model/version.ts'
import {Edits} from '../lib/edits.ts'
import {isSafeFlagValue} from '../lib/flag-edit.ts'
import {joinGenerated, NOTHING} from '../lib/generated.ts'
import {refusedRemark} from '../lib/plain-text.ts'
import {
  cgroupRemarks, configPaths, editKubeletConfig, ENDPOINT_IN_CONFIG, instanceConfig, type KubeletConfig, memberOf, readKubeletConfig,
  rotationRemarks,
} from './config-file.ts'
import {DOCKERSHIM_FLAGS, type FlagPlan, kubeletVersion, planFlags, sameEndpoint} from './flag-plan.ts'
import {DROP_IN, flagsAt, homeOfFlags, placeOf, placePaths, readStart, type Start, withFlags} from './places.ts'
import {runtimeDropIn, untie} from './unit.ts'

/** The kubelet's unit, the files with its flags, and its configuration. */
export function wanted(needs: NodeNeeds, _target: Target): Wanted {
  const [places, config] = [placePaths(needs), configPaths(needs)]
  return {files: [...new Set([...places.files, DROP_IN, ...config.files])], patterns: [...places.patterns, ...config.patterns]}
}

/** What points the kubelet at the runtime: flags, configuration file, kubeadm's node file, unit. */
export function generate(needs: NodeNeeds, target: Target, files: TargetFiles): Generated {
  const version = kubeletVersion(needs)
  const refused = refusal(needs, target, version)
  if (refused !== undefined || version === undefined) return {...NOTHING, remarks: refused === undefined ? [] : [refused]}
  const start = readStart(needs, files)
  const config = readKubeletConfig(needs, files)
  const plan = planFlags(needs, target, version)
  const edits = new Edits([...start.unit, ...start.environment])
  decideFlags(start, edits, plan)
  const missing = missingSettings(needs, target, version, {start, config, edits})
  const added = addFlags(start, edits, missing.flags)
  if (needs.from.systemd) untie(start.unit, target, edits)
  return joinGenerated([
    {files: edits.changed('kubelet'), remarks: [...start.remarks, ...config.remarks, ...added, ...leftFlags(needs, plan, edits)]},
    editKubeletConfig(config, missing.members),
    instanceConfig(needs, target, files, version),
    needs.from.systemd ? runtimeDropIn(start.unit, needs, target, files) : {},
    {rows: rowsOf(needs, target, config, missing), remarks: [...cgroupRemarks(config, target), ...rotationRemarks(config, target), ...missing.remarks]},
  ])
}

function refusal({kubelet}: NodeNeeds, target: Target, version: string | undefined): Remark | undefined {
  if (kubelet.embedded !== undefined) {
    return {
      level: 'blocker', text: `the kubelet is not a program of its own on this node: ${kubelet.embedded.value}`,
      next: 'Change the runtime with the tool that runs the kubelet, or replace the node.', source: kubelet.embedded.source,
    }
  }
  if (!/^unix:\/\/\/[\w./-]+$/.test(target.endpoint)) {
    return {level: 'blocker', text: 'the endpoint of the runtime is not a unix:// URL of plain characters',
      next: 'Give an endpoint such as unix:///run/containerd/containerd.sock.'}
  }
  if (version !== undefined) return undefined
  return {
    level: 'blocker', text: 'the version of the kubelet is not known, so it is not known which flags it starts with',
    next: 'Name the version of Kubernetes that the kubelet has when it starts next: --kubernetes 1.24.',
  }
}

// ---------------------------------------------------------------- flags

/** Removes and changes the flags that are written, each where it is. */
function decideFlags(start: Start, edits: Edits, plan: FlagPlan): void {
  for (const path of edits.paths) {
    const changed = new Set<string>()
    const text = withFlags(path, edits.text(path), start.unit, (flag) => {
      const fate = plan.fate(flag)
      if (fate !== 'keep') changed.add(`--${flag.name}${fate === 'remove' ? ' goes' : ` becomes ${fate.value}`}`)
      return fate
    })
    edits.change(path, text, `for a kubelet ${plan.version} and the new runtime ${[...changed].join(', ')}`)
  }
}

/** Flags that have to go or change but are written where, or as, they cannot be edited. */
function leftFlags(needs: NodeNeeds, plan: FlagPlan, edits: Edits): readonly Remark[] {
  const left = needs.kubelet.flags.filter((flag) => {
    const path = placeOf(flag.source)
    if (path === undefined || plan.fate(flag) === 'keep') return false
    return !edits.has(path) || stillHas(edits.text(path), flag.name, flag.value)
  })
  return left.map(({name, value, source}) => ({
    level: 'blocker',
    text: `--${name}=${value} of the kubelet is written in a way or a place that rtctl does not edit`,
    next: plan.fate({name, value}) === 'remove' ? `Remove it in ${source}.` : `Change it in ${source} by hand.`,
    source,
  }))
}

function stillHas(text: string, name: string, value: string): boolean {
  const lines = text.split('\n').filter((line) => !/^\s*[#;]/.test(line))
  const words = lines.join('\n').replaceAll('_', '-').replace(/["'\\]/g, ' ').split(/\s+|=(?=--)/)
  const [flag, own] = [`--${name}`, value.replaceAll('_', '-').replace(/["'\\]/g, ' ').split(/\s+/)[0] ?? '']
  return words.some((word, i) => word === `${flag}=${own}` || (word === flag && (own === 'true' || words[i + 1] === own)))
}

/** Writes flags that are nowhere yet. */
function addFlags(start: Start, edits: Edits, flags: readonly string[]): readonly Remark[] {
  if (flags.length === 0) return []
  const home = homeOfFlags(start)
  if (home === undefined) {
    return [{
      level: 'blocker', text: `nothing is found that starts the kubelet and takes flags: ${flags.join(' ')} cannot be given to it`,
      next: 'Add the flags where the kubelet is started on this node.',
    }]
  }
  edits.change(home.path, home.add(edits.text(home.path), flags), `${flags.join(' ')} ${flags.length === 1 ? 'points' : 'point'} the kubelet at the new runtime`)
  return []
}

// ---------------------------------------------------------------- settings that are a flag or a member of the configuration

interface Missing {
  readonly flags: readonly string[]
  readonly members: readonly {readonly name: string; readonly value: string | number; readonly ifUnset: boolean; readonly reason: string}[]
  readonly remarks: readonly Remark[]
  /** where the endpoint is after the migration */
  readonly endpointSource: string
}

interface Found {
  readonly start: Start
  readonly config: KubeletConfig
  readonly edits: Edits
}

/** What has to be said and is nowhere yet: in the configuration file where the kubelet has one and it can be said there. */
function missingSettings(needs: NodeNeeds, target: Target, version: string, {start, config, edits}: Found): Missing {
  const written = edits.paths.flatMap((path) => flagsAt(path, edits.text(path), start.unit).map((flag) => ({...flag, path})))
  const flag = (name: string) => written.find((candidate) => candidate.name === name)
  const flags: string[] = []
  const members: Missing['members'][number][] = []
  const endpoint = flag('container-runtime-endpoint')
  const inConfig = isAtLeast(version, ENDPOINT_IN_CONFIG) && config.main !== undefined
  if (inConfig && (endpoint === undefined || memberOf(config, 'containerRuntimeEndpoint') !== undefined)) members.push(...endpointMember(config, target))
  else if (endpoint === undefined) flags.push(`--container-runtime-endpoint=${target.endpoint}`)
  if (!isAtLeast(version, '1.24') && flag('container-runtime') === undefined) flags.unshift('--container-runtime=remote')
  const driver = needs.cgroup.driver.value
  if (flag('cgroup-driver') === undefined && (driver === 'systemd' || memberOf(config, 'cgroupDriver') !== undefined)) {
    if (config.main === undefined) flags.push(`--cgroup-driver=${driver}`)
    else members.push({name: 'cgroupDriver', value: driver, ifUnset: false, reason: 'as the runtime has it'})
  }
  const logs = logLimits(needs, target)
  for (const {name, option, value} of logs.limits) {
    if (flag(option) !== undefined) continue
    if (config.main !== undefined) members.push({name, value, ifUnset: true, reason: target.name === 'cri-dockerd' ? 'Docker goes on rotating logs' : 'as Docker rotated logs'})
    else if (isSafeFlagValue(String(value))) flags.push(`--${option}=${value}`)
  }
  const home = endpoint?.path ?? homeOfFlags(start)?.path ?? 'the command line of the kubelet'
  const endpointSource = members.some(({name}) => name === 'containerRuntimeEndpoint') || (inConfig && endpoint === undefined)
    ? `${config.main ?? ''} containerRuntimeEndpoint`
    : `${home} --container-runtime-endpoint`
  return {flags, members, remarks: logs.remarks, endpointSource}
}

/** Left as it is where it names the same socket in other words. */
function endpointMember(config: KubeletConfig, target: Target): Missing['members'] {
  const now = memberOf(config, 'containerRuntimeEndpoint')?.value
  if (typeof now === 'string' && sameEndpoint(now, target.endpoint)) return []
  return [{name: 'containerRuntimeEndpoint', value: target.endpoint, ifUnset: false, reason: 'the new runtime'}]
}

interface LogLimit {
  readonly name: 'containerLogMaxSize' | 'containerLogMaxFiles'
  readonly option: string
  readonly value: string | number
}

/**
 * The kubelet takes no fewer files than two, and sizes as quantities of Kubernetes: `10Mi` (KubeletConfiguration). With cri-dockerd it
 * would fail to rotate logs again and again, as Docker cannot reopen them: Docker goes on rotating, and a negative size keeps the
 * kubelet from it (kubernetes pkg/kubelet/logs; cri-dockerd core/logs.go).
 */
function logLimits({logs: {maxSize, maxFiles}, from}: NodeNeeds, target: Target): {readonly limits: readonly LogLimit[]; readonly remarks: readonly Remark[]} {
  const size = (value: string): LogLimit => ({name: 'containerLogMaxSize', option: 'container-log-max-size', value})
  if (target.name === 'cri-dockerd') return {limits: from.runtime === 'cri-dockerd' ? [] : [size('-1')], remarks: []}
  const isSize = maxSize !== undefined && /^\d{1,18}(?:\.\d{1,9})?(?:[KMGTP]i|[kMGTP])?$/.test(maxSize.value)
  const isCount = maxFiles !== undefined && Number.isInteger(maxFiles.value) && maxFiles.value >= 2
  return {
    limits: [...(isSize ? [size(maxSize.value)] : []), ...(isCount ? [{name: 'containerLogMaxFiles', option: 'container-log-max-files', value: maxFiles.value} as const] : [])],
    remarks: [
      ...(maxSize === undefined || isSize ? [] : [refusedRemark('the size of container logs', maxSize.source)]),
      ...(maxFiles === undefined || isCount ? [] : [refusedRemark('the number of files of container logs', maxFiles.source)]),
    ],
  }
}

// ---------------------------------------------------------------- before → after

function rowsOf(needs: NodeNeeds, target: Target, config: KubeletConfig, missing: Missing): readonly SettingRow[] {
  const rows: SettingRow[] = [endpointRow(needs, target, missing.endpointSource)]
  const dropped = needs.kubelet.flags.filter(({name, source}) => DOCKERSHIM_FLAGS.includes(name) && placeOf(source) !== undefined)
  rows.push(...dropped.map(({name, value, source}) => ({name: `kubelet --${name}`, declared: {value, source}})))
  const row = logRow(needs, target, config)
  return row === undefined ? rows : [...rows, row]
}

function endpointRow({from}: NodeNeeds, target: Target, source: string): SettingRow {
  return {
    name: 'CRI endpoint',
    ...(from.endpoint !== undefined && {effective: from.endpoint}),
    after: {value: target.endpoint, source},
  }
}

/** The kubelet rotates logs for every runtime but Docker: what its file said already counts from now on. */
function logRow(needs: NodeNeeds, target: Target, config: KubeletConfig): SettingRow | undefined {
  const {limits} = logLimits(needs, target)
  const {maxSize, maxFiles} = needs.logs
  const source = maxSize?.source ?? maxFiles?.source
  if (source === undefined && needs.from.runtime !== 'dockershim') return undefined
  const before = `${maxSize?.value ?? 'unlimited'} × ${maxFiles?.value ?? 1}`
  const told = source === undefined ? {} : {declared: {value: before, source}}
  if (target.name === 'cri-dockerd') return {name: 'log rotation', ...told, after: {value: before, source: 'Docker, as before'}}
  const after = (name: LogLimit['name'], byDefault: string | number) => textOf(memberOf(config, name)?.value) ?? String(limits.find((limit) => limit.name === name)?.value ?? byDefault)
  return {
    name: 'log rotation', ...told,
    after: {
      value: `${after('containerLogMaxSize', '10Mi')} × ${after('containerLogMaxFiles', 5)}`,
      source: config.main === undefined ? 'kubelet --container-log-max-size, --container-log-max-files' : `${config.main} containerLogMaxSize, containerLogMaxFiles`,
    },
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
