// SPDX-License-Identifier: Apache-2.0
import {generateAll, wantedFiles} from '../../config/generate.ts'
import {redactJson} from '../../host/redact.ts'
import type {Gap} from '../../model/chain.ts'
import type {TargetName} from '../../model/check.ts'
import type {Host} from '../../model/host.ts'
import type {TargetFiles} from '../../model/migration/config.ts'
import type {Remark} from '../../model/migration/needs.ts'
import type {Plan} from '../../model/migration/plan.ts'
import {nodeNeeds} from '../../needs/node-needs.ts'
import {makePlan} from '../../plan/make-plan.ts'
import {readNode} from '../preflight/nodes.ts'
import {upgradeOf} from '../preflight/run-preflight.ts'
import {nodeState} from './node-state.ts'
import {preflightRemarks} from './preflight-remarks.ts'
import {readTargetFiles} from './target-files.ts'
import {targetOf} from './target.ts'

export interface MigrationQuestion {
  readonly to: TargetName
  /** of the runtime to come; what is installed unless told */
  readonly version?: string
  /** the Kubernetes version to go to afterwards; the next one unless told */
  readonly kubernetes?: string
  readonly keepDocker?: boolean
  /** version of rtctl */
  readonly rtctl: string
  readonly now: Date
}

/**
 * Reads a node and plans how to bring it to another container runtime. Changes nothing; what could not be read is in the plan.
 *
 * @param host one that does not redact for a plan that is carried out; its fingerprint is the same
 */
export async function planMigration(host: Host, question: MigrationQuestion): Promise<Plan> {
  const {to, version, kubernetes, keepDocker, rtctl, now} = question
  const node = await readNode(host, 'this host')
  const upgrade = upgradeOf({
    target: to, oracle: {}, ...(kubernetes !== undefined && {kubernetes}), ...(to === 'containerd' && version !== undefined && {containerd: version}),
  }, node.about.kubelet)
  const needs = nodeNeeds({facts: node.facts, known: node.known, chain: node.chain, upgrade})
  const {target, remarks} = targetOf(needs, to, version)
  const files = readTargetFiles(host, wantedFiles(needs, target))
  const gaps = [...fileGaps(files), ...node.gaps]
  const generated = generateAll(needs, target, files)
  const leavesDocker = ['dockershim', 'cri-dockerd'].includes(needs.from.runtime) && to !== 'cri-dockerd' && keepDocker !== true
  return makePlan({
    needs, target, files, state: nodeState(node, needs, target, upgrade), generated: {...generated, remarks: withoutGaps(generated.remarks, gaps)},
    remarks: [...preflightRemarks(node, upgrade, leavesDocker), ...remarks], gaps, rtctl, made: now.toISOString(),
    asked: {...(version !== undefined && {version}), ...(kubernetes !== undefined && {kubernetes}), ...(keepDocker !== undefined && {keepDocker})},
    redact: (value) => redactJson(value).value,
  })
}

/** Files that generators asked for, and that could not be read. */
function fileGaps({files, matches}: TargetFiles): readonly Gap[] {
  return Object.entries({...matches, ...files}).flatMap(([path, observed]) => observed.state !== 'unreadable' ? [] : [{
    what: path, source: observed.source, reason: observed.detail ?? observed.reason,
    next: observed.reason === 'not-captured' ? 'Record a new snapshot with this rtctl.' : 'Run rtctl as root on the node itself.',
  }])
}

/** A generator says of each file that it could not read: as a gap it is told already, once for all. */
function withoutGaps(remarks: readonly Remark[], gaps: readonly Gap[]): readonly Remark[] {
  const told = new Set(gaps.map(({what}) => what))
  return remarks.filter(({source}) => source === undefined || !told.has(source))
}
