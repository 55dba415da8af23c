// SPDX-License-Identifier: Apache-2.0
import type {Status} from '../../model/chain.ts'
import type {Graph} from '../graph.ts'
import {shortened} from '../shorten.ts'
import {STATUS} from '../words.ts'
import type {BoxText} from './box-text.ts'
import {escapeHtml, joined} from './escape.ts'
import {BOX_WIDTH, type Layout, layoutOf, pixels, type PlacedArrow, type PlacedBox, type PlacedLabel, type Rectangle} from './layout.ts'
import {squeezed, wrapped} from './text.ts'
import {visible} from '../visible.ts'

/** A wider picture is scrolled on the screen: shrunk to the page's width it could not be read. */
const LEGIBLE = 1700

/** The drawing as an SVG element, and its width in pixels. */
export interface Picture {
  readonly svg: string
  readonly width: number
}

/** Draws the graph. Rectangles carry `data-kind`, so that a test can measure them in a browser. */
export function pictureOf(graph: Graph, title: string, description: string): Picture {
  const layout = layoutOf(graph)
  const size = `width="${pixels(layout.width)}" height="${pixels(layout.height)}" viewBox="0 0 ${pixels(layout.width)} ${pixels(layout.height)}"`
  const svg = joined([
    `<svg class="graph${layout.width > LEGIBLE ? ' vast' : ''}" xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="graph-title graph-description">`,
    `<title id="graph-title">${escapeHtml(title)}</title>`,
    `<desc id="graph-description">${escapeHtml(description)}</desc>`,
    ...layout.machines.map((machine) => machineFrame(machine)),
    ...layout.bands.map((band) => bandOf(band)),
    ...layout.headings.map((heading) => headingOf(heading)),
    ...layout.arrows.map((arrow) => arrowOf(arrow)),
    ...layout.labels.map((label) => labelOf(label)),
    ...layout.boxes.map((box) => boxOf(box)),
    orphansOf(layout),
    '</svg>',
  ])
  return {svg, width: layout.width}
}

function rectangle({x, y, width, height}: Rectangle, more: string): string {
  return `<rect x="${pixels(x)}" y="${pixels(y)}" width="${pixels(width)}" height="${pixels(height)}" ${more}/>`
}

function text(x: number, y: number, kind: string, content: string): string {
  return `<text x="${pixels(x)}" y="${pixels(y)}" class="${kind}">${escapeHtml(content)}</text>`
}

function machineFrame(machine: Layout['machines'][number]): string {
  const title = squeezed(visible(machine.title), machine.width - 120, 14)
  return joined([
    machine.nested ? rectangle(machine, 'rx="14" class="machine" data-kind="machine"') : '',
    text(machine.x + 18, machine.y + 26, 'machine-kind', machine.nested ? 'Inside' : 'Host'),
    text(machine.x + (machine.nested ? 66 : 56), machine.y + 26, 'machine-title', title),
  ])
}

function bandOf(band: Layout['bands'][number]): string {
  return joined([
    rectangle(band, 'rx="10" class="band" data-kind="band"'),
    text(band.x + 16, band.y + band.height / 2 + 4, 'band-name', band.name),
  ])
}

function headingOf({x, y, chain}: Layout['headings'][number]): string {
  const lines = wrapped(visible(chain.title), BOX_WIDTH, 13, 2)
  const first = y + (lines.length > 1 ? 12 : 20)
  return `<g class="heading ${chain.status}">${joined([
    statusMark(x + 8, first - 4, chain.status),
    ...lines.map((line, index) => text(x + 24, first + index * 16, 'chain-title', line)),
  ])}</g>`
}

/** Shape and colour together: a filled disc with a tick, a dashed ring, an octagon with a cross. */
export function statusMark(x: number, y: number, status: Status): string {
  const at = (dx: number, dy: number): string => `${pixels(x + dx)} ${pixels(y + dy)}`
  if (status === 'observed') {
    return `<circle cx="${pixels(x)}" cy="${pixels(y)}" r="7" class="mark"/><path d="M${at(-3, 0)}L${at(-1, 2.4)}L${at(3.2, -2.4)}" class="mark-line"/>`
  }
  if (status === 'configured') return `<circle cx="${pixels(x)}" cy="${pixels(y)}" r="6.2" class="mark-ring"/>`
  const corner = [[-3, -7.2], [3, -7.2], [7.2, -3], [7.2, 3], [3, 7.2], [-3, 7.2], [-7.2, 3], [-7.2, -3]] as const
  return `<path d="M${corner.map(([dx, dy]) => at(dx, dy)).join('L')}Z" class="mark"/>`
    + `<path d="M${at(-2.6, -2.6)}L${at(2.6, 2.6)}M${at(2.6, -2.6)}L${at(-2.6, 2.6)}" class="mark-line"/>`
}

function boxOf({box, text: lines, ...place}: PlacedBox): string {
  const tooltip = [box.title, ...box.facts, ...box.notes].map((line) => shortened(line, 300)).join('\n')
  const pile = box.kind === 'containers' ? rectangle({...place, x: place.x + 5, y: place.y + 5}, 'rx="9" class="pile"') : ''
  return joined([
    `<g class="box ${box.kind} ${box.status}"><title>${lineByLine(tooltip)} (${STATUS[box.status]})</title>`,
    pile,
    rectangle(place, `rx="9" class="face" data-kind="box" data-id="${box.id}" data-layer="${box.layer}"`),
    statusMark(place.x + place.width - 18, place.y + 19, box.status),
    linesOf(lines, place),
    '</g>',
  ])
}

function linesOf({lines}: BoxText, {x, y}: Rectangle): string {
  return lines.map((line) => text(x + 16, y + line.y, line.role, line.text)).join('')
}

/** Lines that rtctl made stay lines; a line break inside host text is shown as `\n`. */
function lineByLine(content: string): string {
  return content.split('\n').map((line) => escapeHtml(line)).join('\n')
}

function arrowOf({arrow, path, head}: PlacedArrow): string {
  const tail = head.up ? 8 : -8
  const point = (dx: number, dy: number): string => `${pixels(head.x + dx)} ${pixels(head.y + dy)}`
  return joined([
    `<g class="arrow ${arrow.status}">`,
    `<path d="${path}" class="line" data-kind="arrow" data-id="${arrow.id}" data-from="${arrow.from}" data-to="${arrow.to}"/>`,
    `<path d="M${point(0, 0)}L${point(-4.5, tail)}L${point(4.5, tail)}Z" class="head"/>`,
    '</g>',
  ])
}

function labelOf({arrow, text: {lines}, inBand, ...place}: PlacedLabel): string {
  const title = arrow.address === undefined ? '' : `<title>${escapeHtml(shortened(arrow.address, 300))}</title>`
  const middle = place.x + place.width / 2
  return joined([
    `<g class="label ${arrow.status}">${title}`,
    rectangle(place, `rx="5" class="plate${inBand ? ' in-band' : ''}" data-kind="label" data-id="${arrow.id}"`),
    ...lines.map((line, index) => text(middle, place.y + 13 + index * 15, line.role, line.text)),
    '</g>',
  ])
}

function orphansOf({orphans, width}: Layout): string {
  const [first] = orphans
  const last = orphans.at(-1)
  if (!first || !last) return ''
  const frame = {x: 2, y: first.y - 40, width: width - 4, height: last.y + last.height - first.y + 56}
  return joined([
    rectangle(frame, 'rx="14" class="orphanage" data-kind="machine"'),
    text(frame.x + 18, frame.y + 26, 'machine-title', 'Orphans'),
    ...orphans.map(({orphan, text: lines, ...place}) => orphanOf(orphan, lines, place)),
  ])
}

function orphanOf(orphan: Graph['orphans'][number], lines: BoxText, place: Rectangle): string {
  const [x, y] = [place.x + place.width - 18, place.y + 19]
  return joined([
    `<g class="box orphan"><title>${escapeHtml(shortened(orphan.text, 300))}</title>`,
    rectangle(place, `rx="9" class="face" data-kind="box" data-id="${orphan.id}"`),
    `<path d="M${pixels(x)} ${pixels(y - 7)}L${pixels(x + 7.5)} ${pixels(y + 6)}L${pixels(x - 7.5)} ${pixels(y + 6)}Z" class="mark"/>`,
    `<path d="M${pixels(x)} ${pixels(y - 3)}V${pixels(y + 1.6)}M${pixels(x)} ${pixels(y + 3.6)}V${pixels(y + 4.4)}" class="mark-line"/>`,
    linesOf(lines, place),
    '</g>',
  ])
}
