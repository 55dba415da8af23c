// SPDX-License-Identifier: Apache-2.0
import type {Generated, GeneratedFile, Target, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {isAtLeast} from '../../model/version.ts'
import {type Existing, existingAt, fileUnlessSame, matchesOf, unreadableRemark} from '../lib/existing.ts'
import {readYaml, setYaml, type YamlValue} from '../lib/yaml-edit.ts'
import {runtimeUnit, sameEndpoint} from './flag-plan.ts'
import {placeOf} from './places.ts'

export const INSTANCE_CONFIG = '/var/lib/kubelet/instance-config.yaml'
/** KubeletConfiguration has the endpoint since then (kubernetes CHANGELOG-1.27). */
export const ENDPOINT_IN_CONFIG = '1.27'
/** kubeadm keeps the endpoint of a node in a file since then (feature gate NodeLocalCRISocket, beta). */
const INSTANCE_CONFIG_SINCE = '1.34'
const CGROUP_KEYS = ['kubeReservedCgroup', 'systemReservedCgroup', 'kubeletCgroups']

/** Members of KubeletConfiguration that are wanted, by name; `ifUnset`: only where no file says anything else. */
export interface WantedMember {
  readonly name: string
  readonly value: YamlValue
  readonly ifUnset: boolean
  /** a sentence's part for the plan */
  readonly reason: string
}

/** The main file and the drop-ins of --config-dir, the one that wins last. */
export interface KubeletConfig {
  readonly main: string | undefined
  readonly files: readonly {readonly path: string; readonly existing: Existing; readonly values: ReadonlyMap<string, unknown>}[]
  readonly remarks: readonly Remark[]
}

/** Where KubeletConfiguration is written on this node. */
export function configPaths(needs: NodeNeeds): {readonly files: readonly string[]; readonly patterns: readonly string[]} {
  const main = needs.kubelet.configFile
  const directory = configDirectory(needs)
  return {
    files: [...(main === undefined || placeOf(main) === undefined ? [] : [main]), INSTANCE_CONFIG],
    patterns: directory === undefined ? [] : [`${directory}/*.conf`],
  }
}

function configDirectory(needs: NodeNeeds): string | undefined {
  const value = needs.kubelet.flags.findLast(({name}) => name === 'config-dir')?.value
  return value === undefined || placeOf(value) === undefined ? undefined : value.replace(/\/+$/, '')
}

export function readKubeletConfig(needs: NodeNeeds, files: TargetFiles): KubeletConfig {
  const remarks: Remark[] = []
  const main = configPaths(needs).files.find((path) => path !== INSTANCE_CONFIG)
  const dropIns = configPaths(needs).patterns.map((pattern) => matchesOf(files, pattern))
  remarks.push(...dropIns.flatMap((found) => found.remarks))
  const read = [...(main === undefined ? [] : [main]), ...dropIns.flatMap(({paths}) => paths)].map((path) => {
    const existing = existingAt(files, path)
    if (existing.state === 'unreadable') remarks.push(unreadableRemark(path, existing))
    const yaml = existing.state === 'ok' ? readYaml(existing.text) : undefined
    if (yaml?.ok === false) remarks.push(notEditable(path, yaml.reason))
    return {path, existing, values: yaml?.ok ? yaml.values : new Map<string, unknown>()}
  })
  return {main, files: read, remarks}
}

function notEditable(path: string, reason: string): Remark {
  return {
    level: 'blocker', text: `${path} cannot be edited safely: ${reason}`,
      next: `Write ${path} as plain YAML, one setting a line, and plan again.`, source: path,
  }
}

/** What a member is after all files are read: the last one that has it wins. */
export function memberOf(config: KubeletConfig, name: string): {readonly value: unknown; readonly source: string} | undefined {
  const file = config.files.findLast(({values}) => values.has(name))
  return file === undefined ? undefined : {value: file.values.get(name), source: `${file.path} ${name}`}
}

/** Sets members in the file that has the last word on each, or in the main one. */
export function editKubeletConfig(config: KubeletConfig, members: readonly WantedMember[]): {files: readonly GeneratedFile[]; remarks: readonly Remark[]} {
  const open = members.filter(({name, value, ifUnset}) => {
    const now = memberOf(config, name)
    return now === undefined || (!ifUnset && now.value !== value)
  })
  const files: GeneratedFile[] = []
  const remarks: Remark[] = []
  for (const {path, existing, values} of config.files) {
    const here = open.filter(({name}) => values.has(name) ? memberOf(config, name)?.source === `${path} ${name}` : memberOf(config, name) === undefined && path === config.main)
    if (here.length === 0 || existing.state === 'unreadable') continue
    const text = existing.state === 'ok' ? existing.text : 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
    const edit = setYaml(text, Object.fromEntries(here.map(({name, value}) => [name, value])))
    if (!edit.ok) remarks.push(notEditable(path, edit.reason))
    else {
      const why = `Sets ${here.map(({name, reason}) => `${name} (${reason})`).join(', ')}.`
      files.push(...fileUnlessSame(existing, {path, text: edit.text, mode: 0o644, why, part: 'kubelet'}))
    }
  }
  return {files, remarks}
}

/** With cri-dockerd a size of logs that the kubelet is told makes it try what Docker alone can do (cri-dockerd issue 150). */
export function rotationRemarks(config: KubeletConfig, target: Target): readonly Remark[] {
  const now = memberOf(config, 'containerLogMaxSize')
  if (target.name !== 'cri-dockerd' || typeof now?.value !== 'string' || now.value.startsWith('-')) return []
  return [{
    level: 'note', text: `containerLogMaxSize is ${now.value.slice(0, 40)}: the kubelet will try to rotate logs of that size and fail, as Docker alone can`,
    next: 'Let Docker rotate at less than that (max-size in daemon.json), or set it to "-1".', source: now.source,
  }]
}

/** Cgroups that are named after the old runtime's unit: the limits of the reservation would go nowhere. */
export function cgroupRemarks(config: KubeletConfig, target: Target): readonly Remark[] {
  if (target.name === 'cri-dockerd') return []
  return CGROUP_KEYS.flatMap((name): readonly Remark[] => {
    const now = memberOf(config, name)
    if (typeof now?.value !== 'string' || !/docker\.(?:service|slice)/.test(now.value)) return []
    return [{
      level: 'note', text: `${name} is ${now.value}: the cgroup of Docker, which is gone after the migration`,
      next: `Name the cgroup of ${runtimeUnit(target)} there, if the reservation is meant for the runtime.`, source: now.source,
    }]
  })
}

/** kubeadm's file with what is special about this node; kubeadm 1.34 and later take the endpoint from it at each upgrade. */
export function instanceConfig(needs: NodeNeeds, target: Target, files: TargetFiles, version: string): Generated {
  const existing = existingAt(files, INSTANCE_CONFIG)
  const nothing = {files: [], rows: [], remarks: []}
  if (existing.state === 'unreadable') return needs.kubelet.kubeadm ? {...nothing, remarks: [unreadableRemark(INSTANCE_CONFIG, existing)]} : nothing
  if (existing.state === 'absent' && (!needs.kubelet.kubeadm || !isAtLeast(version, INSTANCE_CONFIG_SINCE))) return nothing
  const text = existing.state === 'ok' ? existing.text : 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'
  const read = readYaml(text)
  if (!read.ok) return {...nothing, remarks: [notEditable(INSTANCE_CONFIG, read.reason)]}
  const now = read.values.get('containerRuntimeEndpoint')
  if (typeof now === 'string' && sameEndpoint(now, target.endpoint)) return nothing
  const edit = setYaml(text, {containerRuntimeEndpoint: target.endpoint})
  if (!edit.ok) return {...nothing, remarks: [notEditable(INSTANCE_CONFIG, edit.reason)]}
  const source = `${INSTANCE_CONFIG} containerRuntimeEndpoint`
  return {
    ...nothing,
    files: fileUnlessSame(existing, {
      path: INSTANCE_CONFIG, text: edit.text, mode: 0o644, why: 'kubeadm takes the endpoint of this node from here when it upgrades it.', part: 'kubelet',
    }),
    rows: [{
      name: 'CRI endpoint of kubeadm', ...(typeof now === 'string' && {declared: {value: now, source}}), after: {value: target.endpoint, source},
    }],
  }
}
