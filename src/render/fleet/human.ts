// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {FleetNode, FleetReport, SharedFinding} from '../../model/fleet.ts'
import {cell, columnsOf, wrappedColumns} from '../preflight/columns.ts'
import {plural, SEVERITIES, SEVERITY_WORDS} from '../preflight/words.ts'
import type {Style} from '../style.ts'
import {visible} from '../visible.ts'
import {ageText, breaksText, factsText, runtimeText, stretchesOf} from './words.ts'

export interface FleetOptions {
  readonly style: Style
  /** columns of the terminal; the report uses 80 to 120 of them */
  readonly width: number
}

/** Columns of the table; names of nodes and runtimes have the rest. */
const [INDENT, KUBELET, BLOCKERS, HIGH, BREAKS, AGE, VERDICT] = [2, 9, 8, 5, 18, 7, 11]
const [LEAST_RUNTIME, MOST_RUNTIME, LONGEST_NAME] = [14, 40, 64]
/** Of the nodes that share a finding, those that are named; of reports that cannot be read, too. */
const MOST_NAMES = 8
const MOST_LINES = 30

/** The report for a terminal: go or no-go and why, a row for each node, who did not answer, what nodes share. */
export function renderFleet(report: FleetReport, {style, width: columns}: FleetOptions): string {
  const width = Math.min(120, Math.max(80, columns))
  const lines = [
    ...head(report, style, width), '',
    ...nodes(report, style, width),
    ...list('Did not answer', report.silent.map(({name, text}) => `${name}: ${text}`), Number.POSITIVE_INFINITY, style, width),
    ...list('Gone from the cluster; their reports can be deleted', report.gone.map(({name, time}) => `${name}: report of ${time}`), MOST_LINES, style, width),
    ...SEVERITIES.flatMap((severity) => findings(report, severity, style, width)),
    ...list('Could not tell', report.undecided.map(({what, nodes: names, example}) => `${what}: ${some(names)}. ${example.node}: ${example.reason}`), MOST_LINES, style, width),
    ...list('Reports that cannot be read', report.unreadable.map(({source, reason}) => `${source}: ${reason}`), MOST_LINES, style, width),
    ...list('Could not look', report.gaps.map(({what, source, reason, next}) => `${what}: ${reason} (${source}). ${next}`), MOST_LINES, style, width),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function head(report: FleetReport, style: Style, width: number): readonly string[] {
  const {answer, sentence, reasons} = report.verdict
  const colour = {go: style.green, 'no-go': style.red, incomplete: style.yellow}[answer]
  return [
    ...paragraph('', sentence, width).map((line) => style.bold(colour(line))),
    ...reasons.flatMap((reason) => paragraph('  · ', reason, width)),
    ...paragraph('', factsText(report), width).map((line) => style.dim(line)),
  ]
}

function nodes(report: FleetReport, style: Style, width: number): readonly string[] {
  if (report.nodes.length === 0) return []
  const row = rowOf(report.nodes, width)
  return [
    style.bold(`Nodes (${report.nodes.length}), in the order in which to migrate them`),
    style.dim(`${row(['node', 'kubelet', 'runtime', 'blockers', 'high', 'breaks at', 'age'])} verdict`),
    ...stretchesOf(report).flatMap(({title, nodes: those}) => [
      ...paragraph('  ', `${title} (${those.length})`, width).map((line) => style.dim(line)),
      ...those.map((node) => `${row(cellsOf(node))} ${verdictOf(node, style)}`),
    ]),
    '',
  ]
}

/** Writes a row. A name is never cut, as it is what one looks for: kubelet and runtime give way, and then the line gets longer. */
function rowOf(all: readonly FleetNode[], width: number): (cells: readonly string[]) => string {
  const name = Math.min(LONGEST_NAME, all.reduce((most, node) => Math.max(most, node.name.length), 0)) + 1
  const room = width - INDENT - name - BLOCKERS - HIGH - BREAKS - AGE - VERDICT
  const kubeletWidth = room < KUBELET ? 0 : KUBELET
  const runtimeWidth = room - KUBELET < LEAST_RUNTIME ? 0 : Math.min(MOST_RUNTIME, room - KUBELET)
  return ([first = '', kubelet = '', runtime = '', blockers = '', high = '', breaks = '', age = '']) => [
    '  ', first.padEnd(name), column(kubelet, kubeletWidth), column(runtime, runtimeWidth), blockers.padStart(BLOCKERS), high.padStart(HIGH),
    `  ${column(breaks, BREAKS - 2)}`, age.padStart(AGE), ' ',
  ].join('')
}

/** Nothing where it has no width. */
function column(text: string, width: number): string {
  return width === 0 ? '' : `${cell(text, width - 1)} `
}

function cellsOf(node: FleetNode): readonly string[] {
  return [node.name, node.kubelet, runtimeText(node), String(node.counts.blocker), String(node.counts.high), breaksText(node), ageText(node.ageSeconds)]
}

function verdictOf({verdict}: FleetNode, style: Style): string {
  return {go: style.green, 'no-go': style.red, incomplete: style.yellow}[verdict](verdict)
}

function findings(report: FleetReport, severity: Severity, style: Style, width: number): readonly string[] {
  const those = report.findings.filter((finding) => finding.severity === severity)
  if (those.length === 0) return []
  const tone = {blocker: style.red, high: style.red, medium: style.yellow, low: style.cyan, info: style.cyan}[severity]
  const [word, meaning] = SEVERITY_WORDS[severity].split(': ')
  return [
    `${style.bold(tone(`${word} (${those.length})`))}${style.dim(`: ${meaning}`)}`,
    ...those.flatMap((finding) => [...one(finding, report.nodes.length, style, width), '']),
  ]
}

/** A finding once, with the words of one node for all. */
function one({check, title, example, nodes: names}: SharedFinding, all: number, style: Style, width: number): readonly string[] {
  const where = all === 1 ? [] : paragraph('    ', `${names.length} of ${plural(all, 'node')}: ${some(names)}`, width)
  return [
    ...paragraph('  ', title, width).map((line) => style.bold(line)),
    style.dim(`  ${visible(check)}`),
    ...where,
    ...paragraph('    ', `${example.node}: ${example.text}`, width),
    ...fixLines(example.fix, style, width),
  ]
}

/** Advice has lines of its own: those that are indented, a stanza or a command, stay whole. */
function fixLines(fix: string, style: Style, width: number): readonly string[] {
  const lines = fix.split('\n').filter((line) => line.trim() !== '').flatMap((line) => {
    const safe = visible(line)
    return safe.startsWith(' ') ? [safe] : wrappedColumns(safe, width - 9)
  })
  return lines.map((line, index) => (index === 0 ? `    ${style.green('Fix:')} ${line}` : `         ${line}`))
}

function list(title: string, items: readonly string[], most: number, style: Style, width: number): readonly string[] {
  if (items.length === 0) return []
  const rest = items.length - Math.min(items.length, most)
  return [
    style.bold(`${title} (${items.length})`),
    ...items.slice(0, items.length - rest).flatMap((item) => paragraph('  · ', item, width)),
    ...(rest > 0 ? [style.dim(`  … and ${rest} more; \`-o json\` has all of them`)] : []),
    '',
  ]
}

function some(names: readonly string[]): string {
  return names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES).join(', ')} … and ${names.length - MOST_NAMES} more`
}

/** Text of a stranger over lines, with a mark before the first. */
function paragraph(mark: string, text: string, width: number): readonly string[] {
  const indent = ' '.repeat(columnsOf(mark))
  return wrappedColumns(visible(text), width - indent.length).map((line, index) => (index === 0 ? mark : indent) + line)
}
