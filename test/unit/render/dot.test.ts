// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {renderDot} from '../../../src/render/dot.ts'
import {visible} from '../../../src/render/visible.ts'
import {dockershimNode, emptyHost, HOSTILE, manyChains, SAMPLES, twoEngines} from './sample-reports.ts'

// A quoted string: a backslash stands only before a quote, a backslash or the n of a line break; `&` only begins &amp;
const TEXT = String.raw`"(?:[^"\\&\u0000-\u001f]|\\["\\n]|&amp;)*"`
const ATTRIBUTES = String.raw`\[[a-z]+=${TEXT}(?:, [a-z]+=${TEXT})*\]`
const LINE = new RegExp(`^(?:${[
  String.raw`digraph rtctl \{`, String.raw` *\}`, String.raw` {2}subgraph cluster_(?:m\d+|orphans) \{`,
  ` {4}label=${TEXT}; labeljust="l"; color="#[0-9a-f]{6}"; style="(?:dashed|solid)"`,
  String.raw` +(?:graph|node|edge|none|[nco]\d+|[nc]\d+ -> [nc]\d+) ${ATTRIBUTES}`,
].join('|')})$`, 'u')

function strangeLines(text: string): readonly string[] {
  return text.trimEnd().split('\n').filter((line) => !LINE.test(line))
}

describe('the Graphviz digraph', () => {
  test.each([...SAMPLES, ['eight chains', manyChains] as const])('of %s has only lines of known forms', (_, sample) => {
    expect(strangeLines(renderDot(sample()))).toEqual([])
  })

  test('no host name can leave its label, and the name can be read in it', () => {
    const base = dockershimNode()
    const holds = (name: string): void => {
      const text = renderDot({...base, host: {name}})
      expect(strangeLines(text)).toEqual([])
      const label = /subgraph cluster_m0 \{\n {4}label="(.*)"; labeljust/.exec(text)![1]!
      const shown = label.replaceAll('&amp;', '&').replace(/\\(["\\])/g, '$1')
      const whole = visible(name)
      expect(whole.length <= 100 ? shown : shown.slice(0, -1)).toBe(whole.length <= 100 ? whole : whole.slice(0, shown.length - 1))
    }
    for (const name of HOSTILE) holds(name)
    fc.assert(fc.property(fc.string({unit: 'binary'}), holds))
    fc.assert(fc.property(fc.array(fc.constantFrom('"', '\\', '\\N', ']', ';', '&', '&quot;', '\n', '<b>')).map((parts) => parts.join('')), holds))
  })

  test('shows what is broken red with a bar for a head, and what is only configured dashed', () => {
    const text = renderDot(twoEngines())
    expect(text).toContain(String.raw`n0 -> n3 [label="CRI gRPC, broken\n/run/cri-dockerd.sock", style="dashed,bold", color="#cf222e", fontcolor="#cf222e", arrowhead="tee"]`)
    expect(text).toContain(String.raw`n3 -> n4 [label="Docker HTTP API, configured\n/run/docker.sock", style="dashed"]`)
    expect(text).toContain(String.raw`n3 [label="cri-dockerd\nunit enabled, not running", style="rounded,dashed,bold", color="#cf222e", fontcolor="#cf222e"]`)
  })

  test('has a cluster for the host, for each nested machine and for the orphans', () => {
    const text = renderDot(twoEngines())
    expect(text.match(/subgraph cluster_\w+/g)).toEqual(['subgraph cluster_m0', 'subgraph cluster_m1', 'subgraph cluster_orphans'])
    expect(text).toContain('label="kind node kind-control-plane (pid 4211)"; labeljust="l"; color="#8c959f"; style="dashed"')
  })

  test('ends each chain in its containers', () => {
    expect(renderDot(dockershimNode())).toContain('c0 [label="10 containers in 8 pods", shape="box3d"]')
  })

  test('of an empty host says so', () => {
    expect(renderDot(emptyHost())).toContain('none [label="No container runtime found"')
  })
})
