// SPDX-License-Identifier: Apache-2.0
import type {CriVersion} from '../cri/channel.ts'
import type {CriClient} from '../cri/client.ts'
import {CriError} from '../cri/errors.ts'
import type {Container, PodSandbox} from '../cri/gen/runtime/v1/list.ts'
import type {RuntimeConfigResponse, StatusResponse} from '../cri/gen/runtime/v1/runtime.ts'
import type {ContainerState, CriAnswer, CriContainer, CriEndpointFacts, CriPod} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {CannotAsk} from '../model/host.ts'
import {mapObserved, unreadable} from '../model/observed.ts'
import type {Observed} from '../model/observed.ts'
import {defined, listAt} from './parse/plain-json.ts'
import {booleanAt, stringAt, stringsAt, tableOf, valueAt} from './parse/untrusted.ts'

/** A place where a CRI runtime may listen. */
export interface CriCandidate {
  /** path of a socket on the host that is asked */
  readonly address: string
  /** why it is asked, as in CriEndpointFacts */
  readonly reasons: readonly string[]
  /** see CriEndpointFacts */
  readonly inside?: number
}

/**
 * Asks every candidate at once: which versions of the CRI it serves, how it is, what it runs.
 *
 * A path without a socket is `absent` or `EIO`, a daemon that hangs `timeout`, a socket where nobody listens `EIO`.
 * Something that answers without being a CRI runtime has no API version.
 *
 * @param host the machine, or the nested machine (`Host.within`), the addresses are paths of
 */
export async function probeCriEndpoints(host: Host, candidates: readonly CriCandidate[]): Promise<readonly CriEndpointFacts[]> {
  return Promise.all(candidates.map(async (candidate) => ({...candidate, answer: await askEndpoint(host, candidate.address)})))
}

async function askEndpoint(host: Host, address: string): Promise<Observed<CriAnswer>> {
  const file = host.stat(address)
  if (file.state !== 'ok') return file
  if (file.value.type !== 'socket') return unreadable(file.source, 'EIO', `no socket but a ${file.value.type}`)
  // The long path: the same address exists in every nested machine.
  const asked = await host.ask(`cri ${file.source}`, (limitMs) => askRuntime(host.localPath(address), limitMs))
  return mapObserved(asked, readAnswer)
}

async function askRuntime(path: string | undefined, timeoutMs: number): Promise<CriAnswer> {
  if (path === undefined) throw new CannotAsk('unsupported', 'no way to this socket')
  // Loaded here, because gRPC and HTTP/2 take longer to load than most endpoints take to answer.
  const {openCri} = await import('../cri/client.ts')
  let cri: CriClient | undefined
  try {
    cri = openCri(path, {timeoutMs})
    // Where v1 answers, a failure of this question alone costs no more than the name of the old version.
    const isServed = cri.serves('v1alpha2').catch(() => false)
    const best = (await answering(cri, 'v1')) ?? (await answering(cri, 'v1alpha2'))
    if (best === undefined) return NO_CRI
    const isBoth = best.api === 'v1' && (await isServed)
    return await describeRuntime(cri, best, isBoth ? ['v1', 'v1alpha2'] : [best.api])
  } catch (error) {
    throw cannotAsk(error)
  } finally {
    cri?.close()
  }
}

const NO_CRI: CriAnswer = {apiVersions: [], runtimeName: '', runtimeVersion: '', conditions: [], handlers: [], pods: [], containers: []}

/** A version of the CRI, by what the runtime says in it of itself. */
interface Served {
  readonly api: CriVersion
  readonly name: string
  readonly version: string
}

/** Asks in a version, which counts as use of it; undefined where it is not there. */
async function answering(cri: CriClient, api: CriVersion): Promise<Served | undefined> {
  try {
    const {runtimeName, runtimeVersion} = await cri.version(api)
    return {api, name: runtimeName, version: runtimeVersion}
  } catch (error) {
    if (isOtherServer(error)) return undefined
    throw error
  }
}

/** Whether the error says: something answers, but it is no CRI runtime, or its CRI plugin is off. */
function isOtherServer(error: unknown): boolean {
  return error instanceof CriError && ['not-grpc', 'unknown-service', 'unimplemented'].includes(error.kind)
}

async function describeRuntime(cri: CriClient, best: Served, apiVersions: readonly CriVersion[]): Promise<CriAnswer> {
  const [status, config, pods, containers] = await Promise.all([
    cri.status(best.api, {verbose: true}),
    runtimeConfig(cri, best.api),
    cri.listPodSandbox(best.api),
    cri.listContainers(best.api),
  ])
  const settings = readStatusInfo(status.info)
  const handlers = status.runtimeHandlers.map(({name}) => name).filter((name) => name !== '')
  return {
    ...settings,
    ...defined({cgroupDriver: cgroupDriver(config) ?? settings.cgroupDriver}),
    apiVersions,
    runtimeName: best.name,
    runtimeVersion: best.version,
    conditions: conditionsOf(status),
    handlers: handlers.length > 0 ? handlers : settings.handlers,
    pods: pods.map(podFacts),
    containers: containers.map(containerFacts),
  }
}

/** What the runtime says of its settings; undefined where it is too old for this call. */
async function runtimeConfig(cri: CriClient, api: CriVersion): Promise<RuntimeConfigResponse | undefined> {
  try {
    return await cri.runtimeConfig(api)
  } catch (error) {
    if (isOtherServer(error)) return undefined
    throw error
  }
}

function cgroupDriver(config: RuntimeConfigResponse | undefined): string | undefined {
  if (config?.linux === undefined) return undefined
  return ['systemd', 'cgroupfs'][config.linux.cgroupDriver]
}

function conditionsOf({status}: StatusResponse): CriAnswer['conditions'] {
  return (status?.conditions ?? []).map(({type, status: holds, reason, message}) => ({type, status: holds, reason, message}))
}

function podFacts({id, metadata, state, runtimeHandler}: PodSandbox): CriPod {
  const {name = '', namespace = '', uid = ''} = metadata ?? {}
  return {id, name, namespace, uid, ready: state === 0, handler: runtimeHandler}
}

const STATES: readonly ContainerState[] = ['created', 'running', 'exited']

function containerFacts({id, podSandboxId, metadata, image, imageRef, state}: Container): CriContainer {
  return {
    id,
    podSandboxId,
    name: metadata?.name ?? '',
    image: image?.userSpecifiedImage || image?.image || imageRef,
    state: STATES[state] ?? 'unknown',
  }
}

interface StatusInfo {
  readonly cgroupDriver?: string
  readonly snapshotter?: string
  readonly sandboxImage?: string
  readonly handlers: readonly string[]
}

/**
 * What is of use in the texts of a verbose Status. Under `config` containerd has its whole CRI configuration
 * (pkg/cri/config; version 2 left snapshotter and sandbox image out), CRI-O only the sandbox image
 * (server/runtime_status.go), dockershim nothing. Anything else, secrets of registries too, is left there.
 */
export function readStatusInfo(info: ReadonlyMap<string, string>): StatusInfo {
  const config = parseJson(info.get('config'))
  return {
    ...defined({
      cgroupDriver: containerdCgroupDriver(config),
      snapshotter: stringAt(config, 'containerd', 'snapshotter'),
      sandboxImage: stringAt(config, 'sandboxImage'),
    }),
    handlers: Object.keys(tableOf(valueAt(config, 'containerd', 'runtimes')) ?? {}),
  }
}

/** By the default runtime's options; `systemdCgroup` beside them is the setting of the v1 Linux runtime. */
function containerdCgroupDriver(config: unknown): string | undefined {
  const runtime = valueAt(config, 'containerd', 'runtimes', stringAt(config, 'containerd', 'defaultRuntimeName') ?? '')
  const type = stringAt(runtime, 'runtimeType')
  if (type === 'io.containerd.runtime.v1.linux') return booleanAt(config, 'systemdCgroup') === true ? 'systemd' : 'cgroupfs'
  if (type === undefined || !type.startsWith('io.containerd.runc.')) return undefined
  return booleanAt(runtime, 'options', 'SystemdCgroup') === true ? 'systemd' : 'cgroupfs'
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '')
  } catch {
    return undefined
  }
}

/** An answer as it comes back from the host: a snapshot may hold anything. Throws when it is no answer at all. */
function readAnswer(answer: unknown): CriAnswer {
  if (tableOf(answer) === undefined) throw new Error('no answer of a CRI runtime')
  const text = (value: unknown, key: string) => stringAt(value, key) ?? ''
  return {
    ...defined({
      cgroupDriver: stringAt(answer, 'cgroupDriver'),
      snapshotter: stringAt(answer, 'snapshotter'),
      sandboxImage: stringAt(answer, 'sandboxImage'),
    }),
    apiVersions: stringsAt(answer, 'apiVersions').filter((api) => api === 'v1' || api === 'v1alpha2'),
    runtimeName: text(answer, 'runtimeName'),
    runtimeVersion: text(answer, 'runtimeVersion'),
    conditions: listAt(answer, 'conditions').map((condition) => ({
      type: text(condition, 'type'),
      status: booleanAt(condition, 'status') === true,
      reason: text(condition, 'reason'),
      message: text(condition, 'message'),
    })),
    handlers: stringsAt(answer, 'handlers'),
    pods: listAt(answer, 'pods').map((pod) => ({
      id: text(pod, 'id'),
      name: text(pod, 'name'),
      namespace: text(pod, 'namespace'),
      uid: text(pod, 'uid'),
      ready: booleanAt(pod, 'ready') === true,
      handler: text(pod, 'handler'),
    })),
    containers: listAt(answer, 'containers').map((container) => ({
      id: text(container, 'id'),
      podSandboxId: text(container, 'podSandboxId'),
      name: text(container, 'name'),
      image: text(container, 'image'),
      state: stateOf(text(container, 'state')),
    })),
  }
}

function stateOf(text: string): ContainerState {
  return STATES.find((state) => state === text) ?? 'unknown'
}

function cannotAsk(error: unknown): unknown {
  if (!(error instanceof CriError)) return error
  switch (error.kind) {
    case 'no-socket':
      return new CannotAsk('absent', error.message)
    case 'permission':
      return new CannotAsk('EACCES', error.message)
    case 'deadline':
      return new CannotAsk('timeout', error.message)
    case 'malformed':
      return new CannotAsk('malformed', error.message)
    default:
      return new CannotAsk('EIO', error.message)
  }
}
