// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {Transform} from 'node:stream'
import type {Image} from '../../cri/gen/runtime/v1/image.ts'
import {imageStatus} from '../../cri/rpcs/image.ts'
import type {ReadArchive} from '../../host/archive-file.ts'
import {readArchive, writeArchive} from '../../host/archive-file.ts'
import type {CommandStreams} from '../../host/stream-command.ts'
import {runCommand} from '../../host/command.ts'
import {withSpooled} from '../../host/spool.ts'
import {streamCommand} from '../../host/stream-command.ts'
import {canBeTag, wholeImageName} from '../../images/image-name.ts'
import {skopeoFailed, storedImage, wholeImageId} from '../../images/skopeo.ts'
import {CannotAsk} from '../../model/host.ts'
import {UserError} from '../../model/user-error.ts'
import type {ArchivedImage} from './image-archive-names.ts'
import {ArchiveNames} from './image-archive-names.ts'
import type {ImageTool} from './image-archive-tool.ts'
import {listImages} from './list-images.ts'
import {pause} from './stats-watch.ts'

/** An image as the runtime knows it. */
export interface NamedImage {
  readonly name: string
  /** `sha256:…` of its configuration */
  readonly id: string
}

export interface Transfer {
  readonly signal?: AbortSignal | undefined
  /** told of the bytes that were read or written so far, and of all there are where that is known */
  readonly onProgress?: (bytes: number, size: number | undefined) => void
}

const FAILED = 1
/** How long the CRI may take to hear of an image that containerd has. */
const SEEN_WITHIN_MS = 5000
const LOOK_MS = 200
/** The namespace of the CRI in containerd (internal/cri/constants). */
const CTR_NAMESPACE = 'k8s.io'

/** Platforms of this machine in the words of image indexes, where Node.js says it otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = {x64: 'amd64', ia32: '386', ppc64: 'ppc64le', loong64: 'loong64'}

/**
 * Loads the images of an archive, and waits until the CRI has them under the names that pods use.
 *
 * @param path of the archive; `-`: standard input
 * @throws UserError when it is no archive of images, when loading fails, or when the CRI does not see the images
 */
export async function loadImages(image: CriConnection, tool: ImageTool, path: string, transfer: Transfer = {}): Promise<readonly NamedImage[]> {
  const before = new Set(await tagsOf(image))
  const archive = readArchive(path)
  const names = await (tool.kind === 'ctr' ? importWithCtr(tool, archive, transfer) : copyWithSkopeo(tool, path, archive, transfer)).finally(archive.close)
  const added = (await tagsOf(image)).filter((tag) => !before.has(tag))
  const all = [...new Set([...names, ...added])]
  if (all.length === 0) {
    throw new UserError('The images were loaded, but the archive gives them no name: no pod can use them.', 'Make an archive with a name: `docker save NAME`, not `docker save ID`.', FAILED)
  }
  return Promise.all(all.map(async (name) => ({name, id: wholeImageId((await seen(image, name, 'was loaded', undefined)).id)})))
}

/** What is run to load an archive, for each `image` in it where the tool wants one. */
export function loadArgs(tool: ImageTool, path: string, {name, transport, reference}: ArchivedImage = {name: 'NAME', transport: 'docker-archive', reference: 'NAME'}): readonly string[] {
  if (tool.kind === 'ctr') return ctrArgs(tool, 'import', '-')
  return ['copy', '--quiet', `${transport}:${path}${reference === undefined ? '' : `:${reference}`}`, `containers-storage:${name}`]
}

async function importWithCtr(tool: ImageTool & {readonly kind: 'ctr'}, archive: ReadArchive, transfer: Transfer): Promise<readonly string[]> {
  const names = new ArchiveNames()
  await run(tool, loadArgs(tool, '-'), {input: watched(archive, names, transfer), signal: transfer.signal}, 'load')
  return names.names()
}

/**
 * skopeo has to jump about in an archive, and copies one image at a time (skopeo-copy(1), containers-transports(5)). What it
 * cannot read becomes a file that it can: standard input, what is compressed (skopeo 1.9), a path with a colon.
 */
async function copyWithSkopeo(tool: ImageTool, path: string, archive: ReadArchive, transfer: Transfer): Promise<readonly string[]> {
  const names = new ArchiveNames()
  const copy = async (file: string) => {
    const images = names.images()
    for (const image of images) await run(tool, loadArgs(tool, file, image), {signal: transfer.signal}, 'load')
    return images.map(({name}) => name)
  }
  const {signal} = transfer
  // What is waited for may never come.
  signal?.addEventListener('abort', archive.close)
  try {
    const source = await started(archive.chunks)
    const chunks = watched({...archive, chunks: source.chunks}, names, transfer)
    if (path === '-' || path.includes(':') || isCompressed(source.first)) return await withSpooled(chunks, copy)
    for await (const chunk of chunks) void chunk
    return await copy(path)
  } catch (error) {
    throw signal?.aborted ? interrupted() : error
  } finally {
    signal?.removeEventListener('abort', archive.close)
  }
}

/**
 * Saves images of the node's own platform as a tar file that docker, ctr and `rtctl cri images load` read.
 *
 * @param path undefined: handed to `write`
 * @returns what was saved, under which name
 */
export async function saveImages(
  image: CriConnection, tool: ImageTool, names: readonly string[], target: string | ((chunk: Uint8Array) => Promise<void>), transfer: Transfer = {},
): Promise<readonly NamedImage[]> {
  const images = await Promise.all(names.map(async (name) => nameOf(await known(image, name), name)))
  if (tool.kind === 'skopeo' && images.length > 1) throw new UserError('skopeo saves one image into an archive.', 'Save them one by one.')
  const fill = async (write: (chunk: Uint8Array) => Promise<void>) => {
    let bytes = 0
    const archive = new ArchiveNames()
    const output = async (chunk: Uint8Array) => {
      archive.push(chunk)
      await write(chunk)
      bytes += chunk.length
      transfer.onProgress?.(bytes, undefined)
    }
    const args = await saveArgs(tool, images)
    await run(tool, args, {output, opensOutput: tool.kind === 'skopeo', signal: transfer.signal}, 'save')
    if (!archive.isWhole) throw new UserError(`\`${tool.program}\` ended before the archive did, after ${bytes} bytes.`, 'Try again.', FAILED)
  }
  await (typeof target === 'string' ? writeArchive(target, fill) : fill(target))
  return images
}

async function saveArgs(tool: ImageTool, images: readonly NamedImage[]): Promise<readonly string[]> {
  if (tool.kind === 'ctr') {
    const local = (await canExportItself(tool.program)) ? ['--local'] : []
    return ctrArgs(tool, 'export', ...local, '--platform', `linux/${ARCHITECTURES[process.arch] ?? process.arch}`, '-', ...images.map(({name}) => name))
  }
  const {name = '', id = ''} = images[0] ?? {}
  // Without --quiet it would put words into the archive; an archive of Docker can hold no name with a digest.
  return ['copy', '--quiet', storedImage(id), canBeTag(name) ? `docker-archive:/dev/stdout:${name}` : 'docker-archive:/dev/stdout']
}

const HELP_LIMIT_MS = 10_000

/**
 * From 1.7 on ctr has containerd's transfer service write the archive, and may end with status 0 before the last of it has come
 * (seen with 2.1); told `--local` it writes the archive itself, as 1.6 does, and waits for it.
 */
async function canExportItself(ctr: string): Promise<boolean> {
  return runCommand(ctr, ['images', 'export', '--help'], HELP_LIMIT_MS).then((help) => /^\s+--local\b/m.test(help), () => false)
}

/**
 * Gives an image one more name; one that another image has goes over to this.
 *
 * @param source name or id
 * @throws UserError when there is no such image, or when the CRI does not see the new name
 */
export async function tagImage(image: CriConnection, tool: ImageTool, source: string, target: string, signal?: AbortSignal): Promise<NamedImage> {
  const {from, name, args} = await tagging(image, tool, source, target)
  await run(tool, args, {signal}, 'tag')
  await seen(image, name, 'was made', from.id)
  return {name, id: from.id}
}

/**
 * What `tagImage` runs.
 *
 * @throws UserError when there is no such image, or the target can be no name
 */
export async function tagging(
  image: CriConnection, tool: ImageTool, source: string, target: string,
): Promise<{readonly from: NamedImage; readonly name: string; readonly args: readonly string[]}> {
  if (!canBeTag(target)) throw new UserError(`"${target}" can be no image's name.`, 'Give it as [REGISTRY/]NAME[:TAG], in lower case.')
  const name = wholeImageName(target)
  const from = nameOf(await known(image, source), source)
  const args = tool.kind === 'ctr' ? ctrArgs(tool, 'tag', '--force', from.name, name) : ['copy', '--quiet', storedImage(from.id), `containers-storage:${name}`]
  return {from, name, args}
}

function ctrArgs({socket}: ImageTool & {readonly kind: 'ctr'}, ...args: readonly string[]): readonly string[] {
  return ['--address', socket, '--namespace', CTR_NAMESPACE, 'images', ...args]
}

async function run({kind, program}: ImageTool, args: readonly string[], streams: CommandStreams, what: string): Promise<void> {
  try {
    await streamCommand(program, args, streams)
  } catch (error) {
    if (streams.signal?.aborted) throw interrupted()
    if (!(error instanceof CannotAsk)) throw error
    if (kind === 'skopeo') throw skopeoFailed(`${what} it`, program, args, error.message)
    throw new UserError(`\`${program}\` could not ${what} it: ${error.message}.`, `It was run as: ${[program, ...args].join(' ')}`, FAILED)
  }
}

function interrupted(): UserError {
  return new UserError('Interrupted.', 'Nothing is left behind but layers, which the runtime collects.', 130)
}

async function tagsOf(image: CriConnection): Promise<readonly string[]> {
  const images = await listImages(image)
  // CRI-O has `<none>:<none>` for an image without a name (cri-o 1.2x: server/image_list.go).
  return images.flatMap(({repoTags}) => repoTags).filter((tag) => !tag.startsWith('<none>'))
}

async function known(image: CriConnection, name: string): Promise<Image> {
  const found = await statusOf(image, name)
  if (found === undefined) throw new UserError(`The runtime has no image ${name}.`, '`rtctl cri images` lists those it has, `rtctl cri pull` gets one.', FAILED)
  return found
}

/** The name that was asked for where the image has it, else its first. */
function nameOf({id, repoTags, repoDigests}: Image, asked: string): NamedImage {
  const whole = wholeImageName(asked)
  const names = [...repoTags, ...repoDigests].filter((name) => !name.startsWith('<none>'))
  return {id: wholeImageId(id), name: names.find((name) => name === whole) ?? names[0] ?? id}
}

/** The image as the CRI has it under a name, which may take a moment: containerd's CRI learns of it by an event. */
async function seen(image: CriConnection, name: string, how: string, id: string | undefined): Promise<Image> {
  const start = performance.now()
  for (;;) {
    const found = await statusOf(image, name)
    if (found !== undefined && (id === undefined || wholeImageId(found.id) === id)) return found
    if (performance.now() - start > SEEN_WITHIN_MS) break
    await pause(LOOK_MS)
  }
  throw new UserError(
    `The image ${name} ${how}, but the runtime does not answer for it under this name: the kubelet would not find it.`,
    'See `rtctl cri images` for the names it has; an image of another platform than the node\'s is not seen.', FAILED,
  )
}

async function statusOf(image: CriConnection, name: string): Promise<Image | undefined> {
  return (await image.call(imageStatus, {image: {image: name, annotations: new Map(), userSpecifiedImage: '', runtimeHandler: '', imageRef: ''}})).image
}

/**
 * The tar file in an archive, whose names are read as it passes.
 *
 * @throws UserError before it gives anything of what is no tar file
 */
async function* watched({chunks, size}: ReadArchive, names: ArchiveNames, {onProgress}: Transfer): AsyncGenerator<Uint8Array> {
  let bytes = 0
  const counted = (async function* () {
    for await (const chunk of chunks) {
      yield chunk
      bytes += chunk.length
      onProgress?.(bytes, size)
    }
  })()
  for await (const chunk of inflated(counted)) {
    names.push(chunk)
    if (!names.isTar) break
    yield chunk
  }
  if (bytes === 0 || !names.isTar) {
    throw new UserError('This is no archive of images.', 'Give one that `docker save`, `ctr images export` or `rtctl cri images save` wrote.', FAILED)
  }
}

/** What is inside of gzip or zstd, which not every ctr takes; anything else as it is. */
async function* inflated(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const {first, chunks} = await started(source)
  const zlib = process.getBuiltinModule('node:zlib')
  if (isGzip(first)) yield* throughZlib(chunks, zlib.createGunzip())
  else if (isZstd(first)) yield* throughZlib(chunks, zlib.createZstdDecompress())
  else yield* chunks
}

/** The same chunks, and a look at the first. */
async function started(source: AsyncIterable<Uint8Array>): Promise<{readonly first: Uint8Array; readonly chunks: AsyncIterable<Uint8Array>}> {
  const rest = source[Symbol.asyncIterator]()
  const {value: first = new Uint8Array()} = await rest.next()
  const chunks = (async function* () {
    yield first
    yield* {[Symbol.asyncIterator]: () => rest}
  })()
  return {first, chunks}
}

function isCompressed(first: Uint8Array): boolean {
  return isGzip(first) || isZstd(first)
}

function isGzip(first: Uint8Array): boolean {
  return first[0] === 0x1f && first[1] === 0x8b
}

function isZstd(first: Uint8Array): boolean {
  return first[0] === 0x28 && first[1] === 0xb5
}

async function* throughZlib(chunks: AsyncIterable<Uint8Array>, inflate: Transform): AsyncGenerator<Uint8Array> {
  // An error of either comes out of the second.
  process.getBuiltinModule('node:stream').pipeline(chunks, inflate, () => undefined)
  try {
    yield* inflate as AsyncIterable<Uint8Array>
  } catch (error) {
    if (error instanceof UserError) throw error
    throw new UserError(`The archive is broken: ${(error as Error).message}.`, 'Copy or make it again.', FAILED)
  }
}
