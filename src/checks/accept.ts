// SPDX-License-Identifier: Apache-2.0
import {hash} from 'node:crypto'
import type {Severity} from '../model/check.ts'
import type {Acceptance, Acceptances, Finding, Waiver} from '../model/preflight.ts'
import {wildcard} from './lib/wildcard.ts'

/** Worst first. */
const SEVERITIES: readonly Severity[] = ['blocker', 'high', 'medium', 'low', 'info']

/** Ids of the findings that are about waivers. */
export const EXPIRED_WAIVER = 'expired-waiver'
export const UNUSED_WAIVER = 'unused-waiver'

/**
 * Marks the findings that somebody accepts, and adds what is to be said of the waivers: one that has expired while there still is
 * what it was for is a finding `expired-waiver`; one that matches nothing is a finding `unused-waiver` of severity info.
 *
 * A finding that several things accept is marked as ignored before waived before in the baseline.
 *
 * @param findings none of them accepted yet
 * @param today `YYYY-MM-DD`; a waiver holds through the day it names
 * @returns the findings by severity, those of equal severity in the order in which they came
 */
export function accept(findings: readonly Finding[], {baseline, waivers = [], ignore = []}: Acceptances, today: string): readonly Finding[] {
  const ignored = new Set(ignore)
  const matched = waivers.map((waiver) => ({waiver, findings: findings.filter(matcherOf(waiver))}))
  const waived = new Map<Finding, Waiver>()
  for (const {waiver, findings: those} of matched) {
    if (!hasExpired(waiver, today)) for (const finding of those) if (!waived.has(finding)) waived.set(finding, waiver)
  }
  const marked = findings.map((finding): Finding => {
    const accepted = acceptanceOf(finding, ignored, waived.get(finding), baseline)
    return accepted === undefined ? finding : {...finding, accepted}
  })
  const about = matched.flatMap(({waiver, findings: those}) => {
    if (those.length === 0) return [unusedWaiver(waiver)]
    return hasExpired(waiver, today) ? [expiredWaiver(waiver, those)] : []
  })
  return [...marked, ...about].toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))
}

/** Whether a run is to fail: a finding of this severity or a worse one counts, or a waiver has expired. */
export function failsAt(findings: readonly Finding[], failOn: Severity | 'never'): boolean {
  return findings.some((finding) => isFailure(finding, failOn))
}

/** Whether this finding makes a run fail. */
export function isFailure({accepted, check, severity}: Finding, failOn: Severity | 'never'): boolean {
  if (accepted !== undefined || failOn === 'never') return false
  return check === EXPIRED_WAIVER || SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn)
}

function acceptanceOf({check, fingerprint}: Finding, ignored: ReadonlySet<string>, waiver: Waiver | undefined, baseline: ReadonlySet<string> | undefined): Acceptance | undefined {
  if (ignored.has(check)) return {by: 'ignore'}
  if (waiver !== undefined) return {by: 'waiver', reason: waiver.reason, ...(waiver.expires !== undefined && {expires: waiver.expires})}
  return baseline?.has(fingerprint) ? {by: 'baseline'} : undefined
}

function matcherOf({id, file, object, node}: Waiver): (finding: Finding) => boolean {
  const [isFile, isObject, isNode] = [file, object, node].map((pattern) => {
    if (pattern === undefined) return () => true
    const matches = wildcard(withoutDot(pattern))
    return (text: string | undefined) => text !== undefined && matches(withoutDot(text))
  }) as [Matcher, Matcher, Matcher]
  return ({check, place}) => id === check
    && isFile(place.kind === 'cluster' ? undefined : place.file)
    && isObject(place.kind === 'node' || place.object === undefined ? undefined : objectText(place.object))
    && isNode(place.kind === 'node' ? place.node : undefined)
}

/** Of a text that may not be there. */
type Matcher = (text: string | undefined) => boolean

function withoutDot(path: string): string {
  return path.startsWith('./') ? path.slice(2) : path
}

function objectText({kind, namespace, name}: {readonly kind: string; readonly namespace: string; readonly name: string}): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`
}

/** ISO dates sort as text. */
function hasExpired({expires}: Waiver, today: string): boolean {
  return expires !== undefined && expires < today
}

function expiredWaiver(waiver: Waiver, findings: readonly Finding[]): Finding {
  const worst = SEVERITIES.find((severity) => findings.some((finding) => finding.severity === severity)) ?? 'info'
  const number = findings.length === 1 ? 'one finding that it was for counts' : `${findings.length} findings that it was for count`
  return aboutWaiver(waiver, {
    check: EXPIRED_WAIVER,
    severity: worst,
    title: 'A waiver has expired',
    text: `The waiver of ${waiver.id} ended on ${waiver.expires}, and ${number} again.`,
    fix: 'Mend what it was for and remove the waiver, or agree on a later date and write it into `expires`.',
  })
}

function unusedWaiver(waiver: Waiver): Finding {
  return aboutWaiver(waiver, {
    check: UNUSED_WAIVER,
    severity: 'info',
    title: 'A waiver is for nothing that was found',
    text: `The waiver of ${waiver.id} matches no finding of this run.`,
    fix: 'Remove it if what it was for is mended; otherwise correct its patterns.',
  })
}

function aboutWaiver(waiver: Waiver, finding: Pick<Finding, 'check' | 'severity' | 'title' | 'text' | 'fix'>): Finding {
  const {id, file, object, node, reason, expires, source} = waiver
  return {
    ...finding,
    place: {kind: 'manifest', file: source.file, position: {line: source.line, column: source.column}},
    evidence: [{source: `${source.file}:${source.line}`, text: `${id}: ${reason}`}],
    learnMore: 'docs/preflight.md#waivers',
    fingerprint: hash('sha256', JSON.stringify([finding.check, id, file, object, node, reason, expires])).slice(0, 16),
  }
}
