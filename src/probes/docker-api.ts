// SPDX-License-Identifier: Apache-2.0
import type {Agent} from 'node:http'
import type {Socket} from 'node:net'
import type {DockerOptions} from 'dockerode'
import {connectPath, connectProblem, errorName} from '../cri/socket-path.ts'
import type {ContainerState, DockerApiFacts, DockerContainer} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {CannotAsk} from '../model/host.ts'
import {mapObserved, unreadable} from '../model/observed.ts'
import type {Observed} from '../model/observed.ts'
import {parseDockerContainer} from './parse/docker-container.ts'
import {defined, listAt, numberAt} from './parse/plain-json.ts'
import {booleanAt, emptyMap, stringAt, stringMapAt, stringsAt, tableOf, valueAt} from './parse/untrusted.ts'

/** No answer of a real daemon comes near: `/containers/json` of 10,000 containers is some 15 MB. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
/** Requests under way at once, for containers one by one. */
const PARALLEL = 8

/**
 * What dockerd says of itself on its socket, and of its containers where that is asked for. Running containers are
 * inspected; of the others the list has what matters.
 *
 * A path without a socket is `absent` or `EIO`, a daemon that hangs `timeout`, a socket where nobody listens `EIO`, an
 * answer that is no Docker Engine's `malformed`.
 *
 * @param socketPath path on the host
 */
export async function probeDockerApi(host: Host, socketPath: string, options: {readonly containers: boolean}): Promise<Observed<DockerApiFacts>> {
  const file = host.stat(socketPath)
  if (file.state !== 'ok') return file
  if (file.value.type !== 'socket') return unreadable(file.source, 'EIO', `no socket but a ${file.value.type}`)
  // The long path: the same address exists in every nested machine.
  const question = options.containers ? `docker ${file.source} containers` : `docker ${file.source}`
  const asked = await host.ask(question, (limitMs) => askEngine(host.localPath(socketPath), options.containers, limitMs))
  return mapObserved(asked, (answer) => readAnswer(answer, socketPath))
}

/** What is recorded: the daemon's own words, as far as they are used. */
interface Answer {
  readonly version: unknown
  readonly info: unknown
  readonly containers?: readonly unknown[]
}

async function askEngine(path: string | undefined, withContainers: boolean, limitMs: number): Promise<Answer> {
  if (path === undefined) throw new CannotAsk('unsupported', 'no way to this socket')
  const problem = await connectProblemOf(path)
  if (problem !== undefined) throw cannotConnect(problem)
  const reachable = connectPath(path)
  try {
    const engine = await openEngine(reachable.path, limitMs)
    const [version, info] = await Promise.all([
      engine((docker, limited) => docker.version(limited)),
      engine((docker, limited) => docker.info(limited)),
    ])
    const answer = {version: reduce(version, VERSION), info: reduce(info, INFO)}
    return withContainers ? {...answer, containers: await askContainers(engine)} : answer
  } finally {
    reachable.release()
  }
}

async function connectProblemOf(path: string): Promise<string | undefined> {
  try {
    const reachable = connectPath(path)
    return await connectProblem(reachable.path).finally(() => reachable.release())
  } catch (error) {
    return errorName(error)
  }
}

function cannotConnect(problem: string): CannotAsk {
  if (problem === 'ENOENT' || problem === 'ENOTDIR') return new CannotAsk('absent', 'there is no socket')
  if (problem === 'EACCES' || problem === 'EPERM') return new CannotAsk('EACCES', 'not allowed to connect to the socket')
  if (problem === 'ECONNREFUSED') return new CannotAsk('EIO', 'nobody listens on the socket')
  if (problem === 'EAGAIN') return new CannotAsk('timeout', 'the daemon accepts no connections')
  return new CannotAsk('EIO', `the connection failed: ${problem}`)
}

// ---------------------------------------------------------------- requests

interface Limited {
  readonly abortSignal: AbortSignal
}

/** What is used of dockerode. Its types lack the abort signals and the agent, and vouch for answers nobody has checked. */
interface Docker {
  version(options: Limited): Promise<unknown>
  info(options: Limited): Promise<unknown>
  listContainers(options: Limited & {readonly all: boolean}): Promise<unknown>
  getContainer(id: string): {inspect(options: Limited): Promise<unknown>}
  readonly modem: {buildRequest(options: object, ...rest: readonly unknown[]): void}
}

type Engine = (request: (docker: Docker, limited: Limited) => Promise<unknown>) => Promise<unknown>

/** Makes requests that end: in time, within the limit of size, at this socket and nowhere else. */
async function openEngine(path: string, limitMs: number): Promise<Engine> {
  // Loaded here: most runs need no answer of dockerd.
  const {default: Dockerode} = await import('dockerode')
  return async (request) => {
    const abort = new AbortController()
    const timer = setTimeout(() => abort.abort(new CannotAsk('timeout', 'no answer in time')), limitMs)
    try {
      const options: DockerOptions & {readonly agent: Agent} = {socketPath: path, agent: guardedAgent(abort)}
      const docker = withoutDockerHost(() => new Dockerode(options)) as unknown as Docker
      followNoRedirect(docker)
      // docker-modem never settles a request whose connection broke, so the signal is listened to here as well.
      return await Promise.race([request(docker, {abortSignal: abort.signal}), aborted(abort.signal)])
    } catch (error) {
      throw abort.signal.aborted ? abort.signal.reason : requestError(error)
    } finally {
      clearTimeout(timer)
    }
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), {once: true}))
}

/** docker-modem takes host and TLS files from DOCKER_HOST, even when it is given a socket (lib/modem.js). */
function withoutDockerHost<T>(make: () => T): T {
  const before = process.env['DOCKER_HOST']
  delete process.env['DOCKER_HOST']
  try {
    return make()
  } finally {
    if (before !== undefined) process.env['DOCKER_HOST'] = before
  }
}

/** An agent for one request that watches the connection: docker-modem collects an answer of any size. */
function guardedAgent(abort: AbortController): Agent {
  // Not by `import`: that evaluates all exports of node:http, undici among them, and takes 20 ms.
  const agent = new (process.getBuiltinModule('node:http').Agent)({keepAlive: false})
  const create = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const socket = create(options, callback) as Socket
    let received = 0
    socket.on('data', (chunk) => {
      received += chunk.length
      if (received > MAX_ANSWER_BYTES) abort.abort(new CannotAsk('EIO', 'the answer is too large'))
    })
    // Later than what the close itself settles; then this changes nothing any more.
    socket.once('close', () => setImmediate(() => abort.abort(new CannotAsk('EIO', 'the connection broke within the answer'))))
    return socket
  }
  return agent
}

/** docker-modem would follow a redirect to any host on the network (lib/http.js); a Docker Engine sends none. */
function followNoRedirect({modem}: Docker): void {
  const buildRequest = modem.buildRequest.bind(modem)
  modem.buildRequest = (options, ...rest) => buildRequest({...options, maxRedirects: 0}, ...rest)
}

/** An HTTP error of the daemon, or a connection that did not speak HTTP. */
function requestError(error: unknown): unknown {
  const message = error instanceof Error ? error.message.trim() : String(error)
  if (errorName(error).startsWith('HPE_')) return new CannotAsk('malformed', 'something listens on the socket, but it does not speak HTTP')
  return new CannotAsk('EIO', message)
}

// ---------------------------------------------------------------- containers

async function askContainers(engine: Engine): Promise<readonly unknown[]> {
  const rows = await engine((docker, limited) => docker.listContainers({all: true, ...limited}))
  if (!Array.isArray(rows)) throw new CannotAsk('malformed', 'the list of containers is no list')
  const containers: unknown[] = rows.map((row) => reduce(row, ROW))
  const pending = [...containers.entries()].filter(([, row]) => hasProcess(row))
  const work = async () => {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [index, row] = next
      containers[index] = {row, inspect: await inspect(engine, stringAt(row, 'Id') ?? '')}
    }
  }
  await Promise.all(Array.from({length: PARALLEL}, work))
  return containers
}

function hasProcess(row: unknown): boolean {
  return ['running', 'paused', 'restarting'].includes(stringAt(row, 'State') ?? '')
}

/** Undefined for a container that has gone, and for an id that is none and would lead elsewhere. */
async function inspect(engine: Engine, id: string): Promise<unknown> {
  if (!/^[0-9a-f]{64}$/.test(id)) return undefined
  return engine(async (docker, limited) => {
    try {
      return reduce(await docker.getContainer(id).inspect(limited), INSPECT)
    } catch (error) {
      if ((error as {statusCode?: unknown}).statusCode === 404) return undefined
      throw error
    }
  })
}

// ---------------------------------------------------------------- what is kept of an answer

/** true: as it is · [shape]: of each member · a table: of these keys, `*` of any */
type Shape = true | readonly [Shape] | {readonly [key: string]: Shape}

/** Labels that say what a container is part of. The others are the user's, and may be secrets. */
const LABELS = /^(?:io\.kubernetes\.|annotation\.io\.kubernetes\.|com\.docker\.(?:compose|swarm)\.)/

const VERSION: Shape = {Version: true, ApiVersion: true, MinAPIVersion: true, Components: [{Name: true, Version: true}]}
const INFO: Shape = {
  Driver: true,
  LoggingDriver: true,
  CgroupDriver: true,
  CgroupVersion: true,
  DefaultRuntime: true,
  Runtimes: {'*': {}},
  DockerRootDir: true,
  Swarm: {LocalNodeState: true},
  LiveRestoreEnabled: true,
  Containers: true,
  ContainersRunning: true,
  Images: true,
}
const ROW: Shape = {Id: true, Names: true, Image: true, ImageID: true, State: true, Labels: true}
const INSPECT: Shape = {
  Name: true,
  Image: true,
  State: {Running: true, Paused: true, Restarting: true, Dead: true, RemovalInProgress: true, StartedAt: true, Pid: true},
  Config: {Image: true, Labels: true},
  LogPath: true,
  HostConfig: {Runtime: true, LogConfig: {Type: true}, CgroupParent: true, Init: true, PortBindings: true},
  NetworkSettings: {Ports: true},
}

/** Only the parts of a value that the shape names: what nobody needs is not recorded. */
function reduce(value: unknown, shape: Shape): unknown {
  if (shape === true) return value
  if (isList(shape)) return listAt({value}, 'value').map((member) => reduce(member, shape[0]))
  const kept = emptyMap<unknown>()
  for (const [key, member] of Object.entries(tableOf(value) ?? {})) {
    const inner = Object.hasOwn(shape, key) ? shape[key] : shape['*']
    if (inner !== undefined) kept[key] = key === 'Labels' ? knownLabels(member) : reduce(member, inner)
  }
  return kept
}

function isList(shape: Exclude<Shape, true>): shape is readonly [Shape] {
  return Array.isArray(shape)
}

function knownLabels(labels: unknown): unknown {
  return Object.fromEntries(Object.entries(stringMapAt({labels}, 'labels')).filter(([key]) => LABELS.test(key)))
}

// ---------------------------------------------------------------- from words to facts

/** Throws when it is not a Docker Engine's answer. Both a daemon and a snapshot may say anything. */
function readAnswer(answer: unknown, socket: string): DockerApiFacts {
  const version = stringAt(answer, 'version', 'Version')
  const apiVersion = stringAt(answer, 'version', 'ApiVersion')
  if (version === undefined || apiVersion === undefined) throw new Error('not the answer of a Docker Engine')
  const info = valueAt(answer, 'info')
  const containers = valueAt(answer, 'containers')
  return {
    socket,
    version,
    apiVersion,
    runtimes: Object.keys(tableOf(valueAt(info, 'Runtimes')) ?? {}),
    components: componentsOf(valueAt(answer, 'version')),
    ...defined({
      minApiVersion: stringAt(answer, 'version', 'MinAPIVersion'),
      storageDriver: stringAt(info, 'Driver'),
      loggingDriver: stringAt(info, 'LoggingDriver'),
      cgroupDriver: stringAt(info, 'CgroupDriver'),
      cgroupVersion: stringAt(info, 'CgroupVersion'),
      defaultRuntime: stringAt(info, 'DefaultRuntime'),
      rootDir: stringAt(info, 'DockerRootDir'),
      swarm: stringAt(info, 'Swarm', 'LocalNodeState'),
      liveRestore: booleanAt(info, 'LiveRestoreEnabled'),
      containersTotal: numberAt(info, 'Containers'),
      containersRunning: numberAt(info, 'ContainersRunning'),
      images: numberAt(info, 'Images'),
      containers: Array.isArray(containers) ? containers.map((container) => containerFacts(container, socket)) : undefined,
    }),
  }
}

/** Since API 1.35; older daemons have no such list. The engine itself is the first of it. */
function componentsOf(version: unknown): Readonly<Record<string, string>> {
  const components = emptyMap<string>()
  for (const component of listAt(version, 'Components')) {
    const name = stringAt(component, 'Name')
    if (name !== undefined && name !== 'Engine') components[name] = stringAt(component, 'Version') ?? ''
  }
  return components
}

/** An inspected container has the structure of dockerd's own files, see parse/docker-container.ts. */
function containerFacts(container: unknown, source: string): DockerContainer {
  const inspected = tableOf(valueAt(container, 'inspect'))
  const row = valueAt(container, 'row') ?? container
  const id = stringAt(row, 'Id') ?? ''
  if (inspected === undefined) return rowFacts(id, row, source)
  return parseDockerContainer(id, JSON.stringify(inspected), JSON.stringify(valueAt(inspected, 'HostConfig') ?? {}), source)
}

function rowFacts(id: string, row: unknown, source: string): DockerContainer {
  return {
    id,
    name: (stringsAt(row, 'Names')[0] ?? '').replace(/^\//, ''),
    ...defined({image: stringAt(row, 'Image'), imageId: stringAt(row, 'ImageID')}),
    state: STATES.get(stringAt(row, 'State') ?? '') ?? 'unknown',
    labels: stringMapAt(row, 'Labels'),
    ports: [],
    source,
  }
}

/** The states of moby's container list; see dockerState() for how they are counted. */
const STATES: ReadonlyMap<string, ContainerState> = new Map([
  ['created', 'created'],
  ['running', 'running'],
  ['paused', 'paused'],
  ['restarting', 'exited'],
  ['removing', 'exited'],
  ['exited', 'exited'],
  ['dead', 'exited'],
])
