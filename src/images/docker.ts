// SPDX-License-Identifier: Apache-2.0
import type {ClientRequest, IncomingMessage} from 'node:http'
import {connectPath, connectProblem, errorName} from '../cri/socket-path.ts'
import type {ConnectPath} from '../cri/socket-path.ts'
import {UserError} from '../model/user-error.ts'
import {count, isDigest, list, text, texts} from './untrusted-json.ts'

/** An image as Docker has it. */
export interface DockerImage {
  /** digest of its configuration; in Docker's containerd store of its manifest or index */
  readonly id: string
  /** digests of its layers, not compressed, the lowest first */
  readonly layers: readonly string[]
  /** bytes of its files */
  readonly size: number
  readonly os: string
  readonly architecture: string
  /** its names, as Docker writes them */
  readonly tags: readonly string[]
}

const FAILED = 1
/** Any list of images is much smaller. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const LIMIT_MS = 30_000

/** The images of a dockerd, asked on its socket. Every call rejects with a UserError. */
export class DockerImages {
  readonly #socket: string
  readonly #path: ConnectPath
  readonly #signal: AbortSignal

  /**
   * @param socket path on this machine, of any length
   * @param signal ends all calls
   */
  constructor(socket: string, signal: AbortSignal) {
    this.#socket = socket
    this.#signal = signal
    try {
      this.#path = connectPath(socket)
    } catch (error) {
      throw cannotConnect(socket, errorName(error))
    }
  }

  close(): void {
    this.#path.release()
  }

  /** Whether Docker keeps its images as containerd does, with the manifests of registries (API: `DriverStatus` of GET /info). */
  async keepsManifests(): Promise<boolean> {
    const info = await this.#json('/info')
    return list(info, 'DriverStatus').some((row) => Array.isArray(row) && row[0] === 'driver-type' && String(row[1]).startsWith('io.containerd.snapshotter.'))
  }

  /** The names of all images that have one: with a tag, or those with nothing but a digest by that. */
  async names(): Promise<readonly string[]> {
    const images = list({images: await this.#json('/images/json')}, 'images')
    return images.flatMap((image) => {
      const tags = taggedNames(image)
      return tags.length > 0 ? tags : texts(image, 'RepoDigests').filter((digest) => !digest.includes('<none>'))
    })
  }

  /** The image of a name or id; undefined where Docker has none. */
  async find(name: string): Promise<DockerImage | undefined> {
    const image = await this.#json(`/images/${escaped(name)}/json`)
    if (image === undefined) return undefined
    const layers = texts(image, 'RootFS', 'Layers')
    const id = text(image, 'Id')
    if (!isDigest(id) || !layers.every(isDigest)) throw strange(this.#socket, `image ${name}`)
    return {id, layers, size: count(image, 'Size'), os: text(image, 'Os'), architecture: text(image, 'Architecture'), tags: taggedNames(image)}
  }

  /** Bytes of what each step of its making added, the first one first; those that made no layer are 0. */
  async stepSizes(id: string): Promise<readonly number[]> {
    const steps = list({steps: await this.#json(`/images/${escaped(id)}/history`)}, 'steps')
    return steps.map((step) => count(step, 'Size')).toReversed()
  }

  /**
   * The archive of some images, as `docker save` writes it.
   *
   * @param platform only what is for it, where Docker keeps images for several
   */
  async export(ids: readonly string[], platform: {readonly os: string; readonly architecture: string} | undefined): Promise<IncomingMessage> {
    const query = new URLSearchParams(ids.map((id) => ['names', id]))
    // Since API 1.48 (moby api/swagger.yaml); older ones do not look at it.
    if (platform !== undefined) query.append('platform', JSON.stringify(platform))
    const response = await this.#get(`/images/get?${query.toString()}`)
    if (response.statusCode !== 200) throw refused(response.statusCode, await bodyOf(response, this.#socket))
    return response
  }

  /** undefined for 404 */
  async #json(path: string): Promise<unknown> {
    const response = await this.#get(path, LIMIT_MS)
    const body = await bodyOf(response, this.#socket)
    if (response.statusCode === 404) return undefined
    if (response.statusCode !== 200) throw refused(response.statusCode, body)
    try {
      return JSON.parse(body)
    } catch {
      throw strange(this.#socket, path)
    }
  }

  /** @param limitMs until the answer begins; undefined: for as long as it takes, an archive is made before it is sent */
  async #get(path: string, limitMs?: number): Promise<IncomingMessage> {
    const {request} = process.getBuiltinModule('node:http')
    const options = {socketPath: this.#path.path, path, agent: false as const, headers: {Host: 'docker'}, signal: this.#signal}
    try {
      return await new Promise<IncomingMessage>((resolve, reject) => {
        const asked: ClientRequest = request(options, resolve)
        asked.on('error', reject)
        if (limitMs !== undefined) asked.setTimeout(limitMs, () => asked.destroy(timeout()))
        asked.end()
      })
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason
      if (error instanceof UserError) throw error
      const problem = await connectProblem(this.#path.path)
      throw problem === undefined ? broken(this.#socket, error) : cannotConnect(this.#socket, problem)
    }
  }
}

/** The error for an archive that ended before it was whole. */
export function broken(socket: string, error: unknown): UserError {
  const said = error instanceof Error ? error.message : String(error)
  return new UserError(`The connection to Docker at ${socket} broke: ${said}.`, 'See that dockerd runs, then do the same again: only the rest is moved.', FAILED)
}

function taggedNames(image: unknown): readonly string[] {
  return texts(image, 'RepoTags').filter((tag) => !tag.includes('<none>'))
}

async function bodyOf(response: IncomingMessage, socket: string): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > MAX_ANSWER_BYTES) throw strange(socket, 'request: it is too long')
      parts.push(chunk)
    }
  } catch (error) {
    throw error instanceof UserError ? error : broken(socket, error)
  }
  return Buffer.concat(parts).toString()
}

/** Slashes stay: Docker takes a name in several parts of a path. */
function escaped(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/')
}

function timeout(): UserError {
  return new UserError('Docker does not answer.', 'See what `docker info` and the log of dockerd say.', FAILED)
}

function refused(status: number | undefined, body: string): UserError {
  let said = body.trim().slice(0, 300)
  try {
    said = text(JSON.parse(body), 'message') || said
  } catch {
    // Not every answer is JSON.
  }
  return new UserError(`Docker refused with status ${status}: ${said}.`, 'The log of dockerd may say more: `journalctl -u docker`.', FAILED)
}

function strange(socket: string, what: string): UserError {
  return new UserError(`What listens on ${socket} gives no Docker Engine's answer about ${what}.`, 'Name the socket of dockerd with --docker-socket.', FAILED)
}

function cannotConnect(socket: string, problem: string): UserError {
  const reasons: Readonly<Record<string, readonly [string, string]>> = {
    ENOENT: [`There is no socket ${socket}`, 'Start dockerd, or name its socket with --docker-socket.'],
    EISDIR: [`${socket} is a directory: a pod mounted it while Docker was down`, 'Remove the empty directory, and start dockerd anew.'],
    ECONNREFUSED: [`Nobody listens on ${socket}`, 'Start dockerd: `systemctl start docker`.'],
    EACCES: [`You may not connect to ${socket}`, 'Run as root.'],
  }
  const [what, next] = reasons[problem] ?? [`${socket} cannot be connected to (${problem})`, 'See that dockerd runs.']
  return new UserError(`${what}.`, next, FAILED)
}
