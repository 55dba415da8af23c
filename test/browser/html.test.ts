// SPDX-License-Identifier: Apache-2.0
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import path from 'node:path'
import {pathToFileURL} from 'node:url'
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest'
import {renderHtml} from '../../src/render/html.ts'
import {manyChains, SAMPLES, thousandContainers, twoEngines} from '../unit/render/sample-reports.ts'
import {Browser, findChromium, type Visit} from './chromium.ts'

const chromium = findChromium()

const LIMIT = 60_000

const NEEDED = 'needs Chromium: apt-get install chromium, or set CHROMIUM to its path'

const measure = readFileSync(new URL('measure.js', import.meta.url), 'utf8')

/** What measure.js gives. */
interface Measured {
  readonly boxes: number
  readonly labels: number
  readonly arrows: number
  /** one sentence for each thing that lies where it must not */
  readonly faults: readonly string[]
  readonly scripts: number
  readonly links: readonly string[]
  /** the page is wider than the window */
  readonly overflows: boolean
  readonly background: string
  readonly text: string
}

describe('the HTML report in a real browser', () => {
  let browser: Browser | undefined
  let folder: string

  beforeAll(() => {
    // In CI there is no skip.
    if (chromium === undefined && process.env.CI !== undefined) throw new Error(NEEDED)
    if (chromium === undefined) return
    browser = new Browser(chromium)
    folder = mkdtempSync(path.join(tmpdir(), 'rtctl-html-'))
  })

  beforeEach(({skip}) => skip(chromium === undefined, NEEDED))

  afterAll(async () => {
    await browser?.close()
    if (browser) rmSync(folder, {recursive: true})
  }, LIMIT)

  async function open(html: string, width = 1280): Promise<Visit & {readonly measured: Measured}> {
    const file = path.join(folder, `${width}.html`)
    writeFileSync(file, html)
    const visit = await browser!.visit(pathToFileURL(file).href, measure, {width, height: 900})
    return {...visit, measured: visit.value as Measured}
  }

  test.each(SAMPLES)('%s is drawn without overlaps, requests, messages or scripts', async (_, sample) => {
    const report = sample()
    const {measured, requests, messages} = await open(renderHtml(report))
    expect(measured.faults).toEqual([])
    expect(requests).toEqual([])
    expect(messages).toEqual([])
    expect(measured.scripts).toBe(0)
    expect(measured.links).toEqual(['data:,'])
    expect(measured.overflows).toBe(false)
    expect(measured.background).not.toBe('rgba(0, 0, 0, 0)')
    const ends = report.chain.chains.filter(({containers}) => containers.length > 0).length
    expect(measured.boxes).toBe(report.chain.nodes.length + ends + report.chain.orphans.length)
    expect(measured.arrows).toBe(report.chain.edges.length + ends)
  }, LIMIT)

  test('eight chains through one daemon are drawn without overlaps; lines may pass behind labels, never behind boxes', async () => {
    const {measured} = await open(renderHtml(manyChains()))
    expect(measured.boxes).toBe(manyChains().chain.nodes.length)
    expect(measured.faults.filter((fault) => !/^arrow e\d+ crosses label/.test(fault))).toEqual([])
    expect(measured.overflows).toBe(false)
  }, LIMIT)

  test('two arrows into one box have their labels at both sides', async () => {
    const base = twoEngines()
    const edges = base.chain.edges.map((edge) => (edge.from === 'kubelet' && edge.to === 'cri-plugin' ? {...edge, to: 'containerd'} : edge))
    const gone = new Set(['cri-plugin'])
    const chain = {...base.chain, nodes: base.chain.nodes.filter(({id}) => !gone.has(id)), edges: edges.filter(({from}) => !gone.has(from))}
    const {measured} = await open(renderHtml({...base, chain}))
    expect(measured.faults).toEqual([])
  }, LIMIT)

  test('a narrow window scrolls the picture, not the page', async () => {
    const {measured} = await open(renderHtml(twoEngines()), 500)
    expect(measured.overflows).toBe(false)
  }, LIMIT)

  test('a table of 1,000 containers is shown whole', async () => {
    const {measured, messages} = await open(renderHtml(thousandContainers()))
    expect(measured.text.match(/^worker-\d+$/gm)).toHaveLength(1000)
    expect(messages).toEqual([])
  }, LIMIT)

  test('a script, a handler and a picture that got into the page would be stopped by its policy', async () => {
    const attack = '<script>document.title="owned"</script><img src="http://127.0.0.1:9/x.png"><img src="data:," onerror="document.title=\'owned\'"></main>'
    const file = path.join(folder, 'attack.html')
    writeFileSync(file, renderHtml(twoEngines()).replace('</main>', attack))
    const {value, messages} = await browser!.visit(pathToFileURL(file).href, 'document.title')
    expect(value).not.toBe('owned')
    expect(messages.join('\n')).toContain('Content Security Policy')
  }, LIMIT)

  test('the measure finds a request, a message and an overlap where there are some', async () => {
    const rectangle = (id: string): string => `<g><rect data-kind="box" data-id="${id}" x="0" y="0" width="9" height="9"/><text>wide text</text></g>`
    const {measured, requests, messages} = await open(`<!doctype html><img src="http://127.0.0.1:9/x.png"><svg class="graph" viewBox="0 0 9 9">${rectangle('a')}${rectangle('b')}</svg>`)
    expect(measured.faults).toContain('box a overlaps box b')
    expect(measured.faults).toContain('text "wide text" leaves box a')
    expect(requests).toEqual(['http://127.0.0.1:9/x.png'])
    expect(messages.join('\n')).toContain('ERR_')
  }, LIMIT)
})
