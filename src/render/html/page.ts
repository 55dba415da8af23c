// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {escapeHtml, joined} from './escape.ts'

export interface Page {
  readonly title: string
  /** a style sheet; it is all that the page may use */
  readonly style: string
  /** elements of the body, before the footer */
  readonly body: readonly string[]
  readonly rtctl: string
  readonly schemaVersion: number
}

/** A page that loads nothing and runs nothing, and whose browser is told so. */
export function pageOf({title, style, body, rtctl, schemaVersion}: Page): string {
  const hash = createHash('sha256').update(style).digest('base64')
  return `${joined([
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(title)}</title>`,
    '<link rel="icon" href="data:,">',
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    ...body,
    `<footer>Made by rtctl ${escapeHtml(rtctl)}, report format ${schemaVersion}. This page loads nothing and runs no script.</footer>`,
    '</body>',
    '</html>',
  ])}\n`
}
