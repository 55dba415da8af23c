// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {hostPathAt, stringsFound} from '../../../../src/checks/lib/host-paths.ts'
import type {Json} from '../../../../src/model/json.ts'

const search = {pick: hostPathAt, skip: (members: object) => 'containers' in members}
const found = (value: Json) => [...stringsFound(value, search)]

describe('host paths in a tree', () => {
  test('are found as an object and as a string, with their place', () => {
    expect(found({volumes: [{hostPath: {path: '/a'}}, {hostPath: '/b'}]})).toEqual([
      {path: ['volumes', 0, 'hostPath', 'path'], written: '/a'}, {path: ['volumes', 1, 'hostPath'], written: '/b'},
    ])
  })

  test('are left out where they go by a containerPath, or stand in what is skipped', () => {
    expect(found([{hostPath: '/b', containerPath: '/c'}, {containers: [], volumes: [{hostPath: '/a'}]}])).toEqual([])
  })

  test('are searched for in any tree, and no deeper than sense has it', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => { expect(found(value as Json)).toEqual(expect.any(Array)) }))
    let deep: Json = {hostPath: '/a'}
    for (let level = 0; level < 100_000; level++) deep = [deep]
    expect(found(deep)).toEqual([])
  })
})
