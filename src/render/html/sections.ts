// SPDX-License-Identifier: Apache-2.0
import type {Chain, ChainEdge, ChainNode, Evidence, InspectReport, RuntimeChain, Status} from '../../model/chain.ts'
import {containersText, counted, evidenceText, ORPHAN, pidsText, STATUS, VIA} from '../words.ts'
import {escapeHtml, joined} from './escape.ts'
import {statusMark} from './svg.ts'

/** A status as a mark of 16 pixels beside text; its words are for those who do not see it. */
export function stateOf(status: Status): string {
  return `<span class="state"><svg class="${status}" width="16" height="16" role="img" aria-label="${STATUS[status]}">${statusMark(8, 8, status)}</svg></span>`
}

/** What the marks mean. */
export function legend(): string {
  const entries = (['observed', 'configured', 'broken'] as const).map((status) => (
    `<li><svg class="${status}" width="16" height="16" aria-hidden="true">${statusMark(8, 8, status)}</svg><span>${status}: ${STATUS[status]}</span></li>`))
  return `<ul class="legend">${entries.join('')}</ul>`
}

/** The facts an operator asks first; a fact that is not known has no row. */
export function factsSection({chain: {summary}}: InspectReport): string {
  const {criEndpoint, cgroup} = summary
  const versions = Object.entries(summary.versions).toSorted(([a], [b]) => (a < b ? -1 : 1))
  const rows = [
    fact('Kubelet', summary.kubelet ?? ''),
    fact('CRI endpoint in use', criEndpoint?.inUse ?? ''),
    fact('CRI endpoint configured', criEndpoint?.configured ?? '', criEndpoint?.configured === undefined ? '' : criEndpoint.source),
    fact('CRI versions', summary.criVersions ?? ''),
    fact('Cgroups', cgroup.mode === undefined ? '' : `cgroup ${cgroup.mode}`),
    fact('Cgroup driver', [['kubelet', cgroup.kubelet], ['runtime', cgroup.runtime]].flatMap(([who, driver]) => (driver === undefined ? [] : [`${who}: ${driver}`])).join(', ')),
    fact('OCI runtimes', summary.ociRuntimes.join(', ')),
    fact('RuntimeClass handlers', summary.handlers.join(', ')),
    fact('Storage', summary.storage.join(', ')),
    fact('Logs', summary.logging.join(', ')),
    fact('Versions', versions.map(([name, version]) => `${name} ${version}`).join(', ')),
  ]
  return section('facts', 'Facts', '', `<dl class="facts">${rows.join('')}</dl>`)
}

function fact(name: string, value: string, source = ''): string {
  const from = source === '' ? '' : `<small>from ${escapeHtml(source)}</small>`
  return value === '' ? '' : `<div><dt>${name}</dt><dd>${escapeHtml(value)}${from}</dd></div>`
}

/** A section with a heading; `count` stands beside it in grey. */
export function section(id: string, title: string, count: string, content: string, card = true): string {
  const number = count === '' ? '' : `<span class="n">${count}</span>`
  return joined([
    `<section aria-labelledby="${id}"><h2 id="${id}">${title}${number}</h2>`,
    card ? `<div class="card">${content}</div>` : content,
    '</section>',
  ])
}

/** What does not fit together, problems first, each with its evidence. */
export function odditiesSection({oddities}: RuntimeChain): string {
  if (oddities.length === 0) return section('odd', 'What is odd', '', '<span class="none">Nothing that rtctl knows of.</span>')
  const sorted = [...oddities.filter(({level}) => level === 'problem'), ...oddities.filter(({level}) => level === 'note')]
  return section('odd', 'What is odd', String(oddities.length), items(sorted.map((oddity) => item(
    oddity.level, `${oddity.level === 'problem' ? 'Problem' : 'Note'} <code>${escapeHtml(oddity.id)}</code>`, oddity.text, oddity.next ?? '', oddity.evidence))), false)
}

/** What hangs loose. */
export function orphansSection({orphans}: RuntimeChain): string {
  if (orphans.length === 0) return ''
  return section('orphans', 'Orphans', String(orphans.length), items(orphans.map((orphan) => {
    const more = [pidsText(orphan.pids), orphan.containers.length === 0 ? '' : counted(orphan.containers.length, 'container')]
    return item('orphan', [ORPHAN[orphan.kind], ...more].filter((each) => each !== '').join(' · '), orphan.text, '', orphan.evidence)
  })), false)
}

/** What could not be looked at. */
export function gapsSection({gaps}: RuntimeChain): string {
  if (gaps.length === 0) return ''
  return section('gaps', 'Could not look', String(gaps.length), items(gaps.map((gap) => item(
    'gap', `Not known <code>${escapeHtml(gap.reason)}</code>`, `${gap.what}: ${gap.source}`, gap.next, []))), false)
}

function items(list: readonly string[]): string {
  return `<ul class="items">${list.join('\n')}</ul>`
}

/** `tag` is HTML already; everything else is host text. */
function item(kind: string, tag: string, what: string, next: string, evidence: readonly Evidence[]): string {
  return joined([
    `<li class="item ${kind}"><span class="tag">${tag}</span><p class="what">${escapeHtml(what)}</p>`,
    next === '' ? '' : `<p class="next"><b>Next:</b> ${escapeHtml(next)}</p>`,
    evidenceList(evidence),
    '</li>',
  ])
}

function evidenceList(evidence: readonly Evidence[]): string {
  if (evidence.length === 0) return ''
  const rows = evidence.map((each) => `<li><span class="kind">${each.kind}</span><span>${escapeHtml(evidenceText(each))}</span></li>`)
  return `<ul class="evidence">${rows.join('')}</ul>`
}

/** Every chain from top to bottom in words, with the evidence of each hop. */
export function chainsSection(chain: RuntimeChain): string {
  if (chain.chains.length === 0) return ''
  const nodes = new Map(chain.nodes.map((node) => [node.id, node]))
  const cards = chain.chains.map((each) => chainCard(each, chain, nodes))
  return section('chains', 'Hop by hop', '', `<div class="chains">${cards.join('\n')}</div>`, false)
}

function chainCard(each: Chain, chain: RuntimeChain, nodes: ReadonlyMap<string, ChainNode>): string {
  const ids = new Set(each.containers)
  const containers = chain.containers.filter(({id}) => ids.has(id))
  const inside = chain.nested.find(({id}) => id === each.inside)
  const hops = each.nodes.flatMap((id, index) => {
    const node = nodes.get(id)
    const edge = chain.edges.find(({from, to}) => from === each.nodes[index - 1] && to === id)
    return node ? [hop(node, edge)] : []
  })
  const end = containers.length === 0 ? '' : `<li>${stateOf(each.status)}<strong>${containersText(containers).map((line) => escapeHtml(line)).join(', ')}</strong></li>`
  const where = inside === undefined ? '' : `<small>inside ${escapeHtml(inside.label)}</small>`
  return `<div class="card keep"><h3>${stateOf(each.status)}<span>${escapeHtml(each.title)}</span>${where}</h3><ol class="hops">${hops.join('\n')}${end}</ol></div>`
}

function hop(node: ChainNode, edge: ChainEdge | undefined): string {
  const facts = [node.version ?? '', pidsText(node.pids), ...node.notes].filter((each) => each !== '').map((each) => escapeHtml(each)).join(' · ')
  const evidence = [...(edge?.evidence ?? []), ...node.evidence]
  return joined([
    `<li>${stateOf(node.status)}${edge === undefined ? '' : via(edge)}`,
    `<strong>${escapeHtml(node.label)}</strong> <span class="facts">${facts}</span>`,
    evidence.length === 0 ? '' : `<details><summary>evidence (${evidence.length})</summary>${evidenceList(evidence)}</details>`,
    '</li>',
  ])
}

function via({via: how, status, address}: ChainEdge): string {
  const words = VIA[how] + (status === 'observed' ? '' : `, ${status}`)
  return `<span class="via ${status}">${words}${address === undefined ? '' : ` over <code>${escapeHtml(address)}</code>`}</span>`
}

/** Components that run beside the chains. */
export function besideSection({beside, nested}: RuntimeChain): string {
  if (beside.length === 0) return ''
  const rows = beside.map(({component, pids, inside, talksTo}) => {
    const where = inside === undefined ? 'host' : (nested.find(({id}) => id === inside)?.label ?? inside)
    const sockets = talksTo.length === 0 ? '<span class="none">no runtime socket</span>' : talksTo.map((path) => `<code>${escapeHtml(path)}</code>`).join('<br>')
    return `<tr><th scope="row">${escapeHtml(component)}</th><td>${pids.join(', ')}</td><td>${escapeHtml(where)}</td><td>${sockets}</td></tr>`
  })
  return section('beside', 'Beside the chains', String(beside.length), joined([
    '<table><thead><tr><th scope="col">Component</th><th scope="col">Pids</th><th scope="col">Where</th><th scope="col">Talks to</th></tr></thead>',
    `<tbody>${rows.join('\n')}</tbody></table>`,
  ]))
}
