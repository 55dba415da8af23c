// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {PreflightReport, Verdict} from '../../model/preflight.ts'
import {counting, SEVERITIES} from './words.ts'

/** A node of a fleet, and what stands in its way. */
export interface FleetRow {
  readonly name: string
  readonly kubelet: string
  readonly runtime: string
  readonly counts: Readonly<Record<Severity, number>>
  readonly undecided: number
  readonly verdict: Verdict['answer']
}

/**
 * The nodes of a report, the easiest to migrate first: one that is ready shows that the way works, and those with the most in
 * their way have the most time. By blockers, then high, medium and low findings that count, then undecided checks, then name.
 */
export function fleetRows({subjects, findings, undecided}: PreflightReport): readonly FleetRow[] {
  const found = Map.groupBy(counting(findings).filter(({place}) => place.kind === 'node'), ({place}) => (place.kind === 'node' ? place.node : ''))
  const open = Map.groupBy(undecided, ({subject}) => subject)
  const rows = subjects.nodes.map(({name, kubelet = '', runtime = ''}): FleetRow => {
    const own = found.get(name) ?? []
    const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, own.filter((finding) => finding.severity === severity).length]))
    const unclear = open.get(name)?.length ?? 0
    return {name, kubelet, runtime, counts: counts as Record<Severity, number>, undecided: unclear, verdict: verdictOf(counts, unclear)}
  })
  return rows.toSorted(byEase)
}

function verdictOf(counts: Readonly<Record<string, number>>, undecided: number): Verdict['answer'] {
  if ((counts['blocker'] ?? 0) + (counts['high'] ?? 0) > 0) return 'no-go'
  return undecided > 0 ? 'incomplete' : 'go'
}

function byEase(a: FleetRow, b: FleetRow): number {
  const {blocker, high, medium, low} = a.counts
  return blocker - b.counts.blocker || high - b.counts.high || medium - b.counts.medium || low - b.counts.low
    || a.undecided - b.undecided || (a.name < b.name ? -1 : 1)
}
