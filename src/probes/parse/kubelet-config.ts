// SPDX-License-Identifier: Apache-2.0
import {loadAll} from 'js-yaml'
import {emptyMap, type Table, tableOf} from './untrusted.ts'

/** The keys of KubeletConfiguration (kubelet.config.k8s.io/v1beta1) that say something about the container runtime. */
const KEYS = [
  'containerRuntimeEndpoint', 'imageServiceEndpoint', 'cgroupDriver', 'cgroupRoot', 'cgroupsPerQOS', 'runtimeRequestTimeout',
  'kubeReservedCgroup', 'systemReservedCgroup', 'kubeletCgroups', 'systemCgroups', 'enforceNodeAllocatable', 'failCgroupV1', 'failSwapOn',
  'containerLogMaxSize', 'containerLogMaxFiles', 'containerLogMaxWorkers', 'containerLogMonitorInterval', 'podLogsDir',
  'imageGCHighThresholdPercent', 'imageGCLowThresholdPercent', 'imageMinimumGCAge', 'imageMaximumGCAge', 'evictionHard',
  'serializeImagePulls', 'maxParallelImagePulls', 'seccompDefault', 'featureGates', 'staticPodPath', 'singleProcessOOMKill',
]

/**
 * Reads a KubeletConfiguration, YAML or JSON, a drop-in or kubeadm's instance-config.yaml alike: the keys rtctl uses.
 *
 * @throws where the text is no YAML mapping
 */
export function parseKubeletConfig(text: string): Table {
  const table = tableOf(parseYaml(text))
  if (table === undefined) throw new Error('not a YAML mapping')
  const config = emptyMap<unknown>()
  for (const key of KEYS) {
    const value = Object.hasOwn(table, key) ? flat(table[key]) : undefined
    if (value !== undefined) config[key] = value
  }
  return config
}

/**
 * The first document of a YAML text; undefined where there is none.
 *
 * @throws where it is no YAML
 */
export function parseYaml(text: string): unknown {
  return loadAll(text)[0]
}

/** Scalars, and lists and maps of scalars: what lies deeper is not used, and aliases could make it grow without end. */
function flat(value: unknown): unknown {
  if (isScalar(value)) return value
  if (Array.isArray(value)) return value.filter(isScalar)
  const table = tableOf(value)
  if (table === undefined) return undefined
  const map = emptyMap<unknown>()
  for (const [key, member] of Object.entries(table)) if (isScalar(member)) map[key] = member
  return map
}

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}
