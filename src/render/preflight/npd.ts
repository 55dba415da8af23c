// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {Finding, PreflightReport} from '../../model/preflight.ts'
import {visible} from '../visible.ts'
import {countsText, plural, SEVERITIES} from './words.ts'

/** node-problem-detector cuts what a custom plugin prints at max_output_length, 80 bytes by default (pkg/custompluginmonitor/types/config.go). */
const MOST_BYTES = 80

/**
 * One line of at most 80 bytes, with its line end, for a condition of a node.
 *
 * @param isFailure whether a finding makes the run fail
 */
export function renderNpd(report: PreflightReport, isFailure: (finding: Finding) => boolean): string {
  return `${cut(visible(sentence(report, report.findings.filter(isFailure))), MOST_BYTES)}\n`
}

function sentence({upgrade, undecided, gaps}: PreflightReport, failing: readonly Finding[]): string {
  const to = `Kubernetes ${upgrade.kubernetes}`
  if (failing.length > 0) {
    const counts = SEVERITIES.map((severity) => [severity, failing.filter((each) => each.severity === severity).length])
    return `${to}: ${countsText(Object.fromEntries(counts) as Record<Severity, number>)}: ${[...new Set(failing.map(({check}) => check))].join(', ')}`
  }
  const unseen = undecided.length + gaps.length
  return unseen > 0 ? `${to}: ${plural(unseen, 'thing')} could not be looked at; run as root` : `Ready for ${to} on ${upgrade.target}`
}

/** Whole characters of a text, in UTF-8; what is cut off ends in dots. */
function cut(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text
  let [kept, bytes] = ['', 0]
  for (const character of text) {
    bytes += Buffer.byteLength(character)
    if (bytes > most - 3) break
    kept += character
  }
  return `${kept}...`
}
