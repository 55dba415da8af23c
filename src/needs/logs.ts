// SPDX-License-Identifier: Apache-2.0
import {dockerSize} from '../checks/lib/bytes.ts'
import {kubeletLogLimits} from '../checks/lib/log-retention.ts'
import {LOG_DRIVERS, LOG_OPTIONS} from '../checks/tables/log-drivers.ts'
import type {Setting} from '../model/facts.ts'
import type {NodeNeeds, Remark} from '../model/migration/needs.ts'
import type {DockerLogging} from '../model/node/logging.ts'
import {valueOf} from '../model/observed.ts'
import type {Reading} from './reading.ts'

export interface Logs {
  readonly logs: NodeNeeds['logs']
  readonly remarks: readonly Remark[]
}

/** Drivers of Docker that keep files on the node and rotate them by max-size and max-file. */
const FILES = new Set(['json-file', 'local'])
/** The kubelet refuses fewer (KubeletConfiguration, containerLogMaxFiles). */
const LEAST_FILES = 2

/** How logs of containers are rotated now, which the kubelet does then; with other runtimes it does so already. */
export function logNeeds(reading: Reading): Logs {
  const {known, onDocker, docker} = reading
  const all = onDocker ? valueOf(known.dockerLogging) ?? [] : []
  const logging = all.find(({pid}) => pid === docker?.pid) ?? all[0]
  if (logging === undefined) return {logs: {}, remarks: []}
  const {driver} = logging
  const remarks = [...driverRemarks(logging), ...optionRemarks(logging)]
  if (!FILES.has(driver.value)) return {logs: {driver}, remarks}
  const rotation = rotationOf(logging)
  return {logs: {...rotation.logs, driver}, remarks: [...remarks, ...rotation.remarks, ...endless(reading, logging)]}
}

function rotationOf({options}: DockerLogging): Logs {
  const [size, files] = [options['max-size'], options['max-file']]
  const quantity = size && asBinary(size.value)
  const count = files === undefined ? undefined : Number(files.value)
  const unread = size !== undefined && quantity === undefined && size.value !== '-1' ? [notTaken('max-size', size)] : []
  if (size === undefined || quantity === undefined) return {logs: {}, remarks: unread}
  if (files !== undefined && (!Number.isInteger(count) || Number(count) < 1)) return {logs: {maxSize: {...size, value: quantity}}, remarks: [notTaken('max-file', files)]}
  // one file is what Docker keeps where it is told a size only
  const kept = count ?? 1
  const few: readonly Remark[] = kept >= LEAST_FILES ? [] : [{
    level: 'note', source: (files ?? size).source,
    text: `Docker keeps one log file of ${size.value} per container; the kubelet keeps two files at least.`,
  }]
  return {
    logs: {maxSize: {value: quantity, source: size.source}, maxFiles: {value: Math.max(kept, LEAST_FILES), source: (files ?? size).source}},
    remarks: few,
  }
}

function notTaken(name: string, {value, source}: Setting): Remark {
  return {
    level: 'note', source,
    text: `The ${name} "${value.slice(0, 40)}" of Docker is no value that can be carried over: the kubelet rotates logs by its own settings.`,
    next: 'Set containerLogMaxSize and containerLogMaxFiles in the configuration of the kubelet.',
  }
}

/**
 * The size as a quantity with a binary unit: `10m` → `10Mi`. Docker counts in powers of ten, so that this is up to 13 % more (for p) and
 * never less; `10M` would be exact, but what people read and write for the kubelet is Mi.
 */
function asBinary(size: string): string | undefined {
  if (dockerSize(size) === undefined) return undefined
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([kmgtp]?)/i.exec(size.trim()) ?? []
  // the kubelet takes whole numbers only
  if (number.includes('.') || unit === '') return String(dockerSize(size))
  return `${Number(number)}${unit.toUpperCase()}i`
}

/** A log that Docker never rotates is rotated by the kubelet from then on, by its own settings. */
function endless({kubelet}: Reading, {driver, options}: DockerLogging): readonly Remark[] {
  if (driver.value !== 'json-file' || kubelet === undefined || (options['max-size'] !== undefined && options['max-size'].value !== '-1')) return []
  const limits = kubeletLogLimits(kubelet)
  if (limits === undefined) return []
  return [{
    level: 'note', source: limits.size.source,
    text: `Docker keeps the whole log of a container; after the move the kubelet keeps ${limits.files.value} files of ${limits.size.value} (${limits.size.source}).`,
    next: 'Where older lines have to stay on the node, set containerLogMaxSize and containerLogMaxFiles before; or ship logs elsewhere.',
  }]
}

function driverRemarks({driver}: DockerLogging): readonly Remark[] {
  if (driver.value === 'json-file') return []
  const known = LOG_DRIVERS.find((one) => one.driver.test(driver.value))
  return [{
    level: 'loss', source: driver.source,
    text: `Docker writes logs of containers with the driver ${driver.value.slice(0, 80)}, to ${known?.to ?? 'a plugin'}; after the move they are in files below /var/log/pods only.`,
    next: driver.value === 'local' || driver.value === 'none'
      ? 'Read them with `kubectl logs`; see that the filesystem of /var/log holds them.'
      : 'Run a collector as a DaemonSet that reads /var/log/containers/*.log before the migration.',
  }]
}

function optionRemarks({options, driver}: DockerLogging): readonly Remark[] {
  if (driver.value !== 'json-file') return []
  return Object.entries(options).flatMap(([name, {source}]): readonly Remark[] => {
    const known = LOG_OPTIONS.find(({option}) => option.test(name))
    return known === undefined ? [] : [{level: 'loss', source, text: `${known.effect} (log-opts ${name})`, next: known.fix}]
  })
}
