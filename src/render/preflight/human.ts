// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {Finding, PreflightReport, Skipped} from '../../model/preflight.ts'
import {shortened} from '../shorten.ts'
import type {Style} from '../style.ts'
import {visible} from '../visible.ts'
import {cell, columnsOf, wrappedColumns} from './columns.ts'
import {fleetRows} from './fleet.ts'
import {acceptedText, counting, fileOf, type Group, grouped, horizonGroups, isWebPage, plural, SEVERITIES, SEVERITY_WORDS, skippedText, subjectOf, subjectsText, upgradeText} from './words.ts'

export interface ReportOptions {
  readonly style: Style
  /** columns of the terminal; the report uses 60 to 100 of them */
  readonly width: number
}

/** Places of one check that are shown in full; of the others only their number. */
const MOST_PLACES = 10
/** Lines of a list that are shown. */
const MOST_LINES = 30
/** Lines of evidence of a place, and characters of each: a line of a host's file may have megabytes. */
const MOST_PROOFS = 5
const LONGEST_PROOF = 300

/** Columns of the table of nodes; the names of nodes and runtimes share the rest. */
const [INDENT, KUBELET, NUMBER, VERDICT] = [2, 12, 8, 12]
const NUMBERS = ['blocker', 'high', 'medium'] as const

const ALL = '`-o json` has all of them'

/** The report for a terminal: the verdict, what was looked at, findings by severity, what comes later, what could not be looked at. */
export function renderReport(report: PreflightReport, {style, width: columns}: ReportOptions): string {
  const width = Math.min(100, Math.max(60, columns))
  const lines = [
    ...head(report, style, width),
    '',
    ...fleet(report, style, width),
    ...SEVERITIES.flatMap((severity) => section(counting(report.findings), severity, style, width)),
    ...horizon(report, style, width),
    ...undecided(report, style, width),
    ...gaps(report, style, width),
    ...skipped(report, style, width),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function head(report: PreflightReport, style: Style, width: number): readonly string[] {
  const colour = {go: style.green, 'no-go': style.red, incomplete: style.yellow}[report.verdict.answer]
  const one = report.subjects.nodes.length === 1 ? report.subjects.nodes[0] : undefined
  const facts = one === undefined ? '' : [one.name, one.kubelet && `kubelet ${one.kubelet}`, one.runtime].filter(Boolean).join(', ')
  return [
    ...paragraph('', report.verdict.sentence, width).map((line) => style.bold(colour(line))),
    ...[`Looked at ${subjectsText(report)}; planned: ${upgradeText(report)}`, facts, skippedText(report), acceptedText(report.findings)]
      .flatMap((text) => paragraph('', text, width)).map((line) => style.dim(line)),
  ]
}

function fleet(report: PreflightReport, style: Style, width: number): readonly string[] {
  if (report.subjects.nodes.length < 2) return []
  const rows = fleetRows(report)
  const colour = {go: style.green, 'no-go': style.red, incomplete: style.yellow}
  const room = width - INDENT - KUBELET - NUMBERS.length * NUMBER - VERDICT
  const name = Math.floor(room * 0.45)
  const row = (texts: readonly [string, string, string], numbers: readonly string[]): string =>
    '  ' + [name, KUBELET, room - name].map((columns, index) => `${cell(texts[index]!, columns - 2)}  `).join('') + numbers.map((each) => each.padStart(NUMBER)).join('')
  const table = rows.map((each) =>
    `${row([each.name, each.kubelet, each.runtime], NUMBERS.map((severity) => String(each.counts[severity])))}  ${colour[each.verdict](each.verdict)}`)
  const header = `${row(['node', 'kubelet', 'runtime'], NUMBERS)}  verdict`
  return [style.bold(`Nodes (${rows.length}), the easiest to migrate first`), style.dim(header), ...folded(table, 'node'), '']
}

function section(findings: readonly Finding[], severity: Severity, style: Style, width: number): readonly string[] {
  const groups = grouped(findings, severity)
  if (groups.length === 0) return []
  const number = groups.reduce((sum, {findings: those}) => sum + those.length, 0)
  const [word, meaning] = SEVERITY_WORDS[severity].split(': ')
  return [
    `${style.bold(toneOf(severity, style)(`${word} (${number})`))}${style.dim(`: ${meaning}`)}`,
    ...groups.flatMap((group) => [...check(group, style, width), '']),
  ]
}

function toneOf(severity: Severity, style: Style): (text: string) => string {
  return {blocker: style.red, high: style.red, medium: style.yellow, low: style.cyan, info: style.cyan}[severity]
}

/** One check: its title once, the places, and each fix once, below the places that it is for. */
function check({check: id, severity, title, learnMore, findings}: Group, style: Style, width: number): readonly string[] {
  const shown = findings.slice(0, MOST_PLACES)
  const rest = findings.length - shown.length
  const fixes = [...Map.groupBy(shown, ({fix}) => fix)]
  return [
    ...paragraph('  ', title, width).map((line) => style.bold(line)),
    style.dim(`  ${visible(id)}`),
    ...fixes.flatMap(([fix, places], index) => [
      ...places.flatMap((finding) => place(finding, toneOf(severity, style), style, width)),
      ...(rest > 0 && index === fixes.length - 1 ? [style.dim(`    … and ${plural(rest, 'place')} more; ${ALL}`)] : []),
      ...advice('    ', fix, style, width),
    ]),
    ...paragraph('    ', isWebPage(learnMore) ? `More: rtctl explain ${id}` : `More: ${learnMore}`, width).map((line) => style.dim(line)),
  ]
}

function place(finding: Finding, tone: (text: string) => string, style: Style, width: number): readonly string[] {
  const {place: at, evidence, text} = finding
  const where = [at.kind === 'manifest' && at.object === undefined ? '' : subjectOf(at), fileOf(at)].filter(Boolean).join('  ')
  const rest = evidence.length - MOST_PROOFS
  return [
    ...paragraph(`  ${tone('!')} `, where, width, 4),
    ...paragraph('      ', text, width),
    ...evidence.slice(0, MOST_PROOFS).flatMap((proof) =>
      paragraph('      · ', `${proof.source}: ${shortened(proof.text.trim(), LONGEST_PROOF)}`, width)).map((line) => style.dim(line)),
    ...(rest > 0 ? [style.dim(`      … and ${plural(rest, 'line')} of evidence more`)] : []),
  ]
}

/** Advice has lines of its own: those that are indented, a stanza or a command, stay whole. */
function advice(indent: string, text: string, style: Style, width: number): readonly string[] {
  const columns = indent.length + 5
  const lines = text.split('\n').filter((line) => line.trim() !== '').flatMap((line) => {
    const safe = visible(line)
    return safe.startsWith(' ') ? [safe] : wrappedColumns(safe, width - columns)
  })
  return marked(`${indent}${style.green('Fix:')} `, lines, columns)
}

function horizon({horizon: rows}: PreflightReport, style: Style, width: number): readonly string[] {
  if (rows.length === 0) return []
  const lines = horizonGroups(rows).map(({product, version, severity, subjects, text}) => {
    const what = `${product} ${version}`
    return paragraph(`  ${toneOf(severity, style)(cell(what, 21))} `, `${subjects}: ${text}`, width, 24)
  })
  return [style.bold('Horizon: the first version that breaks something'), ...folded(lines.map((each) => each.join('\n')), 'row'), '']
}

function undecided({undecided: open}: PreflightReport, style: Style, width: number): readonly string[] {
  if (open.length === 0) return []
  const reasons = Map.groupBy(open, ({subject, reason}) => `${subject}: ${reason}`)
  const items = [...reasons].map(([reason, those]) => [
    ...paragraph('  ? ', `${reason}: ${some(those.map(({source}) => source))}`, width),
    ...paragraph('    ', some(those.map(({check: id}) => id)), width).map((line) => style.dim(line)),
  ].join('\n'))
  return [style.bold(`Undecided (${open.length}): checks that could not tell`), ...folded(items, 'reason'), '']
}

function gaps({gaps: all}: PreflightReport, style: Style, width: number): readonly string[] {
  if (all.length === 0) return []
  const steps = Map.groupBy(all, ({next}) => next)
  const items = [...steps].map(([next, those]) => [
    ...folded(those.map(({what, source, reason}) => paragraph('  ? ', `${what}: ${reason} (${source})`, width).join('\n')), 'gap'),
    ...paragraph('    ', next, width).map((line) => style.dim(line)),
  ].join('\n'))
  return [style.bold(`Could not look (${all.length})`), ...items, '']
}

function skipped({skipped: files}: PreflightReport, style: Style, width: number): readonly string[] {
  if (files.length === 0) return []
  const items = [...Map.groupBy(files, ({reason}) => reason)].map(([reason, [first, ...more]]) => {
    const rest = more.length + 1 - MOST_PLACES
    if (more.length === 0) return paragraph('  · ', `${whereOf(first!)}: ${reason}`, width).join('\n')
    return [
      ...paragraph('  · ', `${reason}:`, width),
      ...[first!, ...more].slice(0, MOST_PLACES).flatMap((one) => paragraph('      ', whereOf(one), width)),
      ...(rest > 0 ? [`      … and ${rest} more; ${ALL}`] : []),
    ].join('\n')
  })
  return [style.bold(`Skipped (${files.length})`), ...folded(items, 'reason'), '']
}

function whereOf({file, line}: Skipped): string {
  return `${file}${line === undefined ? '' : `:${line}`}`
}

/** Texts in one line, each once; of many the first. */
function some(texts: readonly string[]): string {
  const all = [...new Set(texts)]
  return all.length <= MOST_PLACES ? all.join(', ') : `${all.slice(0, MOST_PLACES).join(', ')} … and ${all.length - MOST_PLACES} more`
}

/** The first of many items, and how many there are besides. */
function folded(items: readonly string[], word: string): readonly string[] {
  if (items.length <= MOST_LINES) return items
  return [...items.slice(0, MOST_LINES), `  … and ${plural(items.length - MOST_LINES, word)} more; ${ALL}`]
}

/**
 * Text with a mark in front, made safe, wrapped and indented below the mark. A line end in it is shown as `\n`: a name from a host
 * cannot begin a line of the report.
 *
 * @param indent columns of the mark, where it has colour
 */
function paragraph(mark: string, text: string, width: number, indent = columnsOf(mark)): readonly string[] {
  return marked(mark, wrappedColumns(visible(text), width - indent), indent)
}

function marked(mark: string, lines: readonly string[], indent: number): readonly string[] {
  return lines.map((line, index) => (index === 0 ? mark : ' '.repeat(indent)) + line)
}
