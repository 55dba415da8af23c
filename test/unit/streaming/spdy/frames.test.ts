// SPDX-License-Identifier: Apache-2.0
import {constants, inflateRawSync} from 'node:zlib'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {controlFrame, dataHeader, FrameParser, headerBlock, words} from '../../../../src/streaming/spdy/frames.ts'

interface Seen {
  readonly data: Map<number, {bytes: Buffer; fin: boolean}>
  readonly control: {readonly type: number; readonly flags: number; readonly body: string}[]
}

/** Parses the bytes, cut where told, and collects what comes. */
function parse(bytes: Buffer, cuts: readonly number[] = []): Seen {
  const seen: Seen = {data: new Map(), control: []}
  const parser = new FrameParser({
    data: (id, piece, fin) => {
      const known = seen.data.get(id) ?? {bytes: Buffer.alloc(0), fin: false}
      seen.data.set(id, {bytes: Buffer.concat([known.bytes, piece]), fin: known.fin || fin})
    },
    control: (type, flags, body) => void seen.control.push({type, flags, body: body.toString('hex')}),
  })
  let start = 0
  for (const cut of [...new Set(cuts.map((at) => at % (bytes.length + 1)))].sort((a, b) => a - b)) {
    parser.push(bytes.subarray(start, cut))
    start = cut
  }
  parser.push(bytes.subarray(start))
  return seen
}

const frame = fc.oneof(
  fc.record({id: fc.integer({min: 1, max: 0x7fffffff}), bytes: fc.uint8Array({maxLength: 300}), fin: fc.boolean()}),
  fc.record({type: fc.integer({min: 0, max: 0xffff}), flags: fc.integer({min: 0, max: 255}), body: fc.uint8Array({maxLength: 300})}),
)

describe('SPDY/3.1 frames', () => {
  test('what was encoded is decoded, however the bytes are cut', () => {
    fc.assert(fc.property(fc.array(frame, {maxLength: 12}), fc.array(fc.nat(4000), {maxLength: 12}), (frames, cuts) => {
      const expected: Seen = {data: new Map(), control: []}
      const bytes = frames.map((one) => {
        if ('type' in one) {
          expected.control.push({type: one.type, flags: one.flags, body: Buffer.from(one.body).toString('hex')})
          return controlFrame(one.type, one.flags, one.body)
        }
        const known = expected.data.get(one.id) ?? {bytes: Buffer.alloc(0), fin: false}
        expected.data.set(one.id, {bytes: Buffer.concat([known.bytes, one.bytes]), fin: known.fin || one.fin})
        return Buffer.concat([dataHeader(one.id, one.bytes.length, one.fin), one.bytes])
      })
      expect(parse(Buffer.concat(bytes), cuts)).toEqual(expected)
    }))
  })

  test('random bytes are refused or taken, and never anything else', () => {
    fc.assert(fc.property(fc.uint8Array({maxLength: 200}), (bytes) => {
      try {
        parse(Buffer.from(bytes))
      } catch (error) {
        expect(error).toMatchObject({name: 'StreamingError', kind: 'protocol'})
      }
    }))
  })

  test('data is handed on before its frame is complete, and the end only with its last byte', () => {
    const seen = parse(Buffer.concat([dataHeader(1, 100, true), Buffer.alloc(60)]))
    expect(seen.data.get(1)).toEqual({bytes: Buffer.alloc(60), fin: false})
  })

  test('a control frame longer than 64 KiB is refused before its body comes', () => {
    const header = Buffer.from([0x80, 3, 0, 2, 0, 1, 0, 1])
    expect(() => parse(header)).toThrow('a control frame of 65537 bytes')
  })

  test('another version and data for stream 0 are refused', () => {
    expect(() => parse(Buffer.from([0x80, 2, 0, 2, 0, 0, 0, 0]))).toThrow('a frame of version 2')
    expect(() => parse(dataHeader(0, 0, false))).toThrow('data for stream 0')
  })

  test('header blocks are one zlib stream that names the dictionary of SPDY/3 once', () => {
    fc.assert(fc.property(fc.array(fc.dictionary(fc.stringMatching(/^[a-z-]{1,20}$/), fc.string({maxLength: 300})), {minLength: 1, maxLength: 4}), (blocks) => {
      const bytes = blocks.map((headers, index) => headerBlock(headers, index === 0))
      expect(bytes[0]?.toString('hex', 0, 6)).toBe('78bbe3c6a7c2')
      expect((0x78 * 256 + 0xbb) % 31).toBe(0)
      const inflated = inflateRawSync(Buffer.concat(bytes).subarray(6), {finishFlush: constants.Z_SYNC_FLUSH})
      const expected = blocks.map((headers) => Buffer.concat([
        words(Object.keys(headers).length),
        ...Object.entries(headers).flatMap(([name, value]) => [words(name.length), Buffer.from(name), words(Buffer.byteLength(value)), Buffer.from(value)]),
      ]))
      expect(inflated.equals(Buffer.concat(expected))).toBe(true)
    }))
  })
})
