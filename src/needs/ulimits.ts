// SPDX-License-Identifier: Apache-2.0
import {settingsOfUnit} from '../checks/lib/docker-units.ts'
import {ulimits} from '../checks/lib/docker-topics-runtime.ts'
import {socketPath} from '../checks/lib/kubelet.ts'
import {ofHost} from '../checks/lib/units.ts'
import type {Setting} from '../model/facts.ts'
import type {NodeNeeds} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import {byName, type Reading, settingOf} from './reading.ts'

interface Limit {
  readonly soft: number
  readonly hard: number
}

const UNLIMITED = -1
/** What systemd gives a service that says nothing, from 240 on (systemd-system.conf(5)). */
const SYSTEMD = {soft: 1024, hard: 524_288}

/** Limits that Docker is told to give every container; -1 is none. */
export function ulimitNeeds({uses, onDocker}: Reading): NodeNeeds['ulimits'] {
  const use = uses.get('default-ulimits')
  if (!onDocker || use === undefined) return {}
  const number = (text: string) => (text === 'infinity' ? UNLIMITED : Number(text))
  return byName(ulimits(use.value).map(({name, soft, hard}) => [name, settingOf(use, {soft: number(soft), hard: number(hard)})]))
}

/**
 * How many files a container may open that is told nothing: as many as the daemon that starts its shim, which is the containerd that
 * dockerd is told to use, else dockerd for the one it starts. The soft limit is that of the process, the hard one that of its unit.
 */
export function daemonOpenFiles(reading: Reading): Setting<Limit> | undefined {
  const {facts} = reading
  const {unit, pid} = starter(reading)
  const soft = pid === undefined ? undefined : valueOf(facts.processes.details[pid]?.limits)?.openFiles
  const told = settingsOfUnit(facts.units, unit, 'Service.LimitNOFILE').at(-1)
  const written = told && limitOf(told.value)
  if (soft === undefined) return told && written && {value: written, source: told.source}
  const now = soft ?? UNLIMITED
  if (told === undefined || written === undefined) return {value: {soft: now, hard: hardest(now, defaultHard(reading))}, source: `limits of pid ${pid}`}
  const isOne = !told.value.includes(':')
  return {value: {soft: now, hard: isOne ? now : hardest(now, written.hard)}, source: told.source}
}

/** The unit whose processes start the shims, so that containers inherit its limits. */
export function starter({docker, containerd, crio, runtime, onDocker, facts}: Reading): {readonly unit: string; readonly pid?: number} {
  if (runtime === 'cri-o') return {unit: 'crio.service', ...(crio?.pid !== undefined && {pid: crio.pid})}
  const told = docker?.containerdAddress === undefined ? undefined : socketPath(docker.containerdAddress.value)
  const used = ofHost(facts, facts.containerds).find(({address}) => told !== undefined && socketPath(address.value) === told)
  const shared = onDocker ? used : containerd
  if (shared !== undefined) return {unit: 'containerd.service', ...(shared.pid !== undefined && {pid: shared.pid})}
  return {unit: 'docker.service', ...(docker?.pid !== undefined && {pid: docker.pid})}
}

function defaultHard({known}: Reading): number {
  const told = valueOf(known.systemdDefaults)?.['Manager.DefaultLimitNOFILE'] ?? valueOf(known.systemdDefaults)?.['DefaultLimitNOFILE']
  return (told && limitOf(told.value)?.hard) ?? SYSTEMD.hard
}

function hardest(soft: number, hard: number): number {
  return soft === UNLIMITED || hard === UNLIMITED ? UNLIMITED : Math.max(soft, hard)
}

/** `1048576`, `1024:524288`, `infinity` (systemd.exec(5)). */
function limitOf(text: string): Limit | undefined {
  const numbers = text.trim().split(':').map((part) => (part === 'infinity' ? UNLIMITED : /^\d{1,15}$/.test(part) ? Number(part) : undefined))
  const [soft, hard = soft] = numbers
  return soft === undefined || hard === undefined || numbers.length > 2 ? undefined : {soft, hard}
}
