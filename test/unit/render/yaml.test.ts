// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {load} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import type {InspectReport} from '../../../src/model/chain.ts'
import {renderYaml} from '../../../src/render/yaml.ts'
import {visible} from '../../../src/render/visible.ts'
import {emptyHost, SAMPLES} from './sample-reports.ts'

describe('the YAML of a report', () => {
  test.each(SAMPLES)('of %s is read back as the same data', (_, sample) => {
    expect(load(renderYaml(sample()))).toEqual(sample())
  })

  test.each(SAMPLES)('of %s has no anchors, aliases or tags, and nothing that a terminal obeys', (_, sample) => {
    const text = renderYaml(sample())
    expect(text).not.toMatch(/^\s*(- )*([\w-]+: )?[&*!]/m)
    expect(visible(text.replaceAll('\n', '')) === text.replaceAll('\n', '')).toBe(true)
  })

  test('an object that is in the report twice is written twice', () => {
    const base = emptyHost()
    const gap = {what: 'a', source: 'b', reason: 'c', next: 'd'}
    expect(renderYaml({...base, chain: {...base.chain, gaps: [gap, gap]}}).match(/what: a/g)).toHaveLength(2)
  })

  test.each([
    '1.20', '1e3', '0x1f', '0o17', '017', '1_000', '12:30:45', '2024-01-01', 'true', 'True', 'yes', 'no', 'on', 'off', 'y', 'n', 'null', '~', '',
    '.inf', '.nan', '-', '?', ': ', '#', '- a', 'a: b', 'a #b', '<<', '=', '%YAML', '@', '`', '!tag', '&a', '*a', '[', '{', ' a', 'a ', '"', "'",
  ])('text that another reader takes for something else is quoted: %s', (name) => {
    const text = renderYaml({...emptyHost(), host: {name}})
    expect(text).toMatch(/\n {2}name: ['"]/)
    expect((load(text) as InspectReport).host.name).toBe(name)
  })

  test('gives back any host name', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (name) => {
      const text = renderYaml({...emptyHost(), host: {name}})
      expect((load(text) as InspectReport).host.name).toBe(name)
      expect(visible(text.replaceAll('\n', ''))).toBe(text.replaceAll('\n', ''))
    }))
  })
})
