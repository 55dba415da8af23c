// SPDX-License-Identifier: Apache-2.0
import {randomBytes} from 'node:crypto'
import {gzipSync} from 'node:zlib'
import {describe, expect, test} from 'vitest'
import {configMapName, configMapOf, isNodeName, itemOf, labelOf} from '../../../../src/app/fleet/config-map.ts'
import type {JsonObject} from '../../../../src/model/json.ts'
import {UserError} from '../../../../src/model/user-error.ts'
import {finding} from '../../../support/sample-report.ts'
import {nodeReport, preflight, published} from '../../../support/fleet.ts'

const LONG = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
const withText = (node: string, text: string) => nodeReport(node, {preflight: preflight([finding({text})])})
const noise = (bytes: number) => randomBytes(bytes / 2).toString('hex')
const configMap = (more: JsonObject, name = 'rtctl-node-n1') => ({metadata: {name, namespace: 'rtctl', annotations: {'rtctl/node': 'n1'}}, ...more})

describe('the ConfigMap of a node', () => {
  test('comes back as the report that it was made of, small or large', () => {
    for (const report of [nodeReport('n1'), withText('n1', noise(200_000))]) {
      expect(itemOf(configMapOf(report, 'rtctl'))).toEqual({kind: 'report', source: 'ConfigMap rtctl/rtctl-node-n1', value: report})
    }
  })
  test('can be read by a person while it is small, and is compressed from then on', () => {
    expect(Object.keys(configMapOf(nodeReport('n1'), 'rtctl')['data'] as object)).toEqual(['report.json'])
    const large = configMapOf(withText('n1', 'x'.repeat(200_000)), 'rtctl')
    expect(large['data']).toBeUndefined()
    expect(JSON.stringify(large).length).toBeLessThan(20_000)
  })
  test('is refused, not cut, where it is larger than the server takes', () => {
    expect(() => configMapOf(withText('n1', noise(3 * 2 ** 20)), 'rtctl')).toThrow(UserError)
    expect(() => configMapOf(withText('n1', noise(3 * 2 ** 20)), 'rtctl')).toThrow(/larger than a ConfigMap can be.*Nothing was written/)
  })
  test('is refused where no reader would unpack it', () => {
    expect(() => configMapOf(withText('n1', 'x'.repeat(17 * 2 ** 20)), 'rtctl')).toThrow(/17\.0 MiB/)
  })
  test('tells by labels that it is a report and of which node, and by annotations what was found', () => {
    expect(published(nodeReport('n1')).metadata).toMatchObject({
      labels: {'app.kubernetes.io/name': 'rtctl', 'app.kubernetes.io/component': 'node-report', 'rtctl/node': 'n1', 'rtctl/verdict': 'go'},
      annotations: {'rtctl/node': 'n1', 'rtctl/time': '2026-11-21T11:00:00.000Z', 'rtctl/version': '0.1.0', 'rtctl/target': 'containerd', 'rtctl/kubernetes': '1.24'},
    })
  })
})

describe('names', () => {
  test('of objects and values of labels fit, for the longest name that a node can have', () => {
    expect(LONG).toHaveLength(253)
    expect(configMapName(LONG)).toHaveLength(253)
    expect(isNodeName(configMapName(LONG))).toBe(true)
    expect(labelOf(LONG).length).toBeLessThanOrEqual(63)
    expect(labelOf(LONG)).toMatch(/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/)
    expect(published(nodeReport(LONG)).metadata['annotations']).toMatchObject({'rtctl/node': LONG})
  })
  test('that begin alike stay apart', () => {
    const other = `${LONG.slice(0, -1)}e`
    expect(configMapName(other)).not.toBe(configMapName(LONG))
    expect(labelOf(other)).not.toBe(labelOf(LONG))
  })
  test('do not end in a dot where they are cut', () => expect(labelOf(`${'a'.repeat(45)}.${'b'.repeat(30)}`)).toMatch(/^a{45}-[0-9a-f]{16}$/))
  test.each(['', 'N1', 'a_b', '../x', 'a/b', '.a', 'a..b', 'a'.repeat(254), 'a\u001b[31m', '__proto__'])('that no node can have are known: %j', (name) => expect(isNodeName(name)).toBe(false))
})

describe('a ConfigMap that somebody else wrote', () => {
  const packed = (bytes: Buffer) => ({binaryData: {'report.json.gz': bytes.toString('base64')}})
  test.each([
    ['without a report', {data: {other: '{}'}}, 'neither'],
    ['with text that is no JSON', {data: {'report.json': '{'}}, 'no JSON'],
    ['with something that is no gzip', packed(Buffer.from('hello')), 'no gzip'],
    ['whose gzip is cut off', packed(gzipSync('x'.repeat(1000)).subarray(0, 20)), 'no gzip'],
    ['that unpacks to more than a report can have', packed(gzipSync(Buffer.alloc(64 * 2 ** 20))), 'unpacks to more than 16 MiB'],
    ['with the report of another node', {data: {'report.json': JSON.stringify(nodeReport('n2'))}}, 'not named after'],
    ['with a list', {data: {'report.json': '[]'}}, 'not named after'],
    ['with members of prototypes', {data: {'report.json': '{"__proto__": {"node": "n1"}}'}}, 'not named after'],
  ])('%s is named with the reason', (_, more, reason) => {
    expect(itemOf(configMap(more as unknown as JsonObject))).toMatchObject({kind: 'unreadable', unreadable: {source: 'ConfigMap rtctl/rtctl-node-n1', node: 'n1', reason: expect.stringContaining(reason) as string}})
  })
  test('cannot say that it is about a node that has another name', () => {
    expect(itemOf(configMap({data: {}}, 'rtctl-node-n2'))).toMatchObject({unreadable: {source: 'ConfigMap rtctl/rtctl-node-n2'}})
    expect(itemOf(configMap({data: {}}, 'rtctl-node-n2'))).not.toHaveProperty('unreadable.node')
  })
})
