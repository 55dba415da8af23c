// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {InspectReport} from '../../../src/model/chain.ts'
import {renderHtml} from '../../../src/render/html.ts'
import {visible} from '../../../src/render/visible.ts'
import {dockershimNode, emptyHost, hostileNames, manyChains, SAMPLES, thousandContainers, twoEngines} from './sample-reports.ts'

const TAGS = 'html|head|meta|title|link|style|body|header|main|footer|section|div|span|p|h1|h2|h3|b|strong|small|code|br|ul|ol|li|dl|dt|dd|details|summary'
  + '|table|colgroup|col|thead|tbody|tr|th|td|svg|desc|g|rect|path|circle|text'
const ATTRIBUTE = String.raw`(?!on|style=|src=)[a-zA-Z][\w:-]*(?:="[^"<>]*")?`
const MARKUP = new RegExp(`<!doctype html>|</(?:${TAGS})>|<(?:${TAGS})(?: ${ATTRIBUTE})*/?>`, 'g')

/** The page without its style sheet and its tags: nothing of it may look like markup. */
function textOf(html: string): string {
  return html.replace(/<style>.*?<\/style>/s, '').replace(MARKUP, '')
}

describe('the HTML report', () => {
  test.each([...SAMPLES, ['eight chains', manyChains] as const])('of %s has only known tags and attributes, and every tag is closed', (_, sample) => {
    const html = renderHtml(sample())
    expect(textOf(html)).not.toMatch(/[<>]/)
    for (const tag of ['div', 'section', 'span', 'ul', 'li', 'table', 'tr', 'td', 'th', 'svg', 'g', 'text', 'details', 'p', 'small']) {
      expect([tag, html.match(new RegExp(`<${tag}[ >]`, 'g'))?.length]).toEqual([tag, html.match(new RegExp(`</${tag}>`, 'g'))?.length])
    }
  })

  test('no host name can leave its place, and the name can be read in it', () => {
    const holds = (name: string): void => {
      const html = renderHtml({...emptyHost(), host: {name}})
      expect(textOf(html)).not.toMatch(/[<>]/)
      const entities: Readonly<Record<string, string>> = {'&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'"}
      const shown = /<h1>(.*)<\/h1>/.exec(html)![1]!.replace(/&[^;]+;/g, (entity) => entities[entity]!)
      expect(shown).toBe(visible(name))
    }
    fc.assert(fc.property(fc.string({unit: 'binary'}), holds))
    fc.assert(fc.property(fc.array(fc.constantFrom('<', '>', '"', "'", '&', 'script', '</h1>', '<!--', ']]>', '\n', '\u202e')).map((parts) => parts.join('')), holds))
  })

  test('has nothing in it that a terminal obeys or a reader cannot see', () => {
    const text = renderHtml(hostileNames()).replaceAll('\n', '')
    expect(visible(text) === text).toBe(true)
  })

  test('allows only its own style sheet, by hash, and asks for nothing', () => {
    const html = renderHtml(twoEngines())
    const style = /<style>(.*?)<\/style>/s.exec(html)![1]!
    const hash = createHash('sha256').update(style).digest('base64')
    expect(html).toContain(`content="default-src 'none'; script-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'"`)
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'))
    expect(html).not.toMatch(/<script|<iframe|<object|<img|javascript:/)
    expect(style).not.toMatch(/url\(|@import/)
    expect(html.match(/https?:\/\/[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
  })

  test('is the same for the same report', () => {
    expect(renderHtml(twoEngines())).toBe(renderHtml(twoEngines()))
  })

  test('has a picture with a title and a description, and names the storeys', () => {
    const html = renderHtml(dockershimNode())
    expect(html).toContain('<title id="graph-title">Container runtime chain of node-1</title>')
    expect(html).toContain('Kubernetes through dockershim (observed): kubelet, then dockershim, then dockerd, then containerd, then containerd-shim-runc-v2 ×19, then runc.')
    expect(html.match(/class="band-name">[^<]+/g)).toEqual(['Orchestration', 'CRI', 'Engine', 'Shim', 'OCI runtime', 'Containers'].map((name) => `class="band-name">${name}`))
  })

  test('draws a shared daemon once', () => {
    expect(renderHtml(twoEngines()).match(/class="title">dockerd</g)).toHaveLength(1)
  })

  test('tells a status by shape and by words, not by colour alone', () => {
    const html = renderHtml(twoEngines())
    expect(html).toMatch(/<g class="box component broken"><title>[^<]*\(does not work\)<\/title>/)
    expect(html).toContain('class="via">CRI gRPC · broken</text>')
    expect(html).toContain('role="img" aria-label="does not work"')
    expect(renderHtml(dockershimNode())).toContain('role="img" aria-label="only configured"')
  })

  test('shows problems before notes, with what to do and the evidence', () => {
    const {chain, ...rest} = twoEngines()
    const html = renderHtml({...rest, chain: {...chain, oddities: chain.oddities.toReversed()}})
    const order = ['endpoint-without-listener', 'cgroup-drivers-differ', 'two-engines'].map((id) => html.indexOf(`<code>${id}</code>`))
    expect(Math.max(order[0]!, order[1]!)).toBeLessThan(order[2]!)
    expect(order).not.toContain(-1)
    expect(html).toContain('<b>Next:</b> Remove the flag, or start cri-dockerd: systemctl status cri-docker')
    expect(html).toContain('/run/cri-dockerd.sock: the socket file is there, and nobody listens on it')
  })

  test('lists every container once, grouped by chain, those on no chain last', () => {
    const report = twoEngines()
    const html = renderHtml(report)
    for (const {id} of report.chain.containers) expect(html.match(new RegExp(`title="${id}"`, 'g'))).toHaveLength(1)
    const groups = [...html.matchAll(/scope="rowgroup" class="group" colspan="8">([^<]*)</g)].map(([, title]) => title)
    expect(groups).toEqual(['Kubernetes on containerd', 'Kubernetes on containerd, gVisor', 'Docker', 'Kubernetes on containerd', 'On no chain'])
  })

  test('counts containers without their sandboxes', () => {
    expect(renderHtml(dockershimNode())).toContain('<b>11</b>containers')
    expect(renderHtml(thousandContainers())).toContain('<b>1000</b>containers')
  })

  test('of an empty host says that nothing was found, and does not when it could not look', () => {
    const empty = emptyHost()
    expect(renderHtml(empty)).toContain('Nothing runs here, and nothing is configured.')
    const blind: InspectReport = {...empty, chain: {...empty.chain, gaps: [{what: 'processes', source: '/proc', reason: 'EACCES', next: 'Run as root.'}]}}
    expect(renderHtml(blind)).not.toContain('Nothing runs here')
    expect(renderHtml(blind)).toContain('processes: /proc')
  })
})
