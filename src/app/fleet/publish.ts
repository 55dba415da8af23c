// SPDX-License-Identifier: Apache-2.0
import {checks} from '../../checks/index.ts'
import type {NodeReport} from '../../model/fleet.ts'
import type {Host} from '../../model/host.ts'
import type {JsonObject} from '../../model/json.ts'
import type {Finding, Verdict} from '../../model/preflight.ts'
import {UserError} from '../../model/user-error.ts'
import {reportOf} from '../inspect-host.ts'
import {readNode} from '../preflight/nodes.ts'
import {preflightReport} from '../preflight/report.ts'
import {type Plan, upgradeOf} from '../preflight/run-preflight.ts'
import {Scan} from '../preflight/scan.ts'
import {configMapName, configMapOf} from './config-map.ts'

export interface PublishQuestion {
  readonly rtctlVersion: string
  /** a fresh host for each look */
  readonly open: () => Promise<Host>
  readonly source: string
  /** the node's name in Kubernetes */
  readonly node: string
  readonly namespace: string
  readonly plan: Plan
  /** marks findings that may stay */
  accept(findings: readonly Finding[]): readonly Finding[]
  now(): Date
  /** @throws UserError where it is not taken */
  put(name: string, configMap: JsonObject): Promise<void>
}

/** What was written. */
export interface Published {
  readonly node: string
  readonly time: string
  /** `rtctl/rtctl-node-n1` */
  readonly configMap: string
  /** of the ConfigMap as it was sent */
  readonly bytes: number
  readonly verdict: Verdict['answer']
  readonly sentence: string
}

/**
 * Looks at a host once, and writes what inspect and preflight say of it.
 *
 * @throws UserError where the report is too large or is not taken
 */
export async function publishOnce(question: PublishQuestion): Promise<Published> {
  const report = await nodeReport(question)
  const configMap = configMapOf(report, question.namespace)
  const name = configMapName(report.node)
  await question.put(name, configMap)
  const {answer, sentence} = report.preflight.verdict
  return {
    node: report.node, time: report.time, configMap: `${question.namespace}/${name}`,
    bytes: Buffer.byteLength(JSON.stringify(configMap)), verdict: answer, sentence,
  }
}

/** Findings name the host as it names itself: what is told of a node goes by its name in Kubernetes. */
async function nodeReport({rtctlVersion, open, source, node, plan, accept, now}: PublishQuestion): Promise<NodeReport> {
  const time = now().toISOString()
  const read = await readNode(await open(), source)
  const upgrade = upgradeOf(plan, read.about.kubelet)
  const scan = new Scan(checks, upgrade)
  scan.node(read)
  const {found} = scan
  const preflight = preflightReport({rtctlVersion, upgrade, found, nodes: [read.about], findings: accept(found.findings)})
  return {schemaVersion: 1, kind: 'rtctl-node-report', rtctl: rtctlVersion, node, time, preflight, inspect: reportOf(read.facts, {rtctlVersion})}
}

export interface Rhythm {
  /** milliseconds from one report to the next */
  readonly everyMs: number
  /** between 0 and 1 */
  random(): number
  /** what it throws ends everything */
  sleep(ms: number): Promise<void>
}

/** What is spread over so long: the first reports of a DaemonSet that starts at all nodes at once, and tries that follow a failure. */
const SPREAD_MS = 5 * 60_000
/** Of the time between reports: two nodes that start at the same moment are soon apart. */
const JITTER = 0.1

/**
 * Publishes again and again, until the process ends. A failure is told and tried again within minutes: what is wrong with the cluster now
 * need not be so in six hours.
 *
 * @param tell hears what came of each, and in how many milliseconds the next is due
 */
export async function publishEvery(
  publish: () => Promise<Published>, {everyMs, random, sleep}: Rhythm,
  tell: (outcome: Published | UserError, nextMs: number) => Promise<void>,
): Promise<never> {
  const spread = Math.min(SPREAD_MS, everyMs)
  await sleep(spread * random())
  for (;;) {
    const outcome = await outcomeOf(publish)
    const next = outcome instanceof UserError ? spread * (0.5 + random() / 2) : everyMs * (1 + JITTER * (2 * random() - 1))
    await tell(outcome, next)
    await sleep(next)
  }
}

async function outcomeOf(publish: () => Promise<Published>): Promise<Published | UserError> {
  try {
    return await publish()
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
}
