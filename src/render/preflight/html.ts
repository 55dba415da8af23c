// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {Finding, PreflightReport} from '../../model/preflight.ts'
import {escapeHtml, joined} from '../html/escape.ts'
import {pageOf} from '../html/page.ts'
import {section} from '../html/sections.ts'
import {STYLE} from '../html/style.ts'
import {shortened} from '../shorten.ts'
import {fleetRows} from './fleet.ts'
import {acceptedText, counting, fileOf, type Group, grouped, horizonGroups, isWebPage, placeText, SEVERITIES, SEVERITY_WORDS, skippedText, subjectOf, subjectsText, upgradeText} from './words.ts'

/** What this page has besides the page of `rtctl inspect`. */
const MORE_STYLE = `
.verdict{display:inline-block;margin:10px 0 0;padding:8px 16px;border-radius:9px;border:1px solid var(--rule);font-weight:650}
.verdict.no-go{border-color:var(--bad);color:var(--bad);background:var(--bad-wash)}.verdict.incomplete{border-color:var(--warn);color:var(--warn);background:var(--warn-wash)}
.verdict.go{border-color:var(--good);color:var(--good)}
.item.blocker,.item.high{border-left-color:var(--bad)}.item.medium{border-left-color:var(--warn)}.item.low,.item.info{border-left-color:var(--accent)}
.blocker .tag,.high .tag{color:var(--bad)}.medium .tag{color:var(--warn)}
.counts .high,.counts .blocker{border-color:var(--bad)}.counts .medium{border-color:var(--warn)}
.places{display:grid;gap:10px;margin:10px 0;padding:0;list-style:none}.places>li{padding-top:10px;border-top:1px solid var(--rule);break-inside:avoid}
.places .where{font-weight:600;color:var(--ink)}
.fix{margin:8px 0 0;padding:10px 14px;border-radius:8px;background:var(--band)}.fix b{display:block;color:var(--good);font-size:12.5px}
.fix pre{margin:0;white-space:pre-wrap;font-family:var(--mono);font-size:.88em}
td.no-go{color:var(--bad);font-weight:650}td.go{color:var(--good);font-weight:650}td.incomplete{color:var(--warn);font-weight:650}
ul.proofs{margin:4px 0 0;padding:0;list-style:none;color:var(--soft);font-size:13px}
a{color:var(--accent)}
.plain{margin:0;padding:0 0 0 18px}
`
const SHEET = STYLE + MORE_STYLE
/** Characters of one piece of evidence. */
const LONGEST = 1000

/** The report as one HTML page that loads nothing and runs nothing: light, dark, and for printing. All findings are in it. */
export function renderPreflightHtml(report: PreflightReport): string {
  const findings = counting(report.findings)
  return pageOf({
    title: report.verdict.sentence, style: SHEET, rtctl: report.rtctl, schemaVersion: report.schemaVersion,
    body: [
      header(report),
      '<main>',
      nodes(report),
      ...SEVERITIES.map((severity) => severitySection(findings, severity)),
      findings.length === 0 ? section('findings', 'Findings', '', '<span class="none">None that counts.</span>') : '',
      horizon(report),
      undecided(report),
      gaps(report),
      skipped(report),
      accepted(report),
      '</main>',
    ],
  })
}

function header(report: PreflightReport): string {
  const {verdict, findings} = report
  const counts = SEVERITIES.map((severity) => `<li${verdict.counts[severity] === 0 ? '' : ` class="${severity}"`}><b>${verdict.counts[severity]}</b>${severity}</li>`)
  const facts = [`Looked at ${subjectsText(report)}`, `planned: ${upgradeText(report)}`, skippedText(report), acceptedText(findings)].filter(Boolean)
  return joined([
    '<header>',
    '<p class="eyebrow">rtctl preflight</p>',
    `<h1>${escapeHtml(verdict.sentence)}</h1>`,
    `<p class="where">${facts.map(escapeHtml).join(' · ')}</p>`,
    `<p class="verdict ${verdict.answer}">${verdict.answer}</p>`,
    `<ul class="counts">${counts.join('')}</ul>`,
    '</header>',
  ])
}

function nodes(report: PreflightReport): string {
  if (report.subjects.nodes.length < 2) return ''
  const rows = fleetRows(report).map(({name, kubelet, runtime, counts, undecided: open, verdict}) => [
    `<tr><th scope="row">${escapeHtml(name)}</th>`, ...[kubelet, runtime].map((each) => `<td>${escapeHtml(each)}</td>`),
    ...[counts.blocker, counts.high, counts.medium, counts.low, open].map((each) => `<td class="number">${each}</td>`),
    `<td class="${verdict}">${verdict}</td></tr>`,
  ].join(''))
  return section('nodes', 'Nodes, the easiest to migrate first', String(rows.length),
    table(['Node', 'Kubelet', 'Runtime', '#Blockers', '#High', '#Medium', '#Low', '#Undecided', 'Verdict'], rows))
}

/** A table; `#` in front of a heading: a column of numbers. */
function table(headings: readonly string[], rows: readonly string[]): string {
  const cells = headings.map((each) => (each.startsWith('#') ? `<th scope="col" class="number">${each.slice(1)}</th>` : `<th scope="col">${each}</th>`))
  return `<div class="scroll"><table><thead><tr>${cells.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`
}

function severitySection(findings: readonly Finding[], severity: Severity): string {
  const groups = grouped(findings, severity)
  if (groups.length === 0) return ''
  const number = groups.reduce((sum, {findings: those}) => sum + those.length, 0)
  return section(severity, SEVERITY_WORDS[severity], String(number), `<ul class="items">${groups.map(group).join('')}</ul>`, false)
}

function group({check, severity, title, learnMore, findings}: Group): string {
  const fixes = new Set(findings.map(({fix}) => fix))
  const link = isWebPage(learnMore) ? `<p class="next"><a href="${escapeHtml(learnMore)}" rel="noreferrer">${escapeHtml(learnMore)}</a></p>` : ''
  return `<li class="item ${severity}"><span class="tag">${severity} <code>${escapeHtml(check)}</code></span><p class="what">${prose(title)}</p>`
    + `<ul class="places">${findings.map((finding) => place(finding, fixes.size > 1)).join('')}</ul>`
    + `${fixes.size === 1 ? fixBox(findings[0]!.fix) : ''}${link}</li>`
}

function place({place: at, text, evidence, fix}: Finding, withFix: boolean): string {
  const where = [at.kind === 'manifest' && at.object === undefined ? '' : subjectOf(at), fileOf(at)].filter(Boolean)
  const proofs = evidence.map(({source, text: words}) => `<li>${escapeHtml(source)}: <code>${escapeHtml(shortened(words, LONGEST))}</code></li>`)
  return `<li><p class="where">${where.map(escapeHtml).join(' · ')}</p><p>${prose(text)}</p>`
    + `${proofs.length === 0 ? '' : `<ul class="proofs">${proofs.join('')}</ul>`}${withFix ? fixBox(fix) : ''}</li>`
}

function fixBox(fix: string): string {
  const lines = fix.trimEnd().split('\n')
  return `<div class="fix"><b>Fix</b>${lines.length === 1 ? `<p>${prose(fix)}</p>` : `<pre>${lines.map(escapeHtml).join('\n')}</pre>`}</div>`
}

/** A sentence: what stands between backquotes becomes code. */
function prose(text: string): string {
  return text.split(/`([^`]+)`/).map((part, index) => (index % 2 === 1 ? `<code>${escapeHtml(part)}</code>` : escapeHtml(part))).join('')
}

function horizon({horizon: rows}: PreflightReport): string {
  if (rows.length === 0) return ''
  return section('horizon', 'Horizon: the first version that breaks something', String(rows.length), table(['Version', 'Severity', 'Subject', 'Why'], horizonGroups(rows).map((row) =>
    `<tr><th scope="row">${escapeHtml(`${row.product} ${row.version}`)}</th><td>${row.severity}</td><td>${escapeHtml(row.subjects)}</td><td>${prose(row.text)}</td></tr>`)))
}

function undecided({undecided: open}: PreflightReport): string {
  return list('undecided', 'Undecided: checks that could not tell', open.map(({check, subject, source, reason}) => `${check} at ${subject}: ${source}: ${reason}`))
}

function gaps({gaps: all}: PreflightReport): string {
  return list('gaps', 'Could not look', all.map(({what, source, reason, next}) => `${what}: ${reason} (${source}). ${next}`))
}

function skipped({skipped: files}: PreflightReport): string {
  return list('skipped', 'Skipped', files.map(({file, line, reason}) => `${file}${line === undefined ? '' : `:${line}`}: ${reason}`))
}

function accepted({findings}: PreflightReport): string {
  return list('accepted', 'Accepted', findings.flatMap(({accepted: by, check, place: at}) => {
    if (by === undefined) return []
    const why = by.by === 'waiver' ? `waived: ${by.reason}${by.expires === undefined ? '' : ` (until ${by.expires})`}` : {baseline: 'in the baseline', ignore: 'the check is ignored'}[by.by]
    return [`${check} at ${placeText(at)}: ${why}`]
  }))
}

function list(id: string, title: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  return section(id, title, String(items.length), `<ul class="plain">${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`)
}
