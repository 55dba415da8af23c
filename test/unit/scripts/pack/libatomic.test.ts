// SPDX-License-Identifier: Apache-2.0
import {readFileSync} from 'node:fs'
import {describe, expect, test} from 'vitest'
import type {Architecture} from '../../../../scripts/pack/context.ts'
import {withoutLibatomic} from '../../../../scripts/pack/libatomic.ts'
import {NODES} from '../../../support/node.ts'

const ours = process.arch as Architecture
const other: Architecture = ours === 'x64' ? 'arm64' : 'x64'
const node26 = readFileSync(NODES[26])

describe('Node.js without libatomic', () => {
  // That it runs, and that the loader wants no libatomic for it, is seen in test/packages.
  test('differs from Node.js in a few places, and keeps its size', () => {
    const changed = withoutLibatomic(node26, ours)
    expect(changed.length).toBe(node26.length)
    let differing = 0
    for (let at = 0; at < changed.length; at += 1) if (changed[at] !== node26[at]) differing += 1
    expect(differing).toBeGreaterThan(30)
    expect(differing).toBeLessThan(400)
  })

  test('is left alone when it needs the library no more', () => {
    const changed = withoutLibatomic(node26, ours)
    expect(withoutLibatomic(changed, ours)).toBe(changed)
  })

  test('that never needed it is left alone', () => {
    const node24 = readFileSync(NODES[24])
    expect(withoutLibatomic(node24, ours)).toBe(node24)
  })

  test('leaves the bytes it was given as they are', () => {
    const before = Buffer.from(node26)
    withoutLibatomic(node26, ours)
    expect(node26.equals(before)).toBe(true)
  })

  test('is refused where the file is for another processor, or none at all', () => {
    expect(() => withoutLibatomic(node26, other)).toThrow(`an executable for ${other} has e_machine`)
    expect(() => withoutLibatomic(Buffer.from('#!/bin/sh\n'.repeat(100)), ours)).toThrow('not a 64-bit little-endian ELF executable with fixed addresses')
  })

  test('is refused where there is no room for the code', () => {
    const full = Buffer.from(node26)
    const text = executableSegment(full)
    full.fill(0x90, text, text + 64)
    expect(() => withoutLibatomic(full, ours)).toThrow('no room behind the code')
  })

  test('is refused where more of the library is used than what is known', () => {
    const another = Buffer.from(node26)
    const name = another.indexOf('\0__atomic_compare_exchange\0')
    another.write('__atomic_fetch_something_x', name + 1, 'latin1')
    expect(() => withoutLibatomic(another, ours)).toThrow(/^of libatomic\.so\.1 more is used than __atomic_compare_exchange: /)
  })
})

/** Where the executable segment ends in a file. */
function executableSegment(bytes: Buffer): number {
  const [start, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(56)]
  const headers = Array.from({length: count}, (_, index) => start + index * 56)
  const text = headers.find((header) => bytes.readUInt32LE(header) === 1 && (bytes.readUInt32LE(header + 4) & 1) === 1) ?? 0
  return Number(bytes.readBigUInt64LE(text + 8) + bytes.readBigUInt64LE(text + 32))
}
