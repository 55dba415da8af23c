// SPDX-License-Identifier: Apache-2.0
import {createHash, timingSafeEqual} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {gzipSync} from 'node:zlib'

/** Who may pull. */
export interface RegistryUser {
  readonly name: string
  readonly password: string
}

/**
 * What goes wrong with layers: nothing; they come slowly; the connection ends in their middle; their bytes are not those of
 * their digest; the registry has none.
 */
export type LayerMode = 'whole' | 'slow' | 'cut' | 'altered' | 'missing'

/** One request as it came. */
export interface Asked {
  readonly method: string
  readonly path: string
  /** what it was answered */
  readonly status: number
}

/** A registry of OCI images (distribution-spec, "Pulling manifests", "Pulling blobs") on 127.0.0.1, over plain HTTP. */
export interface Registry {
  /** `127.0.0.1:PORT`: what stands before the names of its images */
  readonly host: string
  /** name of an image there, without its tag → digest of its manifest */
  readonly digests: ReadonlyMap<string, string>
  /** how layers are sent from now on */
  serveLayers(mode: LayerMode): void
  /** what was asked since the last look */
  asked(): readonly Asked[]
  /** ends it, with the connections that are open */
  stop(): Promise<void>
}

interface Blob {
  readonly type: string
  readonly content: Buffer
}

interface Store {
  /** digest → content */
  readonly blobs: ReadonlyMap<string, Blob>
  /** `NAME:TAG` and `NAME@DIGEST` → digest */
  readonly manifests: ReadonlyMap<string, string>
}

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const CONFIG = 'application/vnd.oci.image.config.v1+json'
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip'

/** Bytes of a slow layer in each piece, and the time between two, so that an image of a megabyte takes about a minute. */
const SLOW = {bytes: 2048, ms: 100} as const

/**
 * Serves the images of a docker-archive, as `writeImages` writes it, under their own names.
 *
 * @param user undefined: everybody may pull
 */
export async function startRegistry(archive: string, user?: RegistryUser): Promise<Registry> {
  const store = storeOf(readArchive(readFileSync(archive)))
  let mode: LayerMode = 'whole'
  let asked: Asked[] = []
  const server = createServer((request, response) => {
    response.once('close', () => asked.push({method: request.method ?? '', path: request.url ?? '', status: response.statusCode}))
    if (user !== undefined && !isUser(request, user)) refuse(response)
    else answer(store, mode, request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    digests: new Map([...store.manifests].filter(([name]) => name.includes('@')).map(([name, digest]) => [name.split('@')[0] ?? '', digest])),
    serveLayers: next => { mode = next },
    asked: () => {
      const all = asked
      asked = []
      return all
    },
    stop: async () => {
      const closed = new Promise(resolve => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

function isUser({headers}: IncomingMessage, {name, password}: RegistryUser): boolean {
  const expected = Buffer.from(`Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`)
  const given = Buffer.from(headers.authorization ?? '')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function refuse(response: ServerResponse): void {
  response.writeHead(401, {'WWW-Authenticate': 'Basic realm="rtctl tests"', 'Content-Type': 'application/json'})
  response.end(errorBody('UNAUTHORIZED', 'authentication required'))
}

function answer(store: Store, mode: LayerMode, request: IncomingMessage, response: ServerResponse): void {
  const {pathname} = new URL(request.url ?? '/', 'http://registry')
  if (pathname === '/v2/') return void response.writeHead(200, {'Content-Type': 'application/json'}).end('{}')
  const [, name = '', kind, reference = ''] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(decodeURIComponent(pathname)) ?? []
  const digest = kind === 'manifests' ? store.manifests.get(reference.includes(':') ? `${name}@${reference}` : `${name}:${reference}`) : reference
  const blob = store.blobs.get(digest ?? '')
  if (digest === undefined || blob === undefined || (blob.type === LAYER && mode === 'missing')) return notFound(response, kind)
  send(request, response, digest, blob, blob.type === LAYER ? mode : 'whole')
}

function notFound(response: ServerResponse, kind: string | undefined): void {
  response.writeHead(404, {'Content-Type': 'application/json'})
  response.end(kind === 'blobs' ? errorBody('BLOB_UNKNOWN', 'blob unknown to registry') : errorBody('MANIFEST_UNKNOWN', 'manifest unknown'))
}

function errorBody(code: string, message: string): string {
  return JSON.stringify({errors: [{code, message, detail: null}]})
}

function send(request: IncomingMessage, response: ServerResponse, digest: string, {type, content}: Blob, mode: LayerMode): void {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
  const bytes = (mode === 'altered' ? Buffer.from(content).fill(0, content.length >> 1) : content).subarray(from)
  response.writeHead(from > 0 ? 206 : 200, {
    'Content-Type': type, 'Content-Length': bytes.length, 'Docker-Content-Digest': digest,
    ...(from > 0 && {'Content-Range': `bytes ${from}-${content.length - 1}/${content.length}`}),
  })
  if (request.method === 'HEAD') response.end()
  else if (mode === 'cut') response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy())
  else if (mode === 'slow') sendSlowly(response, bytes)
  else response.end(bytes)
}

function sendSlowly(response: ServerResponse, bytes: Buffer): void {
  let sent = 0
  const timer = setInterval(() => {
    response.write(bytes.subarray(sent, sent + SLOW.bytes))
    sent += SLOW.bytes
    if (sent < bytes.length) return
    clearInterval(timer)
    response.end()
  }, SLOW.ms)
  response.once('close', () => clearInterval(timer))
}

/** The blobs and manifests that the images of a docker-archive make. */
function storeOf(files: ReadonlyMap<string, Buffer>): Store {
  const blobs = new Map<string, Blob>()
  const manifests = new Map<string, string>()
  const keep = (type: string, content: Buffer) => {
    const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`
    blobs.set(digest, {type, content})
    return {mediaType: type, digest, size: content.length}
  }
  for (const {Config, RepoTags, Layers} of imagesIn(files)) {
    const config = keep(CONFIG, fileIn(files, Config))
    const layers = Layers.map(layer => keep(LAYER, gzipSync(fileIn(files, layer))))
    const {digest} = keep(MANIFEST, Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: MANIFEST, config, layers})))
    for (const [name = '', tag = ''] of RepoTags.map(repoTag => repoTag.split(':'))) {
      manifests.set(`${name}:${tag}`, digest)
      manifests.set(`${name}@${digest}`, digest)
    }
  }
  return {blobs, manifests}
}

interface ArchivedImage {
  readonly Config: string
  readonly RepoTags: readonly string[]
  readonly Layers: readonly string[]
}

function imagesIn(files: ReadonlyMap<string, Buffer>): readonly ArchivedImage[] {
  return JSON.parse(fileIn(files, 'manifest.json').toString()) as readonly ArchivedImage[]
}

function fileIn(files: ReadonlyMap<string, Buffer>, name: string): Buffer {
  const content = files.get(name)
  if (content === undefined) throw new Error(`the archive has no ${name}`)
  return content
}

/** The files in a ustar archive: name → content. */
function readArchive(archive: Buffer): ReadonlyMap<string, Buffer> {
  const files = new Map<string, Buffer>()
  for (let at = 0; archive[at] !== 0 && at < archive.length;) {
    const name = archive.toString('latin1', at, at + 100).replace(/\0.*$/s, '')
    const size = Number.parseInt(archive.toString('latin1', at + 124, at + 135), 8)
    files.set(name, archive.subarray(at + 512, at + 512 + size))
    at += 512 + size + (-size & 511)
  }
  return files
}
