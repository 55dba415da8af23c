// SPDX-License-Identifier: Apache-2.0
import type {NodeContext, Proof} from '../../model/check.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {DockerSetting} from '../../model/node/docker.ts'
import {valueOf} from '../../model/observed.ts'
import {type DaemonKey, DAEMON_KEYS} from '../tables/daemon-keys.ts'

/** A setting of dockerd that is in force, under the name of daemon.json, whoever gave it. */
export interface Use {
  readonly key: string
  /** in the form of daemon.json, also where flags gave it */
  readonly value: Json
  readonly settings: readonly DockerSetting[]
}

const BY_KEY = new Map(DAEMON_KEYS.map((row) => [row.key, row]))
const BY_FLAG = new Map(DAEMON_KEYS.flatMap((row) => (row.flag === null ? [] : [[row.flag ?? row.key, row] as const])))

/** The row of a key of daemon.json or of a flag; undefined where dockerd has none of that name. */
export function daemonKey({name, from}: DockerSetting): DaemonKey | undefined {
  return from === 'file' ? BY_KEY.get(name) : BY_FLAG.get(name)
}

/**
 * What is in force of everything dockerd is told. Flags of a running dockerd win over a file that was changed since; tables such
 * as `runtimes` are put together.
 */
export function usesOf(settings: readonly DockerSetting[]): ReadonlyMap<string, Use> {
  const byKey = Map.groupBy(settings.filter((setting) => daemonKey(setting) !== undefined), (setting) => daemonKey(setting)?.key ?? '')
  return new Map([...byKey].map(([key, given]) => {
    const flags = given.filter(({from}) => from === 'flag')
    const inForce = flags.length > 0 && key !== 'runtimes' ? flags : given
    return [key, {key, value: together(BY_KEY.get(key)?.kind, inForce), settings: inForce}]
  }))
}

function together(kind: DaemonKey['kind'] | undefined, given: readonly DockerSetting[]): Json {
  const values = given.map(({from, value}) => (from === 'file' ? value : flagForm(kind, typeof value === 'string' ? value : JSON.stringify(value))))
  if (kind === 'list') return values.flatMap((value) => (Array.isArray(value) ? (value as readonly Json[]) : [value]))
  if (kind === 'map') return Object.assign(Object.create(null) as JsonObject, ...values.filter((value) => typeof value === 'object')) as JsonObject
  return values.at(-1) ?? null
}

/** What the text of a flag would be in daemon.json. */
function flagForm(kind: DaemonKey['kind'] | undefined, text: string): Json {
  if (kind === 'switch') return /^(?:true|t|1)$/i.test(text)
  if (kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : text
  if (kind !== 'map') return text
  const equals = text.indexOf('=')
  const [name, value] = equals === -1 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
  return {[name]: value}
}

/** Whether a value says something that dockerd would not do by itself. */
export function isChanged({key, value}: Use): boolean {
  const row = BY_KEY.get(key)
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return false
  if (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0) return false
  return !(row?.defaults ?? (row?.kind === 'switch' ? [false] : [])).includes(value as string | number | boolean)
}

/** The evidence for a setting: where dockerd has it from, and the file that puts a flag there. */
export function proofsOf({settings}: Use, within?: string): readonly Proof[] {
  return settings.flatMap(({source, text, lines, written}): readonly Proof[] => {
    const line = within === undefined || lines === undefined || !Object.hasOwn(lines, within) ? undefined : lines[within]
    const own = {source: line === undefined ? source : `${source.replace(/:\d+$/, '')}:${line}`, text}
    return written === undefined ? [own] : [written, own]
  })
}

/**
 * Whether what Docker is told concerns pods: not where the kubelet of this host runs on another runtime already. A host without a
 * kubelet may get one.
 */
export function isForPods({facts}: NodeContext): boolean {
  const kubelets = facts.kubelets.filter(({pid}) => pid === undefined || facts.processes.inside[pid] === undefined)
  const running = kubelets.filter(({pid}) => pid !== undefined)
  return running.length === 0 || running.some(({endpoints: [endpoint], containerRuntime}) =>
    endpoint === undefined ? containerRuntime?.value !== 'remote' : /docker/.test(endpoint.value) && !/docker\/containerd/.test(endpoint.value))
}

/** The strings of a list, or a single string as a list: what else is there is no setting that dockerd takes. */
export function stringsOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  return Array.isArray(value) ? (value as readonly Json[]).filter((one): one is string => typeof one === 'string' && one !== '') : []
}

/** The members of a table; none for anything else. */
export function membersOf(value: Json | undefined): readonly (readonly [string, Json])[] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
}

/** What the cgroup driver of Docker is told to be, or says it is. */
export function hasSystemdCgroups(uses: ReadonlyMap<string, Use>, {facts}: NodeContext): boolean {
  return stringsOf(uses.get('exec-opts')?.value).includes('native.cgroupdriver=systemd') || facts.dockers.some(({api}) => valueOf(api)?.cgroupDriver === 'systemd')
}
