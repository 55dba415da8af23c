// SPDX-License-Identifier: Apache-2.0
import {buffer} from 'node:stream/consumers'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {DEFAULT_DETACH_KEYS, DetachKeys, parseDetachKeys} from '../../../src/streaming/detach-keys.ts'

const KEYS = parseDetachKeys(DEFAULT_DETACH_KEYS)

async function type(pieces: readonly Uint8Array[]): Promise<{readonly passed: Buffer; readonly detached: number}> {
  let detached = 0
  const keys = new DetachKeys(KEYS, () => detached++)
  const passed = buffer(keys)
  for (const piece of pieces) keys.write(piece)
  keys.end()
  return {passed: await passed, detached}
}

describe('detach keys', () => {
  test('are ctrl-p ctrl-q unless told', () => {
    expect([...KEYS]).toEqual([16, 17])
    expect([...parseDetachKeys('ctrl-],x,CTRL-@')]).toEqual([29, 120, 0])
  })

  test.each(['', 'ctrl-', 'ctrl-1', 'xy', 'ctrl-p,'])('“%s” are none', (words) => {
    expect(() => parseDetachKeys(words)).toThrow('no key to detach with')
  })

  test('end the input and are not passed on, wherever they are cut', async () => {
    expect(await type([Buffer.from('ls\n\u0010'), Buffer.from('\u0011rm -rf /\n')])).toEqual({passed: Buffer.from('ls\n'), detached: 1})
  })

  test('a beginning that goes on otherwise is passed on', async () => {
    expect(await type([Buffer.from([16]), Buffer.from([16]), Buffer.from('x')])).toEqual({passed: Buffer.from([16, 16, 120]), detached: 0})
    expect((await type([Buffer.from([16]), Buffer.from([16, 17])])).passed).toEqual(Buffer.from([16]))
  })

  test('what is before the first occurrence is passed on, whatever is typed', async () => {
    const piece = fc.array(fc.constantFrom(16, 17, 97), {maxLength: 6}).map((bytes) => Uint8Array.from(bytes))
    await fc.assert(fc.asyncProperty(fc.array(piece, {maxLength: 6}), async (pieces) => {
      const all = Buffer.concat(pieces)
      const at = all.indexOf(KEYS)
      const {passed, detached} = await type(pieces)
      expect(passed.equals(at < 0 ? all : all.subarray(0, at))).toBe(true)
      expect(detached).toBe(at < 0 ? 0 : 1)
    }))
  })
})
