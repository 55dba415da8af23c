// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import type {InspectReport, RuntimeChain} from '../model/chain.ts'
import {graphOf} from './graph.ts'
import {containersSection} from './html/containers.ts'
import {escapeHtml, joined} from './html/escape.ts'
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
  return `${joined([
    '<!doctype html>',
    '<html lang="en">',
    head(report),
    '<body>',
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
    `<footer>Made by rtctl ${escapeHtml(report.rtctl)}, report format ${report.schemaVersion}. This page loads nothing and runs no script.</footer>`,
    '</body>',
    '</html>',
  ])}\n`
}

function head({host}: InspectReport): string {
  const hash = createHash('sha256').update(STYLE).digest('base64')
  return joined([
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'none'; style-src 'sha256-${hash}'; img-src data:; base-uri 'none'; form-action 'none'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeHtml(host.name)}: container runtime chain</title>`,
    '<link rel="icon" href="data:,">',
    `<style>${STYLE}</style>`,
    '</head>',
  ])
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
