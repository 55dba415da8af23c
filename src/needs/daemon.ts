// SPDX-License-Identifier: Apache-2.0
import {isChanged, stringsOf, type Use} from '../checks/lib/docker-settings.ts'
import {settingsOfUnit} from '../checks/lib/docker-units.ts'
import type {Setting} from '../model/facts.ts'
import type {NodeNeeds} from '../model/migration/needs.ts'
import {kubeletFlag, type Reading, settingOf} from './reading.ts'

/** Settings of the daemon that another runtime has, too; those that say what is so anyway are left out. */
export type DaemonNeeds = Pick<
  NodeNeeds,
  'downloads' | 'logLevel' | 'logFormat' | 'metricsAddress' | 'oomScore' | 'selinux' | 'seccompProfile' | 'cdiSpecDirs' | 'pullProgressTimeout'
>

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const

/** What dockerd is told of itself, and of all containers. */
export function daemonNeeds(reading: Reading): DaemonNeeds {
  if (!reading.onDocker) return {}
  const use = (key: string) => changed(reading, key)
  const downloads = numberOf(use('max-concurrent-downloads'), (value) => Number.isInteger(value) && value > 0)
  const logLevel = levelOf(reading)
  const format = choice(use('log-format'), ['text', 'json'] as const)
  const metrics = textOf(use('metrics-addr'), (value) => /^[\w.[\]:-]*:\d{1,5}$/.test(value))
  const oomScore = oomScoreOf(reading)
  const selinux = use('selinux-enabled')
  const seccomp = textOf(use('seccomp-profile'), (value) => value === 'unconfined' || value.startsWith('/'))
  const folders = use('cdi-spec-dirs')
  const timeout = progressTimeout(reading)
  return {
    ...(downloads && {downloads}), ...(logLevel && {logLevel}), ...(format && {logFormat: format}), ...(metrics && {metricsAddress: metrics}),
    ...(oomScore && {oomScore}), ...(selinux?.value === true && {selinux: settingOf(selinux, true)}), ...(seccomp && {seccompProfile: seccomp}),
    ...(folders && {cdiSpecDirs: settingOf(folders, stringsOf(folders.value).filter((folder) => folder.startsWith('/')))}),
    ...(timeout && {pullProgressTimeout: timeout}),
  }
}

function changed({uses}: Reading, key: string): Use | undefined {
  const use = uses.get(key)
  return use !== undefined && isChanged(use) ? use : undefined
}

function numberOf(use: Use | undefined, isGood: (value: number) => boolean): Setting<number> | undefined {
  return use !== undefined && typeof use.value === 'number' && isGood(use.value) ? settingOf(use, use.value) : undefined
}

function textOf(use: Use | undefined, isGood: (value: string) => boolean): Setting | undefined {
  return use !== undefined && typeof use.value === 'string' && isGood(use.value) ? settingOf(use, use.value) : undefined
}

function choice<T extends string>(use: Use | undefined, among: readonly T[]): Setting<T> | undefined {
  const found = among.find((one) => one === use?.value)
  return use && found && settingOf(use, found)
}

/** `debug` wins over a level (moby, daemon/config). */
function levelOf(reading: Reading): DaemonNeeds['logLevel'] {
  const debug = changed(reading, 'debug')
  return debug?.value === true ? settingOf(debug, 'debug' as const) : choice(changed(reading, 'log-level'), LEVELS)
}

/** What dockerd is told, else its unit: distributions ship -500 there, which says nothing. */
function oomScoreOf(reading: Reading): Setting<number> | undefined {
  const told = numberOf(changed(reading, 'oom-score-adjust'), (value) => Number.isInteger(value) && value >= -1000 && value <= 1000)
  if (told !== undefined) return told
  const unit = settingsOfUnit(reading.facts.units, 'docker.service', 'Service.OOMScoreAdjust').at(-1)
  const score = Number(unit?.value ?? '')
  const isScore = /^-?\d{1,4}$/.test(unit?.value.trim() ?? '') && score >= -1000 && score <= 1000
  return unit === undefined || !isScore || score === -500 ? undefined : {value: score, source: unit.source}
}

/** Of dockershim only; a minute is its default. */
function progressTimeout(reading: Reading): Setting | undefined {
  const told = kubeletFlag(reading, 'image-pull-progress-deadline')
  return told === undefined || !/^(?:\d+(?:\.\d+)?(?:h|m|s|ms))+$/.test(told.value) || /^(?:1m|1m0s|60s)$/.test(told.value) ? undefined : told
}
