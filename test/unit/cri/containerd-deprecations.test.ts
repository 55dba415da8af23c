// SPDX-License-Identifier: Apache-2.0
import {BinaryWriter} from '@bufbuild/protobuf/wire'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {deprecationsIn} from '../../../src/cri/containerd-deprecations.ts'

/** ServerResponse as containerd 1.7.24 sends it: uuid, pid and pid namespace before the warnings. */
function response(warnings: readonly {readonly id: string; readonly seconds?: number}[]): Uint8Array {
  const writer = new BinaryWriter().tag(1, 2).string('0c5a').tag(2, 0).uint64(812).tag(3, 0).uint64(4026531836)
  for (const {id, seconds} of warnings) {
    writer.tag(4, 2).fork().tag(1, 2).string(id).tag(2, 2).string('is deprecated')
    if (seconds !== undefined) writer.tag(3, 2).fork().tag(1, 0).int64(seconds).tag(2, 0).int32(5).join()
    writer.join()
  }
  return writer.finish()
}

describe('the deprecations of containerd', () => {
  test('have an id, and the time when they were last seen', () => {
    expect(deprecationsIn(response([{id: 'io.containerd.deprecation/pull-schema-1-image', seconds: 1_763_731_793}, {id: 'x'}]))).toEqual([
      {id: 'io.containerd.deprecation/pull-schema-1-image', last: '2025-11-21T13:29:53Z'}, {id: 'x'},
    ])
    expect(deprecationsIn(response([]))).toEqual([])
  })

  test('have a time that can be written, whatever the number', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (seconds) => {
      expect(deprecationsIn(response([{id: 'x', seconds}]))[0]?.last).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    }))
  })

  test('of bytes that are no message are an error, or nothing', () => {
    fc.assert(fc.property(fc.uint8Array({maxLength: 60}), (bytes) => {
      try {
        for (const {id} of deprecationsIn(bytes)) expect(id).not.toBe('')
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }))
  })
})
