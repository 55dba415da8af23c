// SPDX-License-Identifier: Apache-2.0
import type {Facts, KubeletFacts, Setting} from '../../model/facts.ts'
import type {ContainerLog, DockerLogging} from '../../model/node/logging.ts'
import {valueOf} from '../../model/observed.ts'
import {dockerSize, kubeletSize} from './bytes.ts'

/** The kubelets of the host itself, without those of nested machines. */
export function kubeletsOf({kubelets, processes}: Facts): readonly KubeletFacts[] {
  return kubelets.filter(({pid}) => pid === undefined || processes.inside[pid] === undefined)
}

/** Whether a kubelet of this host has its containers at Docker: through dockershim, or through cri-dockerd. */
export function isOnDocker(facts: Facts): boolean {
  return kubeletsOf(facts).some((kubelet) => isOnDockershim(kubelet) || /cri-dockerd|dockershim/.test(kubelet.endpoints[0]?.value ?? ''))
}

/** Whether dockershim is inside of it. Such a kubelet pays no attention to its own settings for log files. */
export function isOnDockershim({containerRuntime}: KubeletFacts): boolean {
  return containerRuntime?.value === 'docker'
}

/** What a kubelet does with log files. Sizes are as written: they may be no sizes at all. */
export interface KubeletLogLimits {
  readonly size: Setting
  readonly files: Setting
}

const BY_DEFAULT = 'default of the kubelet'

/** Flags win over the configuration file; defaults are those of KubeletConfiguration v1beta1. Undefined where the file could not be read. */
export function kubeletLogLimits(kubelet: KubeletFacts): KubeletLogLimits | undefined {
  const size = settingOf(kubelet, 'container-log-max-size', 'containerLogMaxSize')
  const files = settingOf(kubelet, 'container-log-max-files', 'containerLogMaxFiles')
  if (kubelet.config.state === 'unreadable' && (size === undefined || files === undefined)) return undefined
  return {size: size ?? {value: '10Mi', source: BY_DEFAULT}, files: files ?? {value: '5', source: BY_DEFAULT}}
}

function settingOf({flags, config, pid}: KubeletFacts, flag: string, key: string): Setting | undefined {
  const told = Object.hasOwn(flags, flag) ? flags[flag] : undefined
  if (told !== undefined) return {value: told, source: `--${flag} of the kubelet${pid === undefined ? '' : `, pid ${pid}`}`}
  const table = valueOf(config)
  const written = table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined
  // the kubelet gives an empty size and no number of files their defaults
  if (written === undefined || written.value === '' || (typeof written.value !== 'string' && typeof written.value !== 'number')) return undefined
  return {value: String(written.value), source: written.source}
}

/** How many bytes of one container's log are kept at most. */
export interface Retention {
  /** of one file; infinite: it grows without end */
  readonly size: number
  readonly files: number
  /** infinite where files grow without end */
  readonly bytes: number
}

/** What a kubelet keeps; a negative size turns rotation off. Undefined where a value is none, so that the kubelet does not start. */
export function kubeletRetention({size, files}: KubeletLogLimits): Retention | undefined {
  const [bytes, count] = [kubeletSize(size.value), Number(files.value)]
  if (bytes === undefined || !Number.isInteger(count) || count < 2) return undefined
  return bytes < 0 ? {size: Infinity, files: count, bytes: Infinity} : {size: bytes, files: count, bytes: bytes * count}
}

/** What Docker's json-file keeps (moby, jsonfilelog: one file without end where nothing is said). Undefined for values it does not take. */
export function dockerRetention(options: Readonly<Record<string, string>>): Retention | undefined {
  const size = options['max-size'] === undefined ? Infinity : dockerSize(options['max-size'])
  const files = Number(options['max-file'] ?? '1')
  if (size === undefined || !Number.isInteger(files) || files < 1) return undefined
  return {size, files, bytes: size * files}
}

/** Containers whose logs are kept in the same way; none where no container runs: then it is what the next one gets. */
export interface LogGroup {
  readonly options: Readonly<Record<string, string>>
  readonly containers: readonly ContainerLog[]
  /** where it is written: daemon.json, a flag, or a container's own file */
  readonly source: string
}

/** Running json-file containers by how they are rotated; where none run, what dockerd is configured to do. */
export function rotationGroups(logs: readonly ContainerLog[], dockers: readonly DockerLogging[]): readonly LogGroup[] {
  const jsonFile = logs.filter(({driver}) => driver === 'json-file')
  const groups = Map.groupBy(jsonFile, ({options}) => JSON.stringify([options['max-size'], options['max-file']]))
  if (groups.size === 0) {
    return dockers.filter(({driver}) => driver.value === 'json-file').map(({options}) => ({options: plain(options), containers: [], source: sourceOf(options)}))
  }
  return [...groups.values()].flatMap((containers): readonly LogGroup[] => {
    const [first] = containers
    if (first === undefined) return []
    const same = dockers.find(({options}) => ['max-size', 'max-file'].every((key) => options[key]?.value === first.options[key]))
    return [{options: first.options, containers, source: same === undefined ? first.source : sourceOf(same.options)}]
  })
}

function plain(options: DockerLogging['options']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(options).map(([key, {value}]) => [key, value]))
}

function sourceOf(options: DockerLogging['options']): string {
  return (options['max-size'] ?? options['max-file'])?.source ?? 'default of dockerd'
}
