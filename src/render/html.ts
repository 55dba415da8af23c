// SPDX-License-Identifier: Apache-2.0
import type {InspectReport, RuntimeChain} from '../model/chain.ts'
import {graphOf} from './graph.ts'
import {containersSection} from './html/containers.ts'
import {escapeHtml, joined} from './html/escape.ts'
import {pageOf} from './html/page.ts'
import {besideSection, chainsSection, factsSection, gapsSection, legend, odditiesSection, orphansSection, section} from './html/sections.ts'
import {STYLE} from './html/style.ts'
import {pictureOf} from './html/svg.ts'
import {counted} from './words.ts'

/** A picture up to this width leaves room for the facts at its side. */
const NARROW = 800

/**
 * The report as one HTML file that needs nothing else: no script, no request, no font. Its content security
 * policy allows only its own style sheet, so that host text could do nothing even if it were not escaped.
 */
export function renderHtml(report: InspectReport): string {
  const {chain} = report
  return pageOf({
    title: `${report.host.name}: container runtime chain`, style: STYLE, rtctl: report.rtctl, schemaVersion: report.schemaVersion,
    body: [
      header(report),
      '<main>',
      overview(report),
      odditiesSection(chain),
      orphansSection(chain),
      gapsSection(chain),
      chainsSection(chain),
      besideSection(chain),
      containersSection(chain),
      '</main>',
    ],
  })
}

function header({host, chain}: InspectReport): string {
  const where = [host.os, host.kernel, host.architecture, host.time].filter((each) => each !== undefined)
  return joined([
    '<header>',
    '<p class="eyebrow">Container runtime chain</p>',
    `<h1>${escapeHtml(host.name)}</h1>`,
    `<p class="where">${where.map((each) => escapeHtml(each)).join(' · ')}</p>`,
    `<ul class="counts">${countsOf(chain).join('')}</ul>`,
    '</header>',
  ])
}

function countsOf(chain: RuntimeChain): readonly string[] {
  const containers = chain.containers.filter(({kind}) => kind === 'container').length
  const problems = chain.oddities.filter(({level}) => level === 'problem').length
  const count = (number: number, noun: string, kind = ''): string => (
    `<li${kind === '' || number === 0 ? '' : ` class="${kind}"`}><b>${number}</b>${counted(number, noun).slice(String(number).length + 1)}</li>`)
  return [
    count(chain.chains.length, 'chain'),
    count(containers, 'container'),
    ...(chain.nested.length > 0 ? [count(chain.nested.length, 'nested machine')] : []),
    count(problems, 'problem', 'problem'),
    count(chain.oddities.length - problems, 'note'),
    count(chain.orphans.length, 'orphan', 'gap'),
    count(chain.gaps.length, 'gap', 'gap'),
  ]
}

function overview(report: InspectReport): string {
  const graph = graphOf(report)
  const facts = factsSection(report)
  if (graph.boxes.length + graph.orphans.length === 0) {
    const doubt = report.chain.gaps.length === 0 ? 'Nothing runs here, and nothing is configured.' : 'Not everything could be looked at: see below.'
    const empty = `<div class="empty"><strong>No container runtime found</strong>${doubt}</div>`
    return `${section('picture', 'The chain', '', empty)}\n<div class="wide">${facts}</div>`
  }
  const {svg, width} = pictureOf(graph, `Container runtime chain of ${report.host.name}`, description(report.chain))
  const picture = section('picture', graph.chains.length > 1 ? 'The chains' : 'The chain', '', `<div class="card canvas">${svg}${legend()}</div>`, false)
  return width <= NARROW
    ? `<div class="overview beside">${picture}\n${facts}</div>`
    : `${picture}\n<div class="wide">${facts}</div>`
}

/** What the picture shows, for those who do not see it. */
function description(chain: RuntimeChain): string {
  const labels = new Map(chain.nodes.map(({id, label}) => [id, label]))
  const chains = chain.chains.map(({title, nodes, status}) => `${title} (${status}): ${nodes.flatMap((id) => labels.get(id) ?? []).join(', then ')}.`)
  return [...chains, chain.orphans.length === 0 ? '' : `${counted(chain.orphans.length, 'orphan')}.`].filter((each) => each !== '').join(' ')
}
