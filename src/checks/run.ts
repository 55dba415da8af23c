// SPDX-License-Identifier: Apache-2.0
import type {Check, NodeCheck, NodeContext, Outcome, Upgrade} from '../model/check.ts'
import type {KubeObject, PodTemplate, TextDocument} from '../model/kubernetes.ts'
import type {NodeFacts} from '../model/node-facts.ts'
import type {Observed} from '../model/observed.ts'
import {unknown, unreadableOf} from './lib/define.ts'
import {watchedUpgrade} from './lib/watched-upgrade.ts'

/** What a check said of one subject. No outcome: it passes. */
export interface CheckResult {
  readonly check: Check
  readonly outcomes: readonly Outcome[]
}

const VERSIONS = ['kubernetes', 'containerd', 'docker', 'oracle'] as const

/**
 * Runs the checks of nodes on one node. A check that needs an unreadable fact is undecided, and does not run.
 *
 * @param onVersioned is told each check that looked at more of the upgrade than its target: no other one can say something else of
 *   another version
 */
export function runOnNode(
  checks: readonly Check[], node: NodeContext, known: NodeFacts, onVersioned?: (check: Check) => void,
): readonly CheckResult[] {
  const watch = onVersioned && watchedUpgrade(node.upgrade)
  const context = watch === undefined ? node : {...node, upgrade: watch.upgrade}
  return checks.flatMap((check) => {
    if (check.looksAt !== 'node') return []
    watch?.forget()
    const results = hasMeaning(check, context.upgrade) ? [{check, outcomes: onNode(check, context, known)}] : []
    if (watch?.wasRead(...VERSIONS) === true) onVersioned?.(check)
    return results
  })
}

function onNode(check: NodeCheck, node: NodeContext, known: NodeFacts): readonly Outcome[] {
  const needed = check.needs.map((name) => [name, known[name] as Observed<unknown>] as const)
  const missing = needed.flatMap(([, fact]) => unreadableOf(fact))
  if (missing.length > 0) return missing
  const values = Object.fromEntries(needed.map(([name, fact]) => [name, fact.state === 'ok' ? fact.value : undefined]))
  return guarded(() => check.run(values as never, node))
}

/** Runs the checks of objects and of pods on one object. */
export function runOnObject(
  checks: readonly Check[], object: KubeObject, pods: readonly PodTemplate[], upgrade: Upgrade,
): readonly CheckResult[] {
  return checks.flatMap((check): readonly CheckResult[] => {
    if (!hasMeaning(check, upgrade)) return []
    if (check.looksAt === 'pod' && pods.length > 0) return [{check, outcomes: pods.flatMap((pod) => guarded(() => check.run(pod, upgrade)))}]
    if (check.looksAt === 'object' && (check.kinds.includes(object.ref.kind) || check.kinds.includes('*'))) {
      return [{check, outcomes: guarded(() => check.run(object, upgrade))}]
    }
    return []
  })
}

/** Runs the checks of texts on one text. */
export function runOnText(checks: readonly Check[], text: TextDocument, upgrade: Upgrade): readonly CheckResult[] {
  return checks.flatMap((check) =>
    check.looksAt === 'text' && hasMeaning(check, upgrade) ? [{check, outcomes: guarded(() => check.run(text, upgrade))}] : [],
  )
}

/** The checks that have a meaning for an upgrade, without their condition: for who runs them on a great many subjects. */
export function checksFor(checks: readonly Check[], upgrade: Upgrade): readonly Check[] {
  return checks.filter((check) => hasMeaning(check, upgrade)).map(({applies: _, ...check}) => check)
}

function hasMeaning(check: Check, upgrade: Upgrade): boolean {
  return check.applies?.(upgrade) ?? true
}

/** One check that trips over what a stranger wrote must not take the others with it. */
function guarded(run: () => readonly Outcome[]): readonly Outcome[] {
  try {
    return run()
  } catch (error) {
    return [unknown('rtctl', `a bug of this check: ${error instanceof Error ? error.message : String(error)}`)]
  }
}
