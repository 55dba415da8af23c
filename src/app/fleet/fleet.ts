// SPDX-License-Identifier: Apache-2.0
import type {Gap} from '../../model/chain.ts'
import type {Severity} from '../../model/check.ts'
import type {ClusterNode, FleetItem, FleetNode, FleetReport, SharedFinding, SharedGap, SilentNode, Unreadable} from '../../model/fleet.ts'
import {SEVERITIES} from '../preflight/report.ts'
import {type Digest, digestOf} from './digest.ts'
import {inOrder} from './order.ts'
import {fleetVerdict} from './verdict.ts'

export interface FleetQuestion {
  readonly rtctlVersion: string
  readonly cluster: FleetReport['cluster']
  /** as of when, in milliseconds since 1970 */
  readonly nowMs: number
  /** a report that is older says nothing about now */
  readonly maxAgeMs: number
}

/** Clocks of nodes differ by less. */
const CLOCK_SKEW_MS = 10 * 60_000
/** Checks with their severities: there are some 200. A stranger could make up any number. */
const MOST_GROUPS = 2000
const MOST_UNREADABLE = 10_000

type Group = Omit<SharedFinding, 'nodes'>
type OpenGroup = Omit<SharedGap, 'nodes'>

/** What is kept of a report until all are read. */
interface Kept {
  readonly digest: Omit<Digest, 'findings' | 'open'>
  readonly groups: readonly Group[]
  readonly open: readonly OpenGroup[]
}

/** Reads a fleet piece by piece. Its memory grows with the number of nodes, by about a kB each, and not with their reports. */
export class Fleet {
  readonly #nodes = new Map<string, ClusterNode>()
  readonly #reports = new Map<string, Kept>()
  readonly #groups = new Map<string, Group>()
  readonly #open = new Map<string, OpenGroup>()
  readonly #texts = new Map<string, string>()
  readonly #unreadable: Unreadable[] = []
  readonly #gaps: Gap[] = []
  #left = 0
  #untold = 0
  #isComplete = false

  add(item: FleetItem): void {
    switch (item.kind) {
      case 'report':
        return this.#report(item.value, item.source)
      case 'unreadable':
        return this.#cannotRead(item.unreadable)
      case 'node':
        return void this.#nodes.set(item.node.name, item.node)
      case 'all-nodes':
        this.#isComplete = true
        return
      case 'gap':
        return void this.#gaps.push(item.gap)
    }
  }

  /** How many reports it has. */
  get size(): number {
    return this.#reports.size
  }

  /** The report of all that was added. Where it is not known whether that is every node, none is taken for gone. */
  report({rtctlVersion, cluster, nowMs, maxAgeMs}: FleetQuestion): FleetReport {
    const isThere = ({digest}: Kept): boolean => !this.#isComplete || this.#nodes.has(digest.node)
    const kept = [...this.#reports.values()]
    const [present, gone] = [kept.filter(isThere), kept.filter((each) => !isThere(each))]
    const fresh = present.filter(({digest}) => staleness(digest, nowMs, maxAgeMs) === undefined)
    const nodes = inOrder(fresh.map(({digest}) => this.#row(digest, nowMs)))
    const rows = new Set(nodes.map(({name}) => name))
    const silent = [...this.#silent(rows, nowMs, maxAgeMs), ...(this.#isComplete ? [] : present.flatMap(({digest}) => staleRow(digest, nowMs, maxAgeMs, rows)))]
    const groupsOf = <T>(of: (one: Kept) => readonly T[]) => shared(nodes, (name) => of(this.#reports.get(name)!))
    const findings = groupsOf(({groups}) => groups).sort((a, b) => rank(a.severity) - rank(b.severity) || b.nodes.length - a.nodes.length || compare(a.check, b.check))
    const undecided: readonly SharedGap[] = groupsOf(({open}) => open).sort((a, b) => b.nodes.length - a.nodes.length || compare(a.what, b.what))
    const [unreadable, gaps] = [this.#unreadable.toSorted((a, b) => compare(a.source, b.source)), this.#allGaps()]
    return {
      schemaVersion: 1, rtctl: rtctlVersion, time: new Date(nowMs).toISOString(), cluster,
      verdict: fleetVerdict({nodes, silent, unreadable, gaps}),
      nodes, silent: uniqueByName(silent),
      gone: gone.map(({digest}) => ({name: digest.node, time: new Date(digest.timeMs).toISOString()})).sort((a, b) => compare(a.name, b.name)),
      findings, undecided, unreadable, gaps,
    }
  }

  #report(value: unknown, source: string): void {
    const digested = digestOf(value)
    if (!digested.ok) return this.#cannotRead(unreadableOf(source, digested))
    const {findings, open, ...digest} = digested.digest
    const {node} = digest
    if (this.#reports.has(node)) return this.#cannotRead({source, node, reason: 'there is another report of the same node'})
    const same = {goal: this.#once(digest.goal), kubelet: this.#once(digest.kubelet), runtime: this.#once(digest.runtime), rtctl: this.#once(digest.rtctl)}
    this.#reports.set(node, {
      digest: {...digest, ...same},
      groups: findings.flatMap(({check, severity, title, learnMore, text, fix}) =>
        this.#grouped(this.#groups, `${check} ${severity}`, {check, severity, title, learnMore, example: {node, text, fix}})),
      open: open.flatMap(({what, reason}) => this.#grouped(this.#open, what, {what, example: {node, reason}})),
    })
  }

  /** The group of a key that is known, or a new one; none where there are too many. */
  #grouped<T>(groups: Map<string, T>, key: string, group: T): readonly T[] {
    const known = groups.get(key)
    if (known !== undefined) return [known]
    if (groups.size >= MOST_GROUPS) {
      this.#untold++
      return []
    }
    groups.set(key, group)
    return [group]
  }

  /** Texts that many nodes have are kept once. */
  #once(text: string): string {
    const known = this.#texts.get(text)
    if (known === undefined) this.#texts.set(text, text)
    return known ?? text
  }

  #cannotRead(unreadable: Unreadable): void {
    if (this.#unreadable.length < MOST_UNREADABLE) this.#unreadable.push(unreadable)
    else this.#left++
  }

  #allGaps(): readonly Gap[] {
    const next = 'Find out who writes them: no rtctl does.'
    return [
      ...this.#gaps,
      ...(this.#left > 0 ? [{what: 'reports', source: 'the cluster', reason: `${this.#left} more of them cannot be read`, next}] : []),
      ...(this.#untold > 0 ? [{what: 'findings', source: 'reports', reason: `${this.#untold} of them are counted and not told: there are more than ${MOST_GROUPS} kinds`, next}] : []),
    ]
  }

  #row(digest: Kept['digest'], nowMs: number): FleetNode {
    const {node, timeMs, rtctl, goal, kubelet, runtime, onTarget, pods, verdict, counts, undecided, breaksAt} = digest
    const known = this.#nodes.get(node)
    const version = kubelet === '' ? (known?.kubelet ?? '') : kubelet
    const chain = runtime === '' ? (known?.runtime ?? '') : runtime
    return {
      name: node, controlPlane: known?.controlPlane ?? digest.controlPlane, pool: known?.pool ?? `${chain}, kubelet ${version}`,
      kubelet: version, runtime: chain, onTarget, verdict, counts, undecided, pods, ...(breaksAt && {breaksAt}),
      time: new Date(timeMs).toISOString(), ageSeconds: Math.max(0, Math.round((nowMs - timeMs) / 1000)), rtctl, goal,
    }
  }

  #silent(rows: ReadonlySet<string>, nowMs: number, maxAgeMs: number): readonly SilentNode[] {
    const broken = new Map(this.#unreadable.flatMap(({node, reason}) => (node === undefined ? [] : [[node, reason] as const])))
    return [...this.#nodes.values()].filter(({name}) => !rows.has(name)).sort((a, b) => compare(a.name, b.name)).map((node): SilentNode => {
      const kept = this.#reports.get(node.name)
      const reason = broken.get(node.name)
      const stale = kept && staleness(kept.digest, nowMs, maxAgeMs)
      if (stale !== undefined) return {name: node.name, reason: 'too-old', text: stale}
      if (reason !== undefined) return {name: node.name, reason: 'unreadable', text: `its report cannot be read: ${reason}`}
      if (node.os !== undefined && node.os !== 'linux') return {name: node.name, reason: 'not-linux', text: `it runs ${node.os}, where rtctl cannot look`}
      return {name: node.name, reason: 'no-report', text: node.ready ? 'it has no report' : 'it has no report, and is not ready'}
    })
  }
}

/** What is kept of a report that is no report. */
export function unreadableOf(source: string, {reason, node}: {readonly reason: string; readonly node?: string}): Unreadable {
  return {source, ...(node !== undefined && {node}), reason}
}

function staleRow(digest: Kept['digest'], nowMs: number, maxAgeMs: number, rows: ReadonlySet<string>): readonly SilentNode[] {
  const text = staleness(digest, nowMs, maxAgeMs)
  return text === undefined || rows.has(digest.node) ? [] : [{name: digest.node, reason: 'too-old', text}]
}

/** Why a report says nothing about now; undefined where it does. */
function staleness({timeMs}: Pick<Digest, 'timeMs'>, nowMs: number, maxAgeMs: number): string | undefined {
  const time = new Date(timeMs).toISOString()
  if (timeMs > nowMs + CLOCK_SKEW_MS) return `its report is of ${time}, which is yet to come: see the clock of the node`
  return nowMs - timeMs > maxAgeMs ? `its report is too old: of ${time}` : undefined
}

/** Groups with the names of their nodes, in the order of these. */
function shared<T>(nodes: readonly FleetNode[], groupsOf: (name: string) => readonly T[]): (T & {readonly nodes: readonly string[]})[] {
  const names = new Map<T, string[]>()
  for (const {name} of nodes) {
    for (const group of groupsOf(name)) {
      const known = names.get(group)
      if (known === undefined) names.set(group, [name])
      else known.push(name)
    }
  }
  return [...names].map(([group, those]) => ({...group, nodes: those}))
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

function uniqueByName(silent: readonly SilentNode[]): readonly SilentNode[] {
  return [...new Map(silent.map((node) => [node.name, node])).values()].sort((a, b) => compare(a.name, b.name))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
