// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {renderPreflightHtml} from '../../../../src/render/preflight/html.ts'
import {visible} from '../../../../src/render/visible.ts'
import {emptyReport, finding, hostileReport, manyFindings, richReport} from '../../../support/sample-report.ts'

const TAGS = 'html|head|meta|title|link|style|body|header|main|footer|section|div|span|p|h1|h2|b|code|pre|ul|li|table|thead|tbody|tr|th|td|a'
const ATTRIBUTE = String.raw`(?!on|style=|src=)[a-zA-Z][\w:-]*(?:="[^"<>]*")?`
const MARKUP = new RegExp(`<!doctype html>|</(?:${TAGS})>|<(?:${TAGS})(?: ${ATTRIBUTE})*>`, 'g')

/** The page without its style sheet and its tags: nothing of it may look like markup. */
const textOf = (html: string) => html.replace(/<style>.*?<\/style>/s, '').replace(MARKUP, '')

describe('the HTML report of preflight', () => {
  test.each([['rich', richReport], ['empty', emptyReport], ['hostile', hostileReport], ['many', () => manyFindings(200)]] as const)('of a %s report has only known tags and attributes, and every tag is closed', (_, sample) => {
    const html = renderPreflightHtml(sample())
    expect(textOf(html)).not.toMatch(/[<>]/)
    for (const tag of ['div', 'section', 'span', 'ul', 'li', 'table', 'tr', 'td', 'th', 'p', 'code', 'pre', 'a', 'b']) {
      expect([tag, html.match(new RegExp(`<${tag}[ >]`, 'g'))?.length]).toEqual([tag, html.match(new RegExp(`</${tag}>`, 'g'))?.length])
    }
  })

  test('allows only its own style sheet, by hash, and asks for nothing', () => {
    const html = renderPreflightHtml(hostileReport())
    const style = /<style>(.*?)<\/style>/s.exec(html)![1]!
    const hash = createHash('sha256').update(style).digest('base64')
    expect(html).toContain(`content="default-src 'none'; script-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'"`)
    expect(html.indexOf('Content-Security-Policy')).toBeLessThan(html.indexOf('<style>'))
    expect(style).not.toMatch(/url\(|@import/)
    expect(style).toMatch(/prefers-color-scheme:dark.*@media print/s)
  })

  test('links to documentation of the checks only', () => {
    const hrefs = (html: string) => [...html.matchAll(/<a href="([^"]*)"/g)].map(([, href]) => href)
    expect(new Set(hrefs(renderPreflightHtml(hostileReport())))).toEqual(new Set(['https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/']))
    expect(hrefs(renderPreflightHtml(emptyReport({findings: [finding({learnMore: 'javascript:alert(1)'}), finding({check: 'b', learnMore: 'docs/preflight.md'})]})))).toEqual([])
  })

  test('has nothing in it that a terminal obeys or a reader cannot see', () => {
    const text = renderPreflightHtml(hostileReport()).replaceAll('\n', '')
    expect(visible(text) === text).toBe(true)
  })

  test('no name can leave its place', () => {
    fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => {
      expect(textOf(renderPreflightHtml(emptyReport({findings: [finding({title: text, text, fix: `${text}\n${text}`, place: {kind: 'node', node: text}})]})))).not.toMatch(/[<>]/)
    }))
  })

  test('has every finding, those that are accepted with the reason', () => {
    const html = renderPreflightHtml(manyFindings(200))
    for (const index of [0, 99, 199]) expect(html).toContain(`deploy/app-${index}.yaml:1:1`)
    expect(renderPreflightHtml(richReport())).toContain('waived: moves with the new pipeline (until 2026-12-31)')
  })

  test('has its sections in the order of what to do first', () => {
    const titles = [...renderPreflightHtml(richReport()).matchAll(/<h2 id="([\w-]+)">/g)].map(([, id]) => id)
    expect(titles).toEqual(['nodes', 'blocker', 'high', 'medium', 'low', 'info', 'horizon', 'undecided', 'gaps', 'skipped', 'accepted'])
    expect(renderPreflightHtml(emptyReport())).toContain('None that counts.')
  })

  test('is the same for the same report', () => expect(renderPreflightHtml(richReport())).toBe(renderPreflightHtml(richReport())))
})
