// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {FleetNode, FleetReport} from '../../model/fleet.ts'
import {SEVERITIES} from '../preflight/report.ts'

/** Names in a sentence; a report lists all of them elsewhere. */
const MOST_NAMES = 5

/**
 * Go: every node answered, for one goal, and nothing breaks at any. No-go: something breaks at one. Incomplete: nothing does as far as
 * it is known, but something is not.
 */
export function fleetVerdict(
  {nodes, silent, unreadable, gaps}: Pick<FleetReport, 'nodes' | 'silent' | 'unreadable' | 'gaps'>,
): FleetReport['verdict'] {
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, nodes.reduce((sum, node) => sum + node.counts[severity], 0)])) as Record<Severity, number>
  const breaking = nodes.filter(({verdict}) => verdict === 'no-go')
  const open = nodes.filter(({undecided}) => undecided > 0)
  const goals = [...Map.groupBy(nodes, ({goal}) => goal)]
  const unknown = [
    ...(nodes.length === 0 ? ['No node has a report that counts.'] : []),
    ...(silent.length > 0 ? [`${ofAll(silent.length, silent.length + nodes.length)} did not answer: ${some(silent.map(({name}) => name))}.`] : []),
    ...(open.length > 0 ? [`At ${ofAll(open.length, nodes.length)} not everything could be looked at: ${some(open.map(({name}) => name))}.`] : []),
    ...(goals.length > 1 ? [`Nodes were checked for different goals: ${goals.map(([goal, those]) => `${goal} (${those.length})`).slice(0, MOST_NAMES).join(', ')}.`] : []),
    ...(unreadable.length > 0 ? [`${unreadable.length === 1 ? '1 report' : `${unreadable.length} reports`} cannot be read.`] : []),
    ...gaps.map(({what, reason}) => `Could not read ${what}: ${reason}.`),
  ]
  const reasons = [...(breaking.length > 0 ? [`Something breaks at ${ofAll(breaking.length, nodes.length)}: ${some(breaking.map(({name}) => name))}.`] : []), ...unknown]
  const answer = breaking.length > 0 ? 'no-go' : unknown.length > 0 ? 'incomplete' : 'go'
  return {answer, sentence: sentenceOf(answer, nodes, breaking.length, goals[0]?.[0] ?? 'anything'), reasons, counts}
}

function sentenceOf(answer: FleetReport['verdict']['answer'], nodes: readonly FleetNode[], breaking: number, goal: string): string {
  switch (answer) {
    case 'no-go':
      return `No-go: something breaks at ${ofAll(breaking, nodes.length)} on the way to ${goal}.`
    case 'incomplete':
      return nodes.length === 0 ? 'Nobody can tell yet: no node has a report that counts.' : `Nobody can tell yet: nothing breaks at the ${plural(nodes.length)} that answered, but not everything is known.`
    case 'go':
      return `Go: ${nodes.length === 1 ? 'the node is' : `all ${plural(nodes.length)} are`} ready for ${goal}.`
  }
}

function ofAll(number: number, all: number): string {
  return `${number} of ${plural(all)}`
}

function plural(nodes: number): string {
  return `${nodes} node${nodes === 1 ? '' : 's'}`
}

function some(names: readonly string[]): string {
  return names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more`
}
