// SPDX-License-Identifier: Apache-2.0
import {globSync, readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import {generateCri} from '../../../scripts/generate-cri.ts'
import {PortForwardRequest} from '../../../src/cri/gen/runtime/v1/exec.ts'
import type {MessageFns} from '../../../src/cri/gen/runtime/v1/list.ts'
import {Container} from '../../../src/cri/gen/runtime/v1/list.ts'
import {ImageServiceDefinition, RuntimeServiceDefinition} from '../../../src/cri/gen/runtime/v1/services.ts'
import {container} from './fake-cri.ts'

test('src/cri/gen is what `node scripts/generate-cri.ts` writes', () => {
  const written = globSync('{containerd,runtime}/v1/*.ts', {cwd: 'src/cri/gen'}).toSorted()
  const generated = generateCri()
  expect(written).toEqual([...generated.keys()])
  for (const [file, text] of generated) expect(readFileSync(`src/cri/gen/${file}`, 'utf8') === text, file).toBe(true)
}, 60_000)

test('the schema has all calls of both services', () => {
  expect(Object.keys(RuntimeServiceDefinition.methods)).toHaveLength(37)
  expect(Object.keys(ImageServiceDefinition.methods)).toHaveLength(6)
})

test('every message of every call can be empty on the wire', () => {
  for (const {requestType, responseType} of [...Object.values(RuntimeServiceDefinition.methods), ...Object.values(ImageServiceDefinition.methods)]) {
    for (const type of [requestType, responseType] as readonly MessageFns<unknown>[]) {
      expect(type.encode(type.decode(new Uint8Array())).finish()).toEqual(new Uint8Array())
    }
  }
})

test('a container survives the wire, with nanoseconds and a label that is called __proto__', () => {
  const original = container(7, {labels: new Map([['__proto__', 'x'], ['constructor', 'y']])})
  expect(Container.decode(Container.encode(original).finish())).toEqual(original)
})

test('numbers are read packed and unpacked, as proto3 allows both', () => {
  expect(PortForwardRequest.decode(new Uint8Array([0x12, 2, 80, 81])).port).toEqual([80, 81])
  expect(PortForwardRequest.decode(new Uint8Array([0x10, 80, 0x10, 81])).port).toEqual([80, 81])
})

test('a field of a newer runtime is kept, on the wire and in JSON', () => {
  const known = Container.encode(container(1)).finish()
  const newer = new Uint8Array([...known, 0xfa, 0x3e, 3, 1, 2, 3])
  const decoded = Container.decode(newer)
  expect(Container.encode(decoded).finish()).toEqual(newer)
  expect(Container.toJSON(decoded)).toEqual({...Container.toJSON(container(1)) as object, unknownFields: {1007: ['AQID']}})
})
