// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {Finding, PreflightReport} from '../../model/preflight.ts'
import {shortened} from '../shorten.ts'
import {visible} from '../visible.ts'
import {fleetRows} from './fleet.ts'
import {acceptedText, countOf, counting, type Group, grouped, horizonGroups, isWebPage, placeText, plural, SEVERITIES, skippedFiles, skippedText, subjectsText, upgradeText} from './words.ts'

/** GitHub takes a comment of fewer than 65,536 characters. Counted in bytes here, which are never fewer; some are left for the note. */
const MOST_BYTES = 65_000

/** By this line a job finds its comment again, to put the next report in its place. */
const MARK = '<!-- rtctl preflight -->'
/** Places of one check, and characters of one evidence. */
const MOST_PLACES = 20
const LONGEST = 300

/**
 * The report for a comment on a pull request, in GitHub's and GitLab's Markdown: verdict, a table of checks, details folded. What does
 * not fit into a comment is left out, the least severe first, and the last line says so.
 */
export function renderMarkdown(report: PreflightReport): string {
  const groups = SEVERITIES.flatMap((severity) => grouped(counting(report.findings), severity))
  const head = [MARK, `### rtctl preflight: ${inline(report.verdict.sentence)}`, facts(report)]
  const parts = [table(groups), ...nodes(report), ...groups.map(details), ...horizon(report), ...notSeen(report)]
  const used = head.reduce((sum, part) => sum + bytes(part) + 2, 0)
  const kept = fitting(parts.filter((part) => part !== ''), MOST_BYTES - used)
  const left = parts.filter((part) => part !== '').length - kept.length
  const note = left === 0 ? [] : [`*${plural(left, 'part')} of this report did not fit; \`rtctl preflight\` prints all of it.*`]
  return `${[...head, ...kept, ...note].join('\n\n')}\n`
}

/** The parts that fit one after the other; what is too long is left out, and the others still have their place. */
function fitting(parts: readonly string[], most: number): readonly string[] {
  let left = most
  return parts.filter((part) => {
    const size = bytes(part) + 2
    if (size > left) return false
    left -= size
    return true
  })
}

function bytes(text: string): number {
  return Buffer.byteLength(text)
}

function facts(report: PreflightReport): string {
  const notes = [skippedText(report), acceptedText(report.findings)].filter((text) => text !== '').map((text) => ` ${inline(text)}.`)
  return `Looked at ${inline(subjectsText(report))}. Planned: ${inline(upgradeText(report))}.${notes.join('')}`
}

function table(groups: readonly Group[]): string {
  if (groups.length === 0) return ''
  const rows = groups.slice(0, 100).map(({severity, check, title, findings}) => `| ${MARKS[severity]} ${severity} | ${inline(title)} | ${code(check)} | ${findings.length} |`)
  const rest = groups.length > 100 ? [`| | … and ${plural(groups.length - 100, 'check')} more | | |`] : []
  return ['| Severity | What | Check | Places |', '|---|---|---|--:|', ...rows, ...rest].join('\n')
}

const MARKS: Readonly<Record<Severity, string>> = {blocker: '⛔', high: '🔴', medium: '🟠', low: '🔵', info: '⚪'}

function nodes(report: PreflightReport): readonly string[] {
  if (report.subjects.nodes.length < 2) return []
  const rows = fleetRows(report)
  const shown = rows.slice(0, 50).map(({name, kubelet, runtime, counts, verdict}) =>
    `| ${inline(name)} | ${inline(kubelet)} | ${inline(runtime)} | ${counts.blocker} | ${counts.high} | ${counts.medium} | ${verdict} |`)
  const rest = rows.length > 50 ? [`| … and ${plural(rows.length - 50, 'node')} more | | | | | | |`] : []
  return [folded(`${plural(rows.length, 'node')}, the easiest to migrate first`,
    ['| Node | Kubelet | Runtime | Blockers | High | Medium | Verdict |', '|---|---|---|--:|--:|--:|---|', ...shown, ...rest].join('\n'))]
}

function details({severity, check, title, findings, learnMore}: Group): string {
  const fixes = new Set(findings.map(({fix}) => fix))
  const shown = findings.slice(0, MOST_PLACES)
  const rest = findings.length - shown.length
  const parts = [
    shown.map((finding) => place(finding, fixes.size > 1)).join('\n'),
    ...(rest > 0 ? [`… and ${plural(rest, 'place')} more.`] : []),
    ...(fixes.size === 1 ? [`**Fix:** ${fixText(findings[0]!.fix, '')}`] : []),
    more(check, learnMore),
  ]
  return folded(`<b>${severity}</b>: ${inline(title)} (${countOf(severity, findings.length)})`, parts.join('\n\n'))
}

function more(check: string, learnMore: string): string {
  if (!isWebPage(learnMore)) return `More: ${code(learnMore)}`
  const explain = code(`rtctl explain ${check}`)
  return /[<>()]/.test(learnMore) ? `More: ${explain}` : `[More](${learnMore}), or ${explain}`
}

function place({place: at, text, evidence, fix}: Finding, withFix: boolean): string {
  return [
    `- ${code(placeText(at))}: ${inline(text)}`,
    ...evidence.slice(0, 5).map((proof) => `  - ${code(`${proof.source}: ${proof.text}`)}`),
    ...(withFix ? [`  - **Fix:** ${fixText(fix, '    ')}`] : []),
  ].join('\n')
}

/** Advice of one line as text, of several as a block of code: it has stanzas. */
function fixText(fix: string, indent: string): string {
  const lines = fix.trimEnd().split('\n').map(visible)
  if (lines.length === 1) return inline(fix)
  const fence = '`'.repeat(Math.max(3, longestRun(fix) + 1))
  return ['', '', fence, ...lines, fence].join(`\n${indent}`)
}

function horizon({horizon: rows}: PreflightReport): readonly string[] {
  if (rows.length === 0) return []
  const lines = horizonGroups(rows).slice(0, 50).map(({product, version, severity, subjects, text}) =>
    `| ${product} ${inline(version)} | ${severity} | ${inline(subjects)} | ${inline(text)} |`)
  return [folded('Horizon: the first version that breaks something', ['| Version | Severity | Subject | Why |', '|---|---|---|---|', ...lines].join('\n'))]
}

function notSeen({undecided, gaps, skipped}: PreflightReport): readonly string[] {
  const list = (items: readonly string[]): string => [...items.slice(0, 50).map((item) => `- ${item}`), ...(items.length > 50 ? [`- … and ${items.length - 50} more`] : [])].join('\n')
  return [
    ...(undecided.length === 0 ? [] : [folded(`Undecided: ${plural(undecided.length, 'answer')} that checks could not give`, list(undecided.map(({check, subject, source, reason}) =>
      `${code(check)} at ${inline(subject)}: ${inline(source)}: ${inline(reason)}`)))]),
    ...(gaps.length === 0 ? [] : [folded(`Could not look: ${plural(gaps.length, 'gap')}`, list(gaps.map(({what, source, reason, next}) =>
      `${inline(what)}: ${inline(reason)} (${inline(source)}). ${inline(next)}`)))]),
    ...(skipped.length === 0 ? [] : [folded(`Skipped: ${plural(skippedFiles({skipped}), 'file')}`, list(skipped.map(({file, line, reason}) =>
      `${code(`${file}${line === undefined ? '' : `:${line}`}`)}: ${inline(reason)}`)))]),
  ]
}

/** The blank lines make what is inside Markdown again. */
function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`
}

/** A sentence: what stands between backquotes becomes code, as in the texts of the checks. */
function inline(text: string): string {
  const parts = shortened(visible(text), 2 * LONGEST).split(/`([^`]+)`/)
  return parts.map((part, index) => (index % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part))).join('')
}

/** A code span, in HTML: backquotes and pipes of the text cannot end it. */
function code(text: string): string {
  return `<code>${escaped(shortened(visible(text), LONGEST))}</code>`
}

/**
 * Text of a stranger: what Markdown or HTML would take for markup becomes a character reference, which neither does. GitHub and GitLab
 * look for people and issues in the text that comes out of that, so `@` and `#` are parted from what follows by a space of no width.
 */
function escaped(text: string): string {
  return text.replace(/[&<>"`*_~[\]|\\]|[@#!]|:(?=\/\/)|(?<=www)\./g, (character) =>
    '@#!'.includes(character) ? `${character}&#8203;` : `&#${character.charCodeAt(0)};`)
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length))
}
