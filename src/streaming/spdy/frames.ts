// SPDX-License-Identifier: Apache-2.0
import {StreamingError} from '../errors.ts'

// SPDY/3.1 as the streaming servers of Kubernetes speak it (moby/spdystream), see docs/adr/0010-streaming.md.
// https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/

export const FRAME = {synStream: 1, synReply: 2, reset: 3, settings: 4, ping: 6, goAway: 7, headers: 8, windowUpdate: 9} as const
export const FLAG_FIN = 1
/** Reasons of RST_STREAM. */
export const RESET = {protocolError: 1, refused: 3, cancel: 5} as const

const VERSION = 3
const HEADER_BYTES = 8
const MAX_STREAM_ID = 0x7fffffff
/** A SYN_REPLY of spdystream has 30 bytes; more than this is no answer but an attack. */
const MAX_CONTROL_BYTES = 64 * 1024

/** A control frame. */
export function controlFrame(type: number, flags: number, body: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + body.length)
  frame.writeUInt16BE(0x8000 | VERSION, 0)
  frame.writeUInt16BE(type, 2)
  frame.writeUInt32BE(flags * 0x1000000 + body.length, 4)
  frame.set(body, HEADER_BYTES)
  return frame
}

/** What precedes the payload of a DATA frame. */
export function dataHeader(streamId: number, length: number, fin: boolean): Buffer {
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  header.writeUInt32BE(streamId, 0)
  header.writeUInt32BE((fin ? FLAG_FIN * 0x1000000 : 0) + length, 4)
  return header
}

/** 32-bit numbers, as the bodies of RST_STREAM, PING and GOAWAY have them. */
export function words(...values: readonly number[]): Buffer {
  const body = Buffer.allocUnsafe(values.length * 4)
  for (const [index, value] of values.entries()) body.writeUInt32BE(value, index * 4)
  return body
}

/**
 * A header block: pairs of lower-case name and value, in a zlib stream that goes on from block to block.
 *
 * Deflate allows blocks that are not compressed. Written so, a block needs no compressor and no dictionary: of that, only
 * the checksum is in the stream, in front of the first block (RFC 1950 section 2.2). The empty block at the end is what
 * Z_SYNC_FLUSH writes: Go's inflate hands out what it has when it meets one, and fails where the input ends without it.
 */
export function headerBlock(headers: Readonly<Record<string, string>>, first: boolean): Buffer {
  const entries = Object.entries(headers)
  const fields = entries.flatMap(([name, value]) => [name.toLowerCase(), value]).flatMap((text) => {
    const bytes = Buffer.from(text)
    return [words(bytes.length), bytes]
  })
  const content = Buffer.concat([words(entries.length), ...fields])
  const stored = Buffer.from([0, content.length & 0xff, content.length >> 8, ~content.length & 0xff, ~(content.length >> 8) & 0xff])
  return Buffer.concat([first ? ZLIB_HEADER : Buffer.alloc(0), stored, content, FLUSH])
}

/** Deflate, 32 kB window, preset dictionary; Adler-32 of the dictionary of SPDY/3. */
const ZLIB_HEADER = Buffer.from([0x78, 0xbb, 0xe3, 0xc6, 0xa7, 0xc2])
const FLUSH = Buffer.from([0, 0, 0, 0xff, 0xff])

export interface FrameHandler {
  /** Data of a stream, in the pieces in which it arrives; `fin` comes with the last piece, which may be empty. */
  data(streamId: number, piece: Buffer, fin: boolean): void
  control(type: number, flags: number, body: Buffer): void
}

/** Takes apart what the server sends. Data is handed on without being copied or collected. */
export class FrameParser {
  readonly #handler: FrameHandler
  readonly #header = Buffer.alloc(HEADER_BYTES)
  #headerLength = 0
  /** bytes of the current frame that are still to come */
  #missing = 0
  #control: {readonly type: number; readonly flags: number; readonly parts: Buffer[]} | undefined
  #data = {streamId: 0, fin: false}

  constructor(handler: FrameHandler) {
    this.#handler = handler
  }

  /** @throws StreamingError `protocol` */
  push(chunk: Buffer): void {
    let offset = 0
    while (offset < chunk.length) {
      if (this.#headerLength < HEADER_BYTES) {
        const taken = chunk.copy(this.#header, this.#headerLength, offset)
        this.#headerLength += taken
        offset += taken
        if (this.#headerLength === HEADER_BYTES) this.#begin()
      } else {
        const end = Math.min(offset + this.#missing, chunk.length)
        this.#body(chunk.subarray(offset, end))
        offset = end
      }
    }
  }

  #begin(): void {
    const first = this.#header.readUInt32BE(0)
    const flags = this.#header.readUInt8(4)
    this.#missing = this.#header.readUIntBE(5, 3)
    if (first > MAX_STREAM_ID) {
      this.#control = {type: first & 0xffff, flags, parts: []}
      if (((first >>> 16) & 0x7fff) !== VERSION) throw malformed(`a frame of version ${(first >>> 16) & 0x7fff}`)
      if (this.#missing > MAX_CONTROL_BYTES) throw malformed(`a control frame of ${this.#missing} bytes`)
    } else {
      if (first === 0) throw malformed('data for stream 0')
      this.#control = undefined
      this.#data = {streamId: first, fin: (flags & FLAG_FIN) !== 0}
    }
    if (this.#missing === 0) this.#body(Buffer.alloc(0))
  }

  #body(piece: Buffer): void {
    this.#missing -= piece.length
    const complete = this.#missing === 0
    if (complete) this.#headerLength = 0
    if (this.#control === undefined) return this.#handler.data(this.#data.streamId, piece, complete && this.#data.fin)
    const {type, flags, parts} = this.#control
    parts.push(piece)
    if (complete) this.#handler.control(type, flags, Buffer.concat(parts))
  }
}

export function malformed(what: string): StreamingError {
  return new StreamingError('protocol', `the streaming server sent ${what}, which is not SPDY/3.1`)
}
