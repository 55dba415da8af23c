// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {InspectReport} from '../../../src/model/chain.ts'
import {renderJson} from '../../../src/render/json.ts'
import {visible} from '../../../src/render/visible.ts'
import {dockershimNode, emptyHost, SAMPLES} from './sample-reports.ts'

/** The same data with the keys of every object the other way round. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => reversed(each))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).toReversed().map(([key, each]) => [key, reversed(each)]))
}

describe('the JSON of a report', () => {
  test.each(SAMPLES)('of %s has the same data', (_, sample) => {
    expect(JSON.parse(renderJson(sample()))).toEqual(sample())
  })

  test.each(SAMPLES)('of %s does not depend on the order in which keys were set', (_, sample) => {
    expect(renderJson(reversed(sample()) as InspectReport)).toBe(renderJson(sample()))
  })

  test('has the summary before the long lists, ids first, and versions by name', () => {
    const text = renderJson(dockershimNode())
    expect(Object.keys(JSON.parse(text))).toEqual(['schemaVersion', 'rtctl', 'host', 'chain'])
    expect(Object.keys(JSON.parse(text).chain)).toEqual(['summary', 'chains', 'nodes', 'edges', 'nested', 'containers', 'orphans', 'oddities', 'gaps', 'beside'])
    expect(Object.keys(JSON.parse(text).chain.summary.versions)).toEqual(['containerd', 'docker-init', 'dockerd', 'kubelet', 'runc'])
  })

  test('is indented by two spaces and ends with one newline', () => {
    const text = renderJson(emptyHost())
    expect(text).toMatch(/^\{\n  "schemaVersion": 1,\n  "rtctl": "0\.1\.0",\n/)
    expect(text).toMatch(/[^\n]\n\}\n$/)
  })

  test('keeps a version of a component named __proto__', () => {
    const base = emptyHost()
    const versions = JSON.parse('{"__proto__": "1", "constructor": "2"}') as Record<string, string>
    const text = renderJson({...base, chain: {...base.chain, summary: {...base.chain.summary, versions}}})
    expect(text).toContain('"__proto__": "1"')
    expect(text).toContain('"constructor": "2"')
  })

  test.each(SAMPLES)('of %s has nothing that a terminal obeys', (_, sample) => {
    const text = renderJson(sample()).replaceAll('\n', '')
    expect(visible(text) === text).toBe(true)
  })

  test('gives back any host name', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (name) => {
      const text = renderJson({...emptyHost(), host: {name}})
      expect((JSON.parse(text) as InspectReport).host.name).toBe(name)
      expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''))
    }))
  })
})
