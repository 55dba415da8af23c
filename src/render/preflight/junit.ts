// SPDX-License-Identifier: Apache-2.0
import type {Finding, PreflightReport} from '../../model/preflight.ts'
import {visible} from '../visible.ts'
import {placeText, SEVERITIES, subjectOf} from './words.ts'

/**
 * The report as JUnit XML, as CI servers read it: a test case for each check that passed, and for each subject of one that did not.
 * A finding that makes the run fail is a failure, one below that a note in `system-out`, an accepted or undecided one is skipped.
 *
 * @param isFailure whether a finding makes the run fail: what fails here is what ends it with status 3
 */
export function renderJunit(report: PreflightReport, isFailure: (finding: Finding) => boolean): string {
  const cases = [
    ...[...Map.groupBy(report.findings, (finding) => JSON.stringify([finding.check, subjectOf(finding.place)])).values()]
      .map((findings) => findingCase(findings, isFailure)),
    ...report.undecided.map(({check, subject, source, reason}) => testCase(check, subject, `<skipped message="${escaped(`could not tell: ${source}: ${reason}`)}"/>`)),
    ...report.checks.passed.map((check) => testCase(check, 'all that was looked at', '')),
  ]
  const failures = cases.filter((each) => each.includes('<failure ')).length
  const skipped = cases.filter((each) => each.includes('<skipped ')).length
  const numbers = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="rtctl preflight" ${numbers}>`,
    `  <testsuite name="rtctl preflight: ${escaped(report.verdict.sentence)}" ${numbers}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function findingCase(findings: readonly Finding[], isFailure: (finding: Finding) => boolean): string {
  const [first] = findings as readonly [Finding, ...Finding[]]
  const file = first.place.kind === 'manifest' ? ` file="${escaped(first.place.file)}"` : ''
  const failing = findings.filter(isFailure)
  if (failing.length > 0) {
    const worst = SEVERITIES.find((severity) => failing.some((each) => each.severity === severity)) ?? 'info'
    return testCase(first.check, subjectOf(first.place), `<failure type="${worst}" message="${escaped(failing[0]!.text)}">${content(failing)}</failure>`, file)
  }
  if (findings.every(({accepted}) => accepted !== undefined)) {
    return testCase(first.check, subjectOf(first.place), `<skipped message="${escaped(findings.map(acceptedText).join('; '))}"/>`, file)
  }
  return testCase(first.check, subjectOf(first.place), `<system-out>${content(findings.filter(({accepted}) => accepted === undefined))}</system-out>`, file)
}

function testCase(check: string, subject: string, inside: string, more = ''): string {
  const open = `    <testcase classname="${escaped(check)}" name="${escaped(subject)}"${more}`
  return inside === '' ? `${open}/>` : `${open}>\n      ${inside}\n    </testcase>`
}

function acceptedText({accepted}: Finding): string {
  switch (accepted?.by) {
    case 'waiver':
      return `waived: ${accepted.reason}`
    case 'ignore':
      return 'the check is ignored'
    case 'baseline':
      return 'in the baseline'
    case undefined:
      return ''
  }
}

function content(findings: readonly Finding[]): string {
  return findings.map(({severity, text, place, evidence, fix, learnMore}) => [
    `${severity}: ${text}`,
    `at ${placeText(place)}`,
    ...evidence.map((proof) => `  ${proof.source}: ${proof.text}`),
    ...fix.split('\n').map((line, index) => (index === 0 ? `Fix: ${line}` : `     ${line}`)),
    `More: ${learnMore}`,
  ].map(escaped).join('\n')).join('\n\n')
}

const ENTITIES: Readonly<Record<string, string>> = {'&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;'}

/** Text for XML 1.0: what it has no way to write (control characters, half pairs, U+FFFE, U+FFFF) is shown as an escape. */
function escaped(text: string): string {
  return visible(text)
    .replace(/[\ufffe\uffff]/g, (character) => String.raw`\u` + character.charCodeAt(0).toString(16))
    .replace(/[&<>"']/g, (character) => ENTITIES[character]!)
}
