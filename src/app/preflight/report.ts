// SPDX-License-Identifier: Apache-2.0
import type {Severity, Upgrade} from '../../model/check.ts'
import type {Finding, PreflightReport, Subjects, Verdict} from '../../model/preflight.ts'
import type {Found} from './scan.ts'

export const SEVERITIES: readonly Severity[] = ['blocker', 'high', 'medium', 'low', 'info']

export interface ReportInput {
  readonly rtctlVersion: string
  readonly upgrade: Upgrade
  readonly found: Found
  readonly nodes: Subjects['nodes']
  readonly cluster?: Subjects['cluster']
  /** the findings of `found`, marked where something accepts them, and those that accepting them adds */
  readonly findings: readonly Finding[]
}

/** The report of a scan that is over. Pure; the order of findings depends on nothing but them. */
export function preflightReport({rtctlVersion, upgrade, found, nodes, cluster, findings}: ReportInput): PreflightReport {
  const {target, kubernetes, containerd, docker} = upgrade
  const undecided = new Set(found.undecided.map(({check}) => check))
  const sorted = findings.toSorted(byWeight)
  const {gaps, skipped} = found
  const subjects = {nodes, ...found.counts, ...(cluster && {cluster})}
  return {
    schemaVersion: 1,
    rtctl: rtctlVersion,
    upgrade: {target, kubernetes, ...(containerd !== undefined && {containerd}), ...(docker !== undefined && {docker})},
    subjects,
    verdict: verdictOf(sorted, {undecided: found.undecided, gaps, skipped, subjects}, upgrade),
    findings: sorted,
    undecided: found.undecided,
    gaps,
    skipped,
    horizon: found.horizon,
    checks: {
      passed: [...found.passed].filter((id) => !found.failed.has(id) && !undecided.has(id)).sort(),
      failed: [...found.failed].sort(),
      undecided: [...undecided].filter((id) => !found.failed.has(id)).sort(),
    },
  }
}

/** Whether something that matters could not be looked at, or nothing was there to look at: a folder without manifests, a wrong path in CI. */
export function isIncomplete({undecided, gaps, subjects}: Pick<PreflightReport, 'undecided' | 'gaps' | 'subjects'>): boolean {
  return undecided.length > 0 || gaps.length > 0 || isEmpty(subjects)
}

function isEmpty({nodes, files, objects, texts, cluster}: Subjects): boolean {
  return nodes.length === 0 && files === 0 && objects === 0 && texts === 0 && cluster === undefined
}

function verdictOf(findings: readonly Finding[], report: Pick<PreflightReport, 'undecided' | 'gaps' | 'subjects' | 'skipped'>, upgrade: Upgrade): Verdict {
  const open = findings.filter(({accepted}) => accepted === undefined)
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, open.filter((finding) => finding.severity === severity).length])) as Verdict['counts']
  const answer = counts.blocker + counts.high > 0 ? 'no-go' : isIncomplete(report) ? 'incomplete' : 'go'
  return {answer, sentence: sentenceOf(answer, counts, report, upgrade), counts, accepted: findings.length - open.length}
}

function sentenceOf(
  answer: Verdict['answer'], counts: Verdict['counts'], {subjects, skipped}: Pick<PreflightReport, 'subjects' | 'skipped'>, {target, kubernetes}: Upgrade,
): string {
  const what = SEVERITIES.filter((severity) => counts[severity] > 0).map((severity) => named(severity, counts[severity])).join(', ')
  const goal = `Kubernetes ${kubernetes} on ${target === 'containerd' || target === 'cri-dockerd' ? target : 'CRI-O'}`
  if (answer === 'no-go') return `${what}: not ready for ${goal}.`
  if (isEmpty(subjects)) return `There was nothing to look at: nobody can tell whether it is ready for ${goal}.`
  const where = skipped.length > 0 ? ' in what could be read' : ''
  const found = what === '' ? `Nothing found that breaks${where}` : `${what}, and nothing that breaks${where}`
  if (answer === 'go') return `${found}: ready for ${goal}.`
  return `${found}, but not everything could be looked at: nobody can tell yet whether it is ready for ${goal}.`
}

function named(severity: Severity, count: number): string {
  return severity === 'blocker' && count !== 1 ? `${count} blockers` : `${count} ${severity}`
}

function byWeight(a: Finding, b: Finding): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || compare(a.check, b.check) || compare(placeKey(a), placeKey(b)) || compare(a.text, b.text)
}

function placeKey({place}: Finding): string {
  switch (place.kind) {
    case 'node':
      return `${place.node} ${place.file ?? ''} ${pad(place.line)}`
    case 'manifest':
      return `${place.file} ${pad(place.position?.line)} ${pad(place.position?.column)}`
    case 'cluster':
      return `${place.object.kind} ${place.object.namespace} ${place.object.name} ${place.path ?? ''}`
  }
}

function pad(line = 0): string {
  return String(line).padStart(8, '0')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
