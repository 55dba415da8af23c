// SPDX-License-Identifier: Apache-2.0
import type {Check, Severity} from '../../model/check.ts'
import type {Acceptance, Finding, FindingPlace, PreflightReport} from '../../model/preflight.ts'
import {jsonText} from '../cri/document.ts'
import {visible} from '../visible.ts'
import {fileOf, isWebPage, objectText, placeText} from './words.ts'

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {blocker: 'error', high: 'error', medium: 'warning', low: 'note', info: 'note'}

/**
 * The report as SARIF 2.1.0: a rule for each check with findings, a result for each finding (accepted ones are suppressed), a
 * notification for all that could not be looked at. A manifest is a physical location; an object, and a node, a logical one.
 *
 * @param checks what the rules say; a finding whose check is not among them has a rule of its title alone
 */
export function renderSarif(report: PreflightReport, checks: readonly Check[]): string {
  const rules = rulesOf(report.findings, checks)
  const indexes = new Map(rules.map(({id}, index) => [id, index]))
  return jsonText({
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [{
      tool: {driver: {name: 'rtctl', version: report.rtctl, semanticVersion: report.rtctl, rules}},
      automationDetails: {id: safe(`rtctl preflight/${report.upgrade.target}-${report.upgrade.kubernetes}/`)},
      invocations: [{executionSuccessful: true, toolExecutionNotifications: notifications(report)}],
      columnKind: 'utf16CodeUnits',
      results: report.findings.map((finding) => result(finding, indexes.get(finding.check) ?? 0)),
      properties: {answer: report.verdict.answer, counts: report.verdict.counts},
    }],
  })
}

interface Rule {
  readonly id: string
  readonly [member: string]: unknown
}

function rulesOf(findings: readonly Finding[], checks: readonly Check[]): readonly Rule[] {
  const known = new Map(checks.map((check) => [check.id, check]))
  const first = new Map(findings.toReversed().map((finding) => [finding.check, finding]))
  return [...first.values()].toSorted((a, b) => (a.check < b.check ? -1 : 1)).map((finding) => rule(finding, known.get(finding.check)))
}

function rule({check: id, title, severity, fix, learnMore}: Finding, check: Check | undefined): Rule {
  const own = check?.severity ?? severity
  const help = [check?.why, `Fix: ${fix}`, check?.unproven === undefined ? undefined : `Not seen on a running program: ${check.unproven}`].filter((each) => each !== undefined)
  return {
    id,
    shortDescription: {text: safe(`${title}.`)},
    fullDescription: {text: safe(check?.why ?? `${title}.`)},
    // Not a URL where it is a page of rtctl's own documentation.
    ...(isWebPage(learnMore) && {helpUri: learnMore}),
    help: {text: lines(help.join('\n\n'))},
    defaultConfiguration: {level: LEVELS[own]},
    properties: {severity: own, tags: ['kubernetes', 'container-runtime']},
  }
}

function result({check, severity, text, place, evidence, fix, fingerprint, accepted}: Finding, ruleIndex: number): unknown {
  const proofs = evidence.map((proof) => `${proof.source}: ${proof.text}`)
  return {
    ruleId: check,
    ruleIndex,
    level: LEVELS[severity],
    // Code scanning shows no more than the message: the fix has to be in it.
    message: {text: [safe(text), `Fix: ${lines(fix)}`].join('\n')},
    locations: [location(place)],
    partialFingerprints: {'rtctl/v1': fingerprint},
    ...(accepted !== undefined && {suppressions: [suppression(accepted)]}),
    properties: {severity, place: safe(placeText(place)), evidence: proofs.map(safe)},
  }
}

function suppression(accepted: Acceptance): unknown {
  switch (accepted.by) {
    case 'baseline':
      return {kind: 'external', status: 'accepted', justification: 'In the baseline.'}
    case 'ignore':
      return {kind: 'external', status: 'accepted', justification: 'The check is ignored.'}
    case 'waiver':
      return {kind: 'external', status: 'accepted', justification: safe(`${accepted.reason}${accepted.expires === undefined ? '' : ` (until ${accepted.expires})`}`)}
  }
}

function location(place: FindingPlace): unknown {
  switch (place.kind) {
    case 'manifest': {
      const {file, object, position, path} = place
      const logical = object === undefined ? {} : {logicalLocations: [{name: safe(object.name), fullyQualifiedName: safe(`${objectText(object)}${path === undefined ? '' : ` ${path}`}`), kind: 'resource'}]}
      // What came in through standard input has no address.
      if (file === '-') return {logicalLocations: [{name: 'standard input', fullyQualifiedName: safe(placeText(place)), kind: 'resource'}]}
      return {physicalLocation: physical(file, position), ...logical}
    }
    case 'node':
      return {logicalLocations: [{name: safe(place.node), fullyQualifiedName: safe([place.node, fileOf(place)].filter(Boolean).join(' ')), kind: 'resource'}]}
    case 'cluster':
      return {logicalLocations: [{name: safe(place.object.name), fullyQualifiedName: safe(`${place.context} ${placeText(place)}`), kind: 'resource'}]}
  }
}

function physical(file: string, position: {readonly line: number; readonly column: number} | undefined): unknown {
  return {artifactLocation: {uri: uriOf(file)}, ...(position !== undefined && {region: {startLine: position.line, startColumn: position.column}})}
}

/** A path as a URI reference (RFC 3986): absolute ones as `file:` URIs, everything else relative to where rtctl ran. */
function uriOf(file: string): string {
  const parts = file.toWellFormed().replace(/^(?:\.\/)+/, '').split('/').map((part) => encodeURIComponent(part).replaceAll('%3A', ':').replaceAll('%40', '@'))
  const path = parts.join('/')
  if (file.startsWith('/')) return `file://${path}`
  // A colon in the first part would end a scheme.
  return parts[0]?.includes(':') ? `./${path}` : path
}

function notifications({undecided, gaps, skipped}: PreflightReport): readonly unknown[] {
  return [
    ...undecided.map(({check, subject, source, reason}) => notification('undecided', `${check} could not tell for ${subject}: ${source}: ${reason}`)),
    ...gaps.map(({what, source, reason, next}) => notification('gap', `${what} (${source}): ${reason}. ${next}`)),
    ...skipped.map(({file, line, reason}) => ({
      ...notification('skipped', `${file} was skipped: ${reason}`),
      ...(file !== '-' && {locations: [{physicalLocation: physical(file, line === undefined ? undefined : {line, column: 1})}]}),
    })),
  ]
}

function notification(id: string, text: string): object {
  return {descriptor: {id}, level: 'warning', message: {text: safe(text)}}
}

/** Text of a stranger for a message: no escapes for terminals, and no embedded link (SARIF 3.11.6), which is `[text](target)`. */
function safe(text: string): string {
  return visible(text).replaceAll('](', '] (')
}

function lines(text: string): string {
  return text.split('\n').map(safe).join('\n')
}
