// SPDX-License-Identifier: Apache-2.0
import type {CriAddress, DuplexCall} from '../channel.ts'
import {Channel} from '../channel.ts'
import {CriError} from '../errors.ts'
import {ContentInfoRequest, ContentInfoResponse, ReadContentRequest, ReadContentResponse, UpdateContentRequest, UpdateContentResponse, WriteAction, WriteContentRequest, WriteContentResponse} from '../gen/containerd/v1/content.ts'
import type {ContentInfo} from '../gen/containerd/v1/content.ts'
import {CreateImageRequest, CreateImageResponse, GetImageRequest, GetImageResponse} from '../gen/containerd/v1/images.ts'
import type {ImageRecord} from '../gen/containerd/v1/images.ts'
import {CreateLeaseRequest, CreateLeaseResponse, DeleteLeaseRequest, ListLeasesRequest, ListLeasesResponse} from '../gen/containerd/v1/leases.ts'
import type {Lease} from '../gen/containerd/v1/leases.ts'
import {ApplyRequest, ApplyResponse, CommitSnapshotRequest, PrepareSnapshotRequest, PrepareSnapshotResponse, RemoveSnapshotRequest, StatSnapshotRequest, StatSnapshotResponse} from '../gen/containerd/v1/snapshots.ts'
import {Empty} from '../gen/containerd/v1/types.ts'
import type {Descriptor, Mount} from '../gen/containerd/v1/types.ts'
import type {Message} from '../rpc.ts'

/** Status codes of gRPC by which containerd says what it means (its errdefs). */
const CODE = {notFound: 5, alreadyExists: 6, unavailable: 14} as const

/** Answers are quick, but for unpacking and collecting: those read and write whole layers. */
const QUICK_MS = 60_000
const SLOW_MS = 30 * 60_000
/** containerd takes messages of 16 MiB. */
const PIECE_BYTES = 1024 * 1024
/** Pieces that were sent and not yet acknowledged. */
const WINDOW = 8

/** Where a blob came to. */
export interface WrittenBlob {
  readonly digest: string
  readonly size: number
  /** bytes that were sent: less than the size where an earlier try had written a part */
  readonly sent: number
}

export interface BlobToWrite {
  /** under which containerd keeps what was written until all is there: a later try goes on from there */
  readonly ref: string
  readonly size: number
  /** undefined: containerd works it out */
  readonly digest?: string | undefined
  readonly labels?: Readonly<Record<string, string>>
}

/** Images, blobs and snapshots of one namespace of a containerd, spoken to through its own API. Every call rejects with a CriError. */
export class ContainerdStore {
  readonly #channel: Channel
  readonly #signal: AbortSignal | undefined

  /**
   * @param lease what is made is kept as long as this lease exists; undefined: only what something refers to
   * @param signal ends all calls
   */
  constructor(address: CriAddress, namespace: string, lease?: string, signal?: AbortSignal) {
    const headers = {'containerd-namespace': namespace, ...(lease !== undefined && {'containerd-lease': lease})}
    this.#channel = new Channel(address, headers)
    this.#signal = signal
  }

  close(): void {
    this.#channel.close()
  }

  // ---------------------------------------------------------------- leases

  async createLease(id: string, labels: Readonly<Record<string, string>>): Promise<void> {
    await this.#call('leases.v1.Leases/Create', CreateLeaseRequest, CreateLeaseResponse, {id, labels: mapOf(labels)})
  }

  async leases(): Promise<readonly Lease[]> {
    return (await this.#call('leases.v1.Leases/List', ListLeasesRequest, ListLeasesResponse, {filters: []})).leases
  }

  /** Deletes a lease, which need not exist, and waits until what nothing else keeps is collected. */
  async deleteLease(id: string): Promise<void> {
    await orUndefined(CODE.notFound, this.#call('leases.v1.Leases/Delete', DeleteLeaseRequest, Empty, {id, sync: true}, SLOW_MS))
  }

  // ---------------------------------------------------------------- images

  /** What a name stands for; undefined where it stands for nothing. */
  async image(name: string): Promise<ImageRecord | undefined> {
    return (await orUndefined(CODE.notFound, this.#call('images.v1.Images/Get', GetImageRequest, GetImageResponse, {name})))?.image
  }

  /** Gives a name to an image; one that exists is left alone. @returns whether it is new */
  async createImage(name: string, target: Descriptor, labels: Readonly<Record<string, string>>): Promise<boolean> {
    const created = this.#call('images.v1.Images/Create', CreateImageRequest, CreateImageResponse, {image: {name, target, labels: mapOf(labels)}})
    return (await orUndefined(CODE.alreadyExists, created)) !== undefined
  }

  // ---------------------------------------------------------------- blobs

  /** undefined: it is not there */
  async blob(digest: string): Promise<ContentInfo | undefined> {
    return (await orUndefined(CODE.notFound, this.#call('content.v1.Content/Info', ContentInfoRequest, ContentInfoResponse, {digest})))?.info
  }

  /** Adds labels to a blob; an empty value takes one away. */
  async labelBlob(digest: string, labels: Readonly<Record<string, string>>): Promise<void> {
    const paths = Object.keys(labels).map((name) => `labels.${name}`)
    await this.#call('content.v1.Content/Update', UpdateContentRequest, UpdateContentResponse, {
      info: {digest, size: 0n, labels: mapOf(labels)}, updateMask: {paths},
    })
  }

  /** A small blob as a whole. @throws Error when it is larger than the limit */
  async readBlob(digest: string, maxBytes: number): Promise<Buffer> {
    const call = this.#channel.duplex(pathOf('content.v1.Content/Read'), {signal: this.#signal})
    await call.write(ReadContentRequest.encode({digest, offset: 0n, size: 0n}).finish())
    call.end()
    const parts: Uint8Array[] = []
    let bytes = 0
    for await (const answer of call.answers) {
      const {data} = ReadContentResponse.decode(answer)
      bytes += data.length
      if (bytes > maxBytes) throw new Error(`${digest} has more than ${maxBytes} bytes`)
      parts.push(data)
    }
    return Buffer.concat(parts)
  }

  /**
   * Writes a blob, whose digest containerd checks.
   *
   * @param chunks its bytes from the first to the last; not all are taken where it turns out to be there
   * @param onBytes told of bytes as they are taken
   * @returns undefined when it is there already
   */
  async writeBlob(blob: BlobToWrite, chunks: AsyncIterable<Uint8Array>, onBytes: (bytes: number) => void = () => undefined): Promise<WrittenBlob | undefined> {
    const call = this.#channel.duplex(pathOf('content.v1.Content/Write'), {signal: this.#signal})
    try {
      return await orUndefined(CODE.alreadyExists, new Writing(call, blob, onBytes).write(chunks))
    } finally {
      call.end()
      await call.answers.return(undefined)
    }
  }

  // ---------------------------------------------------------------- snapshots

  async hasSnapshot(snapshotter: string, key: string): Promise<boolean> {
    return (await orUndefined(CODE.notFound, this.#call('snapshots.v1.Snapshots/Stat', StatSnapshotRequest, StatSnapshotResponse, {snapshotter, key}))) !== undefined
  }

  /** Begins a snapshot. @returns how to mount it; undefined when one of this key exists */
  async prepareSnapshot(snapshotter: string, key: string, parent: string): Promise<readonly Mount[] | undefined> {
    const prepared = this.#call('snapshots.v1.Snapshots/Prepare', PrepareSnapshotRequest, PrepareSnapshotResponse, {snapshotter, key, parent, labels: new Map()})
    return (await orUndefined(CODE.alreadyExists, prepared))?.mounts
  }

  /** @returns false when one of this name exists; what was begun is left then */
  async commitSnapshot(snapshotter: string, name: string, key: string): Promise<boolean> {
    const committed = this.#call('snapshots.v1.Snapshots/Commit', CommitSnapshotRequest, Empty, {snapshotter, name, key, labels: new Map()})
    return (await orUndefined(CODE.alreadyExists, committed)) !== undefined
  }

  /** Removes a snapshot, which need not exist. */
  async removeSnapshot(snapshotter: string, key: string): Promise<void> {
    await orUndefined(CODE.notFound, this.#call('snapshots.v1.Snapshots/Remove', RemoveSnapshotRequest, Empty, {snapshotter, key}))
  }

  /** Unpacks a layer into what the mounts lead to. @returns digest of the layer, not compressed */
  async apply(diff: Descriptor, mounts: readonly Mount[]): Promise<string> {
    const {applied} = await this.#call('diff.v1.Diff/Apply', ApplyRequest, ApplyResponse, {diff, mounts: [...mounts]}, SLOW_MS)
    return applied?.digest ?? ''
  }

  async #call<Request, Response>(method: string, request: Message<Request>, response: Message<Response>, message: Request, timeoutMs = QUICK_MS): Promise<Response> {
    const bytes = await this.#channel.raw(pathOf(method), request.encode(message).finish(), {timeoutMs, signal: this.#signal})
    return response.decode(bytes)
  }
}

/** One blob on its way into the store (containerd plugins/services/content/contentserver: each message is answered, in turn). */
class Writing {
  readonly #call: DuplexCall
  readonly #blob: BlobToWrite
  readonly #onBytes: (bytes: number) => void
  #unanswered = 0
  #offset = 0
  #sent = 0

  constructor(call: DuplexCall, blob: BlobToWrite, onBytes: (bytes: number) => void) {
    this.#call = call
    this.#blob = blob
    this.#onBytes = onBytes
  }

  async write(chunks: AsyncIterable<Uint8Array>): Promise<WrittenBlob> {
    const {ref, size, digest = '', labels = {}} = this.#blob
    await this.#send({action: WriteAction.STAT, ref, total: BigInt(size), expected: digest})
    const there = Number((await this.#answer()).offset)
    for await (const piece of pieces(chunks)) {
      await this.#put(piece, there)
      this.#onBytes(piece.length)
    }
    if (this.#offset !== size) throw new Error(`of ${size} bytes of a blob came ${this.#offset}`)
    await this.#send({action: WriteAction.COMMIT, ref, total: BigInt(size), expected: digest, offset: BigInt(size), labels: mapOf(labels)})
    while (this.#unanswered > 1) await this.#answer()
    const {digest: written} = await this.#answer()
    return {digest: written, size, sent: this.#sent}
  }

  /** Sends what an earlier try has not. */
  async #put(piece: Uint8Array, there: number): Promise<void> {
    const data = piece.subarray(Math.min(piece.length, Math.max(0, there - this.#offset)))
    this.#offset += piece.length
    if (data.length === 0) return
    this.#sent += data.length
    await this.#send({action: WriteAction.WRITE, ref: this.#blob.ref, offset: BigInt(this.#offset - data.length), data})
    while (this.#unanswered >= WINDOW) await this.#answer()
  }

  async #send(message: Partial<WriteContentRequest>): Promise<void> {
    this.#unanswered++
    await this.#call.write(WriteContentRequest.encode(WriteContentRequest.fromPartial(message)).finish())
  }

  async #answer(): Promise<WriteContentResponse> {
    const {value, done} = await this.#call.answers.next()
    if (done === true) throw new CriError('other', CODE.unavailable, 'containerd ended a write without an answer')
    this.#unanswered--
    return WriteContentResponse.decode(value)
  }
}

/** The same bytes in pieces that are worth a message; each is a copy that nobody else writes to. */
async function* pieces(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    bytes += chunk.length
    if (bytes < PIECE_BYTES) continue
    yield Buffer.concat(parts)
    parts = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(parts)
}

function pathOf(method: string): string {
  return `/containerd.services.${method}`
}

function mapOf(labels: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(Object.entries(labels))
}

/** undefined in place of a failure with this status. */
async function orUndefined<Result>(code: number, call: Promise<Result>): Promise<Result | undefined> {
  try {
    return await call
  } catch (error) {
    if (error instanceof CriError && error.code === code) return undefined
    throw error
  }
}
