// SPDX-License-Identifier: Apache-2.0
// What a fleet keeps of one node's report: some kB of up to 16 MiB, and nothing that was not looked at.
import type {Severity} from '../../model/check.ts'
import type {FirstBreak} from '../../model/fleet.ts'
import type {Verdict} from '../../model/preflight.ts'
import {compareVersions, versionNumbers} from '../../model/version.ts'
import {SEVERITIES} from '../preflight/report.ts'
import {isNodeName} from './config-map.ts'
import {listOf, memberOf, textOf} from './hostile.ts'

export interface Digest {
  readonly node: string
  /** milliseconds since 1970 */
  readonly timeMs: number
  readonly rtctl: string
  readonly goal: string
  readonly kubelet: string
  readonly runtime: string
  readonly onTarget: boolean
  /** an API server runs there as a container; what the cluster says of the node goes before it */
  readonly controlPlane: boolean
  readonly pods: number
  readonly verdict: Verdict['answer']
  readonly counts: Readonly<Record<Severity, number>>
  readonly undecided: number
  readonly breaksAt?: FirstBreak
  /** those that count, one of each check and severity */
  readonly findings: readonly DigestFinding[]
  /** what was not decided or not read, each once */
  readonly open: readonly {readonly what: string; readonly reason: string}[]
}

export interface DigestFinding {
  readonly check: string
  readonly severity: Severity
  readonly title: string
  readonly text: string
  readonly fix: string
  readonly learnMore: string
}

export type Digested = {readonly ok: true; readonly digest: Digest} | {readonly ok: false; readonly reason: string; readonly node?: string}

/** Of one node: far more than every check at every container of a large node. */
const MOST_FINDINGS = 50_000
/** Things that could not be looked at, of one node. */
const MOST_OPEN = 200
const [LONGEST_NAME, LONGEST_TITLE, LONGEST_TEXT] = [300, 500, 4000]
/** How a chain is called that ends at the target: src/chain/kubernetes.ts. */
const TITLES: Readonly<Record<string, string>> = {
  containerd: 'Kubernetes on containerd', 'cri-o': 'Kubernetes on CRI-O', 'cri-dockerd': 'Kubernetes through cri-dockerd',
}

/** Takes from what should be a NodeReport what a fleet needs. Anybody may have written it; it is taken as a whole or not at all. */
export function digestOf(value: unknown): Digested {
  const [version, node] = [memberOf(value, 'schemaVersion'), textOf(value, 'node')]
  const isNode = node !== undefined && isNodeName(node)
  const refused = (reason: string): Digested => ({ok: false, reason, ...(isNode && {node})})
  if (textOf(value, 'kind') !== 'rtctl-node-report') return refused('it is no report of a node')
  if (version !== 1) return refused(`it has format ${JSON.stringify(version)?.slice(0, 20)}, and this rtctl reads 1`)
  if (!isNode) return refused('it does not name a node')
  const timeMs = timeOf(textOf(value, 'time'))
  if (timeMs === undefined) return refused('it does not say when the node was looked at')
  const preflight = memberOf(value, 'preflight')
  const all = memberOf(preflight, 'findings')
  if (!Array.isArray(all)) return refused('it has no findings, not even none')
  if (all.length > MOST_FINDINGS) return refused(`it has ${all.length} findings`)
  const findings = countingFindings(all)
  if (findings === undefined) return refused('it has a finding that no rtctl writes')
  return {ok: true, digest: {node, timeMs, rtctl: short(textOf(value, 'rtctl') ?? '', LONGEST_NAME), ...aboutOf(value, preflight), ...judged(findings, preflight)}}
}

function timeOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}

/** undefined where one of them has a check or a severity that cannot be */
function countingFindings(all: readonly unknown[]): readonly DigestFinding[] | undefined {
  const found: DigestFinding[] = []
  for (const each of all) {
    if (memberOf(each, 'accepted') !== undefined) continue
    const [check, severity] = [textOf(each, 'check'), SEVERITIES.find((known) => known === memberOf(each, 'severity'))]
    if (check === undefined || !/^[a-z0-9][a-z0-9-]{0,63}$/.test(check) || severity === undefined) return undefined
    const texts = ['title', 'text', 'fix', 'learnMore'].map((key) => short(textOf(each, key) ?? '', key === 'title' ? LONGEST_TITLE : LONGEST_TEXT))
    const [title = '', text = '', fix = '', learnMore = ''] = texts
    found.push({check, severity, title, text, fix, learnMore})
  }
  return found
}

function aboutOf(value: unknown, preflight: unknown): Pick<Digest, 'goal' | 'kubelet' | 'runtime' | 'onTarget' | 'controlPlane' | 'pods'> {
  const upgrade = memberOf(preflight, 'upgrade')
  const [target, kubernetes] = [short(textOf(upgrade, 'target') ?? '', LONGEST_NAME), short(textOf(upgrade, 'kubernetes') ?? '', LONGEST_NAME)]
  const [about] = listOf(memberOf(preflight, 'subjects'), 'nodes')
  const runtime = short(textOf(about, 'runtime') ?? '', LONGEST_NAME)
  const containers = listOf(memberOf(memberOf(value, 'inspect'), 'chain'), 'containers')
  return {
    goal: `Kubernetes ${kubernetes} on ${target === 'cri-o' ? 'CRI-O' : target}`,
    kubelet: short(textOf(about, 'kubelet') ?? '', LONGEST_NAME),
    runtime,
    onTarget: Object.hasOwn(TITLES, target) && runtime === TITLES[target],
    controlPlane: containers.some((each) => textOf(each, 'name') === 'kube-apiserver'),
    pods: containers.filter((each) => textOf(each, 'kind') === 'sandbox' && textOf(each, 'state') === 'running').length,
  }
}

/** The verdict is counted anew: what a report says of itself need not be what it has. */
function judged(all: readonly DigestFinding[], preflight: unknown): Pick<Digest, 'verdict' | 'counts' | 'undecided' | 'breaksAt' | 'findings' | 'open'> {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, all.filter((finding) => finding.severity === severity).length])) as Record<Severity, number>
  const undecided = listOf(preflight, 'undecided').length + listOf(preflight, 'gaps').length
  const breaksAt = firstBreak(listOf(preflight, 'horizon'))
  const findings = [...new Map(all.toReversed().map((finding) => [`${finding.check} ${finding.severity}`, finding])).values()].toReversed()
  return {
    counts, undecided, findings, open: openOf(preflight), ...(breaksAt && {breaksAt}),
    verdict: counts.blocker + counts.high > 0 ? 'no-go' : undecided > 0 ? 'incomplete' : 'go',
  }
}

function openOf(preflight: unknown): Digest['open'] {
  const all = [...listOf(preflight, 'undecided').map((each) => [textOf(each, 'check'), each] as const), ...listOf(preflight, 'gaps').map((each) => [textOf(each, 'what'), each] as const)]
  const named = all.flatMap(([what, each]) => (what === undefined ? [] : [{what: short(what, LONGEST_NAME), reason: short(textOf(each, 'reason') ?? '', LONGEST_TITLE)}]))
  return [...new Map(named.map((each) => [each.what, each])).values()].slice(0, MOST_OPEN)
}

const PRODUCTS = ['Kubernetes', 'containerd', 'Docker Engine'] as const

/** The lowest version of Kubernetes that breaks it; of another product where none of Kubernetes does. */
function firstBreak(rows: readonly unknown[]): FirstBreak | undefined {
  for (const product of PRODUCTS) {
    const versions = rows.flatMap((row) => {
      const version = textOf(row, 'version')
      const isOne = memberOf(row, 'product') === product && version !== undefined && versionNumbers(version).length > 0
      return isOne ? [{product, version: short(version, 20), text: short(textOf(row, 'text') ?? '', LONGEST_TITLE)}] : []
    })
    const first = versions.toSorted((a, b) => compareVersions(a.version, b.version))[0]
    if (first !== undefined) return first
  }
  return undefined
}

/** The beginning of a text, as a text of its own: a slice would keep all of it in memory. */
function short(text: string, longest: number): string {
  return text.length <= longest ? text : `${Buffer.from(text.slice(0, longest - 1)).toString('utf8')}…`
}
