// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {InspectReport} from '../../../src/model/chain.ts'
import {renderMermaid} from '../../../src/render/mermaid.ts'
import {visible} from '../../../src/render/visible.ts'
import {dockershimNode, emptyHost, HOSTILE, manyChains, SAMPLES, twoEngines} from './sample-reports.ts'

// Every form that a line may have. Inside a label: letters, digits, a few marks, entities and line breaks, nothing else.
const LABEL = String.raw`"(?:[\p{L}\p{N} .,()/-]|#\d+;|<br/>)*"`
const CLASS = '(?::::(?:configured|broken|orphan))?'
const LINE = new RegExp(`^(?:${[
  'flowchart TD',
  ' {2}accTitle: Container runtime chain',
  String.raw` +subgraph (?:m\d+(?:_[a-z]+)?|orphans)\[${LABEL}\]`,
  ' +direction TB',
  ' +end',
  ` +(?:[nco]\\d+|none)(?:\\[${LABEL}\\]|\\(\\[${LABEL}\\]\\))${CLASS}`,
  ` +[nc]\\d+ (?:-->|-\\.->|-\\.-x)(?:\\|${LABEL}\\|)? [nc]\\d+`,
  ' +classDef (?:configured|broken|orphan) [a-z0-9:#, -]+',
  ' +linkStyle [0-9,]+ [a-z0-9:#,-]+',
].join('|')})$`, 'u')

function strangeLines(text: string): readonly string[] {
  return text.trimEnd().split('\n').filter((line) => !LINE.test(line))
}

/** What a reader of the label sees. */
function read(label: string): string {
  return label.replace(/#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
}

describe('the Mermaid flowchart', () => {
  test.each([...SAMPLES, ['eight chains', manyChains] as const])('of %s has only lines of known forms', (_, sample) => {
    expect(strangeLines(renderMermaid(sample()))).toEqual([])
  })

  test('no name of a component can leave its label, and the name can be read in it', () => {
    const base = emptyHost()
    const named = (label: string): InspectReport => ({...base, chain: {...base.chain, nodes: [{id: 'a', layer: 'engine', component: 'x', label, pids: [], status: 'observed', notes: [], evidence: []}]}})
    const holds = (label: string): void => {
      const text = renderMermaid(named(label))
      expect(strangeLines(text)).toEqual([])
      const shown = read(/n0\["(.*)"\]/.exec(text)![1]!)
      const whole = visible(label)
      expect(whole.length <= 72 ? shown : shown.slice(0, -1)).toBe(whole.length <= 72 ? whole : whole.slice(0, shown.length - 1))
    }
    for (const label of HOSTILE) holds(label)
    fc.assert(fc.property(fc.string({unit: 'binary'}), holds))
    fc.assert(fc.property(fc.array(fc.constantFrom('"', ']', '#', ';', '1', '. ', '-', ' ', '\n', '%%', '`', '<br/>', 'end', 'ß', 'ﬂ°')).map((parts) => parts.join('')), holds))
  })

  test.each([['1. a', '1#46; a'], ['- a', '#45; a'], ['12) a', '12#41; a'], ['# a', '#35; a'], ['1.7.13', '1.7.13'], ['a-b', 'a-b']])('a label that Markdown would take for a list or heading is not: %s', (label, written) => {
    const base = twoEngines()
    const nodes = base.chain.nodes.map((node, index) => (index === 0 ? {...node, label} : node))
    expect(renderMermaid({...base, chain: {...base.chain, nodes}})).toContain(`n0["${written}<br/>`)
  })

  test('shows a broken arrow crossed, red and with its status in words, and one that is only configured dashed', () => {
    const text = renderMermaid(twoEngines())
    expect(text).toContain('n0 -.-x|"CRI gRPC, broken<br/>/run/cri-dockerd.sock"| n3')
    expect(text).toContain('n3 -.->|"Docker HTTP API, configured<br/>/run/docker.sock"| n4')
    expect(text).toContain('n3["cri-dockerd<br/>unit enabled, not running"]:::broken')
    // the second arrow is the broken one
    expect(text).toMatch(/\n {2}linkStyle 1 stroke:#cf222e/)
  })

  test('draws a shared daemon once, storeys as subgraphs, and a nested machine in a subgraph of its own', () => {
    const text = renderMermaid(twoEngines())
    expect(text.match(/\["containerd<br\/>/g)).toHaveLength(2)
    expect(text).toMatch(/\n {2}subgraph m0_engine\["Engine"\]\n {4}n4\[.*\n {4}n5\[.*\n {2}end\n/)
    expect(text).toMatch(/\n {2}subgraph m1\["kind node kind-control-plane \(pid 4211\)"\]\n {4}direction TB\n {4}subgraph m1_orchestration/)
    expect(text).toContain('subgraph orphans["Orphans"]')
  })

  test('ends each chain in its containers', () => {
    const text = renderMermaid(dockershimNode())
    expect(text).toContain('c0(["10 containers in 8 pods"])')
    expect(text).toContain('n6 --> c0')
    expect(text).toContain('c1(["1 container"])')
  })

  test('of an empty host says so', () => {
    expect(renderMermaid(emptyHost())).toContain('none["No container runtime found"]')
  })

  test('stays below the 50,000 characters that GitHub draws, with hostile names of any length', () => {
    const base = manyChains()
    const nodes = base.chain.nodes.map((node) => ({...node, label: '"'.repeat(9000), version: '#'.repeat(9000), notes: ['x'.repeat(9000)]}))
    expect(renderMermaid({...base, chain: {...base.chain, nodes}}).length).toBeLessThan(50_000)
  })
})
