// SPDX-License-Identifier: Apache-2.0
import type {RequestOptions} from 'node:http'
import type {DockerContainer, DockerEngine} from '../machine.ts'

const TIMEOUT_MS = 30_000
/** `/containers/json` of 10,000 containers is some 15 MB. */
const MAX_ANSWER = 64 * 2 ** 20

/**
 * The few calls of the Docker Engine API that a migration makes. Without a version in the path the daemon answers in its own, which every
 * one has had since 1.21.
 */
export function liveDocker(socket: string): DockerEngine {
  return {
    async containers() {
      const answer = await ask(socket, 'GET', '/containers/json?all=1', TIMEOUT_MS)
      if (answer === undefined) return undefined
      if (answer.status !== 200) throw failed(socket, 'list its containers', answer)
      return containersOf(socket, answer.body)
    },
    async init(id) {
      const answer = isId(id) ? await ask(socket, 'GET', `/containers/${id}/json`, TIMEOUT_MS) : undefined
      return answer?.status === 200 ? initOf(answer.body) : undefined
    },
    stop: (id, graceSeconds) => change(socket, 'stop', id, 'POST', `/containers/${id}/stop?t=${graceSeconds}`, [204, 304, 404], TIMEOUT_MS + graceSeconds * 1000),
    remove: (id) => change(socket, 'remove', id, 'DELETE', `/containers/${id}?force=1&v=1`, [204, 404], TIMEOUT_MS),
    start: (id) => change(socket, 'start', id, 'POST', `/containers/${id}/start`, [204, 304], TIMEOUT_MS),
  }
}

async function change(socket: string, verb: string, id: string, method: string, path: string, fine: readonly number[], timeoutMs: number): Promise<void> {
  if (!isId(id)) throw new Error(`Docker at ${socket} cannot ${verb} the container ${id}: that is no id.`)
  const answer = await ask(socket, method, path, timeoutMs)
  if (answer === undefined) throw new Error(`Docker cannot ${verb} container ${id.slice(0, 12)}: nobody listens at ${socket}.`)
  // Removing one that another request removes already: it goes.
  if (!fine.includes(answer.status) && !(answer.status === 409 && answer.body.includes('already in progress'))) {
    throw failed(socket, `${verb} container ${id.slice(0, 12)}`, answer)
  }
}

function isId(id: string): boolean {
  return /^[0-9a-f]{12,64}$/.test(id)
}

interface Answer {
  readonly status: number
  readonly body: string
}

function failed(socket: string, what: string, {status, body}: Answer): Error {
  return new Error(`Docker at ${socket} did not ${what}: HTTP ${status} ${messageOf(body)}`)
}

function messageOf(body: string): string {
  try {
    const {message} = JSON.parse(body) as {readonly message?: unknown}
    if (typeof message === 'string') return message.slice(0, 400)
  } catch {
    // No JSON: its beginning is what there is.
  }
  return body.slice(0, 200)
}

/** One request on a connection of its own. Undefined: nobody listens. */
async function ask(socket: string, method: string, path: string, timeoutMs: number): Promise<Answer | undefined> {
  const {request} = await import('node:http')
  const {connectPath} = await import('../../cri/socket-path.ts')
  return new Promise((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException) => {
      const {code} = error
      if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTDIR') resolve(undefined)
      else reject(new Error(`Docker at ${socket} does not answer ${method} ${path}: ${error.message}.`, {cause: error}))
    }
    let reachable: ReturnType<typeof connectPath>
    try {
      reachable = connectPath(socket)
    } catch (error) {
      refused(error as NodeJS.ErrnoException)
      return
    }
    const options: RequestOptions = {socketPath: reachable.path, method, path, agent: false, headers: {Host: 'docker', 'Content-Length': 0}}
    const asked = request(options, (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER) asked.destroy(new Error('the answer is too large'))
        else chunks.push(chunk)
      })
      response.on('end', () => {
        finish()
        resolve({status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8')})
      })
      response.on('error', (error) => {
        finish()
        refused(error)
      })
    })
    const timer = setTimeout(() => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
    const finish = () => {
      clearTimeout(timer)
      reachable.release()
    }
    asked.on('error', (error) => {
      finish()
      refused(error)
    })
    asked.end()
  })
}

/** @throws where it is not the answer of a Docker Engine */
function containersOf(socket: string, body: string): readonly DockerContainer[] {
  let list: unknown
  try {
    list = JSON.parse(body)
  } catch {
    list = undefined
  }
  if (!Array.isArray(list)) throw new Error(`What listens at ${socket} does not list containers as a Docker Engine does.`)
  return (list as readonly unknown[]).map((row) => containerOf(socket, row as Readonly<Record<string, unknown>>))
}

function initOf(body: string): {readonly pid: number; readonly stopSignal: string} | undefined {
  const {State, Config} = JSON.parse(body) as {readonly State?: {readonly Pid?: unknown}; readonly Config?: {readonly StopSignal?: unknown}}
  const [pid, stopSignal = ''] = [State?.Pid, Config?.StopSignal]
  return typeof pid === 'number' && pid > 0 && typeof stopSignal === 'string' ? {pid, stopSignal} : undefined
}

function containerOf(socket: string, row: Readonly<Record<string, unknown>>): DockerContainer {
  const {Id, Names, State, Labels} = row ?? {}
  if (typeof Id !== 'string' || !isId(Id)) throw new Error(`What listens at ${socket} lists a container without an id.`)
  const name = Array.isArray(Names) && typeof Names[0] === 'string' ? Names[0].replace(/^\//, '') : Id.slice(0, 12)
  const labels = typeof Labels === 'object' && Labels !== null ? Object.entries(Labels).filter(([, value]) => typeof value === 'string') : []
  return {id: Id, name, running: State === 'running' || State === 'paused' || State === 'restarting', labels: Object.fromEntries(labels)}
}
