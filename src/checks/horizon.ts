// SPDX-License-Identifier: Apache-2.0
import type {Check, NodeContext, Outcome, Problem, Severity, Upgrade} from '../model/check.ts'
import type {KubeObject} from '../model/kubernetes.ts'
import type {NodeFacts} from '../model/node-facts.ts'
import {valueOf} from '../model/observed.ts'
import type {HorizonRow} from '../model/preflight.ts'
import {compareVersions, isAtLeast, versionNumbers} from '../model/version.ts'
import {clusterNodeOf} from './lib/cluster-node.ts'
import {runningContainerd} from './lib/containerd.ts'
import {runningKubernetes} from './lib/kubelet.ts'
import {watchedUpgrade} from './lib/watched-upgrade.ts'
import {runOnNode, runOnObject} from './run.ts'
import {CONTAINERD_RELEASES, DOCKER_RELEASES, LAST_KUBERNETES} from './tables/versions.ts'

type Product = HorizonRow['product']
/** What a check says for an upgrade. */
type Run = (check: Check, upgrade: Upgrade) => readonly Outcome[]

const MEMBERS = {Kubernetes: 'kubernetes', containerd: 'containerd', 'Docker Engine': 'docker'} as const satisfies Record<Product, keyof Upgrade>
const PRODUCTS: readonly Product[] = ['Kubernetes', 'containerd', 'Docker Engine']
const BREAKS: ReadonlySet<Severity> = new Set(['blocker', 'high'])
/** Kubernetes where no kubelet says its version: the last with dockershim, so that a Docker host without a kubelet is seen as one. */
const UNKNOWN_KUBERNETES = '1.23'

/** What a subject has now; undefined for a product that it has not, or that did not say its version. */
interface Present {
  readonly name: string
  readonly kubernetes: string
  readonly containerd?: string | undefined
  readonly docker?: string | undefined
}

/**
 * The versions of each product that break a node, and why: the checks of nodes, asked for one version after the other. Each problem is
 * told at the first version that has it; what is so with the versions that are there now is left out. Only checks that look at the
 * version are asked again.
 */
export function horizonOf(checks: readonly Check[], node: NodeContext, known: NodeFacts): readonly HorizonRow[] {
  const docker = node.facts.dockers.flatMap(({pid, api}) => (pid !== undefined && node.facts.processes.inside[pid] === undefined ? (valueOf(api)?.version ?? []) : []))
  const kubernetes = runningKubernetes(node) ?? UNKNOWN_KUBERNETES
  const run: Run = (check, upgrade) => runOnNode([check], {...node, upgrade}, known).flatMap(({outcomes}) => outcomes)
  return rowsOf(checks.filter(({looksAt}) => looksAt === 'node'), run, node.upgrade, {name: node.name, kubernetes, containerd: runningContainerd(node), docker: docker[0]})
}

/** The same for the Node object of a cluster, from the checks of objects. */
export function horizonOfObject(checks: readonly Check[], object: KubeObject, upgrade: Upgrade): readonly HorizonRow[] {
  const {name, kubelet, runtime, runtimeVersion} = clusterNodeOf(object.value)
  if (object.ref.kind !== 'Node') return []
  const minor = versionNumbers(kubelet).slice(0, 2)
  const run: Run = (check, planned) => runOnObject([check], object, [], planned).flatMap(({outcomes}) => outcomes)
  return rowsOf(checks.filter(({looksAt}) => looksAt === 'object'), run, upgrade, {
    name, kubernetes: minor.length === 2 ? minor.join('.') : UNKNOWN_KUBERNETES,
    ...(runtime === 'containerd' && {containerd: runtimeVersion}), ...(runtime === 'docker' && {docker: runtimeVersion}),
  })
}

function rowsOf(checks: readonly Check[], run: Run, {target}: Upgrade, present: Present): readonly HorizonRow[] {
  // Kubernetes is always planned for; the others are as they run where nothing is said of them
  const now: Upgrade = {target, kubernetes: present.kubernetes, oracle: {}}
  const rows = checks.flatMap((check) => {
    const watched = watchedUpgrade(now)
    const seen = breaking(check, run(check, watched.upgrade)).map(({key}) => key)
    // checks are pure: what did not look at the version of a product says the same for all of them
    const asked = PRODUCTS.filter((product) => present[MEMBERS[product]] !== undefined && watched.wasRead(MEMBERS[product]))
    return asked.flatMap((product) => laterRows(check, run, {product, now, since: present[MEMBERS[product]] ?? '', name: present.name}, seen))
  })
  return rows.toSorted((a, b) => PRODUCTS.indexOf(a.product) - PRODUCTS.indexOf(b.product) || compareVersions(a.version, b.version) || inOrder(a.severity, b.severity) || inOrder(a.check, b.check))
}

/** Not by a language: loading the tables of one takes longer than all else here. */
function inOrder(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

interface Question {
  readonly product: Product
  readonly now: Upgrade
  /** the version of the product that runs */
  readonly since: string
  readonly name: string
}

/** The later versions that bring problems of a check which are not there at the present one, nor at one in between. */
function laterRows(check: Check, run: Run, {product, now, since, name}: Question, present: readonly string[]): readonly HorizonRow[] {
  const seen = new Set(present)
  return versionsAfter(product, since).flatMap((version) => {
    const found = breaking(check, run(check, {...now, [MEMBERS[product]]: version})).filter(({key}) => !seen.has(key))
    for (const {key} of found) seen.add(key)
    const [first, ...more] = found
    if (first === undefined) return []
    const text = more.length === 0 ? first.text : `${first.text} And ${more.length} more.`
    return [{product, version, severity: first.severity ?? check.severity, subject: name, check: check.id, text}]
  })
}

function breaking(check: Check, outcomes: readonly Outcome[]): readonly Problem[] {
  return outcomes.filter((outcome): outcome is Problem => outcome.state === 'problem' && BREAKS.has(outcome.severity ?? check.severity))
}

function versionsAfter(product: Product, now: string): readonly string[] {
  const [major = 1, minor = 0] = versionNumbers(now)
  if (product === 'containerd') return CONTAINERD_RELEASES.filter((version) => !isAtLeast(`${major}.${minor}`, version))
  if (product === 'Docker Engine') return DOCKER_RELEASES.filter((version) => !isAtLeast(now, version))
  const last = versionNumbers(LAST_KUBERNETES)[1] ?? 0
  return Array.from({length: Math.max(0, last - minor)}, (_, index) => `${major}.${minor + 1 + index}`)
}
