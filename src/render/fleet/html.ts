// SPDX-License-Identifier: Apache-2.0
import type {Severity} from '../../model/check.ts'
import type {FleetReport, SharedFinding} from '../../model/fleet.ts'
import {escapeHtml, joined} from '../html/escape.ts'
import {pageOf} from '../html/page.ts'
import {section} from '../html/sections.ts'
import {STYLE} from '../html/style.ts'
import {plural, SEVERITIES, SEVERITY_WORDS} from '../preflight/words.ts'
import {ageText, breaksText, factsText, runtimeText, stretchesOf} from './words.ts'

const SHEET = `${STYLE}
.verdict{display:inline-block;margin:10px 0 0;padding:8px 16px;border-radius:9px;border:1px solid var(--rule);font-weight:650}
.verdict.no-go{border-color:var(--bad);color:var(--bad);background:var(--bad-wash)}.verdict.incomplete{border-color:var(--warn);color:var(--warn);background:var(--warn-wash)}
.verdict.go,td.go{color:var(--good)}td.no-go{color:var(--bad)}td.incomplete{color:var(--warn)}
.item.blocker,.item.high{border-left-color:var(--bad)}.item.medium{border-left-color:var(--warn)}.item.low,.item.info{border-left-color:var(--accent)}
.fix{margin:8px 0 0;white-space:pre-wrap;font-family:var(--mono);font-size:.88em}
.plain{margin:0;padding:0 0 0 18px}
tr.pool th{color:var(--soft)}
`

/** The report as one HTML page that loads nothing and runs nothing. All nodes and findings are in it. */
export function renderFleetHtml(report: FleetReport): string {
  return pageOf({
    title: report.verdict.sentence, style: SHEET, rtctl: report.rtctl, schemaVersion: report.schemaVersion,
    body: [
      header(report), '<main>', nodes(report),
      list('silent', 'Did not answer', report.silent.map(({name, text}) => `${name}: ${text}`)),
      list('gone', 'Gone from the cluster', report.gone.map(({name, time}) => `${name}: report of ${time}`)),
      ...SEVERITIES.map((severity) => findings(report, severity)),
      list('undecided', 'Could not tell', report.undecided.map(({what, nodes: names, example}) => `${what}: ${names.join(', ')}. ${example.node}: ${example.reason}`)),
      list('unreadable', 'Reports that cannot be read', report.unreadable.map(({source, reason}) => `${source}: ${reason}`)),
      list('gaps', 'Could not look', report.gaps.map(({what, source, reason, next}) => `${what}: ${reason} (${source}). ${next}`)),
      '</main>',
    ],
  })
}

function header(report: FleetReport): string {
  const {answer, sentence, reasons} = report.verdict
  return joined([
    '<header>', '<p class="eyebrow">rtctl fleet</p>', `<h1>${escapeHtml(sentence)}</h1>`, `<p class="where">${escapeHtml(factsText(report))}</p>`,
    `<p class="verdict ${answer}">${answer}</p>`,
    reasons.length === 0 ? '' : `<ul class="plain">${reasons.map((reason) => `<li>${escapeHtml(reason)}</li>`).join('')}</ul>`,
    '</header>',
  ])
}

function nodes(report: FleetReport): string {
  if (report.nodes.length === 0) return ''
  const headings = ['Node', 'Kubelet', 'Runtime', '#Blockers', '#High', '#Medium', 'Breaks at', '#Age', 'Verdict']
  const rows = stretchesOf(report).flatMap(({title, nodes: those}) => [
    `<tr class="pool"><th scope="rowgroup" colspan="${headings.length}">${escapeHtml(title)} (${those.length})</th></tr>`,
    ...those.map((node) => {
      const {name, kubelet, counts, ageSeconds, verdict} = node
      const cells = [kubelet, runtimeText(node)].map((each) => `<td>${escapeHtml(each)}</td>`)
      const numbers = [counts.blocker, counts.high, counts.medium].map((each) => `<td class="number">${each}</td>`)
      return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.join('')}${numbers.join('')}<td>${escapeHtml(breaksText(node))}</td><td class="number">${ageText(ageSeconds)}</td><td class="${verdict}">${verdict}</td></tr>`
    }),
  ])
  const cells = headings.map((each) => (each.startsWith('#') ? `<th scope="col" class="number">${each.slice(1)}</th>` : `<th scope="col">${each}</th>`))
  return section('nodes', 'Nodes, in the order in which to migrate them', String(report.nodes.length),
    `<div class="scroll"><table><thead><tr>${cells.join('')}</tr></thead><tbody>${rows.join('')}</tbody></table></div>`)
}

function findings(report: FleetReport, severity: Severity): string {
  const those = report.findings.filter((finding) => finding.severity === severity)
  if (those.length === 0) return ''
  return section(severity, SEVERITY_WORDS[severity], String(those.length), `<ul class="items">${those.map((each) => one(each, report.nodes.length)).join('')}</ul>`, false)
}

function one({check, severity, title, example, nodes: names}: SharedFinding, all: number): string {
  return `<li class="item ${severity}"><span class="tag">${severity} <code>${escapeHtml(check)}</code></span><p class="what">${escapeHtml(title)}</p>`
    + `<p>${names.length} of ${plural(all, 'node')}: ${names.map(escapeHtml).join(', ')}</p><p>${escapeHtml(`${example.node}: ${example.text}`)}</p><p class="fix">${example.fix.trimEnd().split('\n').map(escapeHtml).join('\n')}</p></li>`
}

function list(id: string, title: string, items: readonly string[]): string {
  if (items.length === 0) return ''
  return section(id, title, String(items.length), `<ul class="plain">${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('')}</ul>`)
}
