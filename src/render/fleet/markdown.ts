// SPDX-License-Identifier: Apache-2.0
import type {FleetReport, SharedFinding} from '../../model/fleet.ts'
import {countsText, plural, SEVERITIES} from '../preflight/words.ts'
import {shortened} from '../shorten.ts'
import {visible} from '../visible.ts'
import {ageText, breaksText, factsText, runtimeText, stretchesOf} from './words.ts'

const LONGEST = 600
const MOST_NAMES = 20

/** The report for a ticket or a wiki, in GitHub's and GitLab's Markdown. All nodes are in it. */
export function renderFleetMarkdown(report: FleetReport): string {
  const {sentence, reasons, counts} = report.verdict
  const parts = [
    `### rtctl fleet: ${inline(sentence)}`,
    reasons.map((reason) => `- ${inline(reason)}`).join('\n'),
    `${inline(factsText(report))}.${countsText(counts) === '' ? '' : ` Findings: ${countsText(counts)}.`}`,
    nodes(report),
    list('Did not answer', report.silent.map(({name, text}) => `${name}: ${text}`)),
    list('Gone from the cluster', report.gone.map(({name, time}) => `${name}: report of ${time}`)),
    ...SEVERITIES.flatMap((severity) => report.findings.filter((finding) => finding.severity === severity)).map((finding) => one(finding, report.nodes.length)),
    list('Could not tell', report.undecided.map(({what, nodes: names, example}) => `${what}: ${plural(names.length, 'node')}. ${example.node}: ${example.reason}`)),
    list('Reports that cannot be read', report.unreadable.map(({source, reason}) => `${source}: ${reason}`)),
    list('Could not look', report.gaps.map(({what, source, reason, next}) => `${what}: ${reason} (${source}). ${next}`)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function nodes(report: FleetReport): string {
  if (report.nodes.length === 0) return ''
  const rows = stretchesOf(report).flatMap(({title, nodes: those}) => those.map((node) => {
    const {name, kubelet, counts, ageSeconds, verdict} = node
    return `| ${[name, title, kubelet, runtimeText(node)].map(inline).join(' | ')} | ${counts.blocker} | ${counts.high} | ${inline(breaksText(node))} | ${ageText(ageSeconds)} | ${verdict} |`
  }))
  const table = ['| Node | Pool | Kubelet | Runtime | Blockers | High | Breaks at | Age | Verdict |', '|---|---|---|---|--:|--:|---|--:|---|', ...rows].join('\n')
  return `#### Nodes, in the order in which to migrate them\n\n${table}`
}

function one({check, severity, title, example, nodes: names}: SharedFinding, all: number): string {
  const rest = names.length - MOST_NAMES
  const where = `${names.slice(0, MOST_NAMES).map(inline).join(', ')}${rest > 0 ? ` … and ${rest} more` : ''}`
  return [
    `<details><summary>${severity}: ${inline(title)} (${names.length} of ${plural(all, 'node')})</summary>`, '',
    `- <code>${escaped(check)}</code>: ${where}`,
    `- ${inline(example.node)}: ${inline(example.text)}`,
    `- **Fix:** ${example.fix.trimEnd().split('\n').map(inline).join('<br>')}`, '', '</details>',
  ].join('\n')
}

function list(title: string, items: readonly string[]): string {
  return items.length === 0 ? '' : `#### ${title} (${items.length})\n\n${items.map((item) => `- ${inline(item)}`).join('\n')}`
}

/** A sentence: what stands between backquotes becomes code, as in the texts of the checks. */
function inline(text: string): string {
  const parts = shortened(visible(text), LONGEST).split(/`([^`]+)`/)
  return parts.map((part, index) => (index % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part))).join('')
}

/** Text of a stranger, without anything that Markdown, HTML, or GitHub's search for people and issues takes for its own. */
function escaped(text: string): string {
  return text.replace(/[&<>"`*_~[\]|\\]|[@#!]|:(?=\/\/)|(?<=www)\./g, (character) =>
    '@#!'.includes(character) ? `${character}&#8203;` : `&#${character.charCodeAt(0)};`)
}
