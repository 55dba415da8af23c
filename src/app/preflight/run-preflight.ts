// SPDX-License-Identifier: Apache-2.0
import {checks} from '../../checks/index.ts'
import type {Oracle, TargetName, Upgrade} from '../../model/check.ts'
import type {Host} from '../../model/host.ts'
import type {Item} from '../../model/kubernetes.ts'
import type {Finding, PreflightReport, Subjects} from '../../model/preflight.ts'
import type {SocketClient} from '../../model/socket-client.ts'
import {isAtLeast, versionNumbers} from '../../model/version.ts'
import {readNode, type ReadNode} from './nodes.ts'
import {preflightReport} from './report.ts'
import {type Found, Scan} from './scan.ts'

/** A host to look at. */
export interface HostSource {
  /** `this host`, the file of a snapshot */
  readonly source: string
  readonly open: () => Promise<Host>
  /** clients of the runtimes' sockets that were seen while it was watched */
  readonly watched?: readonly SocketClient[]
}

export interface PreflightQuestion {
  readonly rtctlVersion: string
  readonly hosts: readonly HostSource[]
  /** manifests, objects of a cluster */
  readonly items: readonly AsyncIterable<Item>[]
  readonly cluster?: Subjects['cluster']
  readonly plan: Plan
  /** marks findings that may stay, and adds those that accepting them brings up */
  accept(findings: readonly Finding[], found: Found): readonly Finding[]
  /** hears what is being looked at */
  progress(text: string): void
}

/** An upgrade, as far as the user told. */
export interface Plan {
  readonly target: TargetName
  readonly kubernetes?: string
  readonly containerd?: string
  readonly docker?: string
  readonly oracle: Oracle
}

/** dockershim is gone with it: what rtctl asks for where nothing else is known. */
const FIRST_WITHOUT_DOCKERSHIM = '1.24'

/** Looks at everything that was given, and says what breaks. What could not be looked at is in the report; only a bug throws. */
export async function runPreflight(question: PreflightQuestion): Promise<PreflightReport> {
  const {hosts, items, progress} = question
  const nodes: Subjects['nodes'][number][] = []
  let scan: Scan | undefined
  let upgrade = upgradeOf(question.plan, question.cluster?.version)
  for (const [index, host] of hosts.entries()) {
    progress(hosts.length === 1 ? `reading ${host.source}` : `reading ${host.source} (${index + 1} of ${hosts.length})`)
    const node = await readNode(await host.open(), host.source, host.watched)
    if (scan === undefined) upgrade = upgradeOf(question.plan, kubeletOf(node) ?? question.cluster?.version)
    scan ??= new Scan(checks, upgrade)
    scan.node(node)
    nodes.push(node.about)
  }
  scan ??= new Scan(checks, upgrade)
  for (const source of items) await scanItems(scan, source, progress)
  const {found} = scan
  return preflightReport({
    rtctlVersion: question.rtctlVersion, upgrade, found, nodes, findings: question.accept(found.findings, found),
    ...(question.cluster && {cluster: question.cluster}),
  })
}

/** How many items pass between two words of progress. */
const WORD_EVERY = 200

async function scanItems(scan: Scan, items: AsyncIterable<Item>, progress: (text: string) => void): Promise<void> {
  let count = 0
  for await (const item of items) {
    scan.item(item)
    if (++count % WORD_EVERY === 0) progress(`${scan.found.counts.objects} objects, ${scan.found.findings.length} findings`)
  }
}

function kubeletOf({about}: ReadNode): string | undefined {
  return about.kubelet
}

/** Told no version, the next minor one: that is how Kubernetes is upgraded. Below 1.24 it is the step that removes dockershim. */
export function upgradeOf(plan: Plan, present: string | undefined): Upgrade {
  return {...plan, kubernetes: plan.kubernetes ?? nextOf(present)}
}

function nextOf(present: string | undefined): string {
  const [major, minor] = versionNumbers(present ?? '')
  if (major === undefined || minor === undefined) return FIRST_WITHOUT_DOCKERSHIM
  const next = `${major}.${minor + 1}`
  return isAtLeast(next, FIRST_WITHOUT_DOCKERSHIM) ? next : FIRST_WITHOUT_DOCKERSHIM
}
