// SPDX-License-Identifier: Apache-2.0
import type {InspectReport, Oddity, RuntimeChain} from '../model/chain.ts'
import type {Style} from './style.ts'
import {drawChains} from './tree/chains.ts'
import {listContainers} from './tree/containers.ts'
import {factRows} from './tree/facts.ts'
import {item, spread, wrapped} from './tree/lines.ts'
import {visible} from './visible.ts'

export interface TreeOptions {
  readonly style: Style
  /** columns of the terminal; the picture uses 60 to 100 of them */
  readonly width: number
  /** list every container */
  readonly containers: boolean
  /** say at each hop what it does and why it exists */
  readonly explain: boolean
}

/** The picture of a host for a terminal: the chains, then the facts, then what is odd, loose or could not be seen. */
export function renderTree(report: InspectReport, options: TreeOptions): string {
  const width = Math.min(100, Math.max(60, options.width))
  const {chain} = report
  const {style} = options
  const lines = [
    ...header(report, style, width),
    '',
    ...(chain.chains.length === 0 ? [...nothing(chain), ''] : drawChains(chain, {...options, width})),
    ...(options.containers ? listContainers(chain, style) : []),
    ...factLines(chain, style, width),
    ...orphans(chain, style, width),
    ...oddities(chain.oddities, style, width),
    ...gaps(chain, style, width),
  ]
  return `${lines.join('\n').trimEnd()}\n`
}

function header({host}: InspectReport, style: Style, width: number): readonly string[] {
  const facts = [host.os, host.kernel && `kernel ${host.kernel}`].filter(Boolean).join(', ')
  const time = host.time === undefined ? '' : `${host.time.slice(0, 16).replace('T', ' ')} UTC`
  const name = visible(host.name)
  return [
    ...spread(name, visible(time), width).map(({left, right}, row) => (row === 0 ? style.bold(name) + left.slice(name.length) : left) + style.dim(right)),
    ...wrapped(visible(facts), width).map((line) => style.dim(line)),
  ]
}

function nothing(chain: RuntimeChain): readonly string[] {
  // Filters leave the daemons in the report: something runs here, but none of its containers is asked for.
  if (chain.nodes.length > 0) return ['No container here is one that was asked for.']
  return [chain.gaps.length > 0 ? 'No container runtime seen; not everything could be looked at.' : 'No container runtime runs here.']
}

function factLines(chain: RuntimeChain, style: Style, width: number): readonly string[] {
  const rows = factRows(chain)
  if (rows.length === 0) return []
  const label = Math.max(...rows.map(([name]) => name.length)) + 2
  const lines = rows.flatMap(([name, value]) =>
    wrapped(value, width - label - 2).map((text, index) => `  ${style.dim((index === 0 ? name : '').padEnd(label))}${text}`),
  )
  return [style.bold('Facts'), ...lines, '']
}

function orphans(chain: RuntimeChain, style: Style, width: number): readonly string[] {
  if (chain.orphans.length === 0) return []
  const lines = chain.orphans.flatMap(({text, pids}) =>
    item('  ! ', pids.length > 6 ? text : `${text} (pid ${pids.join(', ')})`, width),
  )
  return [style.bold('Orphans'), ...lines.map((line) => style.yellow(line)), '']
}

function oddities(found: readonly Oddity[], style: Style, width: number): readonly string[] {
  if (found.length === 0) return []
  const lines = found.flatMap(({level, text, next}, index) => [
    ...item(level === 'problem' ? '  ! ' : '  · ', text, width).map((line) => (level === 'problem' ? style.red(line) : line)),
    // Once for several in a row with the same way out.
    ...(next === undefined || next === found[index + 1]?.next ? [] : item('    ', next, width).map((line) => style.dim(line))),
  ])
  return [style.bold('Odd'), ...lines, '']
}

function gaps(chain: RuntimeChain, style: Style, width: number): readonly string[] {
  if (chain.gaps.length === 0) return []
  const steps = Map.groupBy(chain.gaps, ({next}) => next)
  const lines = [...steps].flatMap(([next, those]) => [
    ...those.flatMap(({what, source, reason}) => item('  ? ', `${what}: ${reason} (${source})`, width)),
    ...item('    ', next, width).map((line) => style.dim(line)),
  ])
  return [style.bold('Not seen'), ...lines, '']
}
