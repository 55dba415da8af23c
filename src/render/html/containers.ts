// SPDX-License-Identifier: Apache-2.0
import type {Container, RuntimeChain} from '../../model/chain.ts'
import type {ContainerState} from '../../model/facts.ts'
import {containersText, evidenceText} from '../words.ts'
import {escapeHtml, joined} from './escape.ts'
import {section} from './sections.ts'

const COLUMNS: readonly (readonly [string, string])[] = [
  ['Container', '17%'], ['Pod', '17%'], ['Image', '18%'], ['State', '8%'], ['Pid', '6%'], ['Shim', '6%'], ['OCI runtime', '13%'], ['Log and cgroup', '15%'],
]

/** Every container, grouped by the chain that it hangs on; those on no chain last. */
export function containersSection(chain: RuntimeChain): string {
  if (chain.containers.length === 0) return ''
  const byId = new Map(chain.containers.map((container) => [container.id, container]))
  const placed = new Set(chain.chains.flatMap(({containers}) => containers))
  const groups = [
    ...chain.chains.map(({title, containers}) => ({title, members: containers.flatMap((id) => byId.get(id) ?? [])})),
    {title: 'On no chain', members: chain.containers.filter(({id}) => !placed.has(id))},
  ].filter(({members}) => members.length > 0)
  const count = chain.containers.filter(({kind}) => kind === 'container').length
  return section('containers', 'Containers', String(count), joined([
    '<div class="card scroll containers" tabindex="0" role="region" aria-labelledby="containers"><table>',
    `<colgroup>${COLUMNS.map(([, width]) => `<col width="${width}">`).join('')}</colgroup>`,
    `<thead><tr>${COLUMNS.map(([name]) => `<th scope="col"${name === 'Pid' || name === 'Shim' ? ' class="number"' : ''}>${name}</th>`).join('')}</tr></thead>`,
    ...groups.map(({title, members}) => group(title, members)),
    '</table></div>',
  ]), false)
}

function group(title: string, members: readonly Container[]): string {
  const heading = `<tr><th scope="rowgroup" class="group" colspan="${COLUMNS.length}">${escapeHtml(title)}<small>${containersText(members).join(', ')}</small></th></tr>`
  return `<tbody>${heading}\n${members.map((container) => rowOf(container)).join('\n')}</tbody>`
}

function rowOf(container: Container): string {
  const {pod, runtime} = container
  const extras = [container.init === undefined ? '' : `init: ${container.init}`, ...container.ports]
  const cells = [
    `<th scope="row">${nameOf(container)}${small(container.id.slice(0, 12), container.id)}${small(extras.filter((each) => each !== '').join(', '))}</th>`,
    `<td>${pod ? escapeHtml(pod.name) + small(pod.namespace) : none}</td>`,
    `<td>${container.image === undefined ? none : escapeHtml(container.image)}</td>`,
    `<td><span class="state">${stateMark(container.state)}${container.state}</span></td>`,
    `<td class="number">${container.pid ?? none}</td>`,
    `<td class="number">${container.shimPid ?? none}</td>`,
    `<td>${runtime ? escapeHtml(runtime.name) + clip(evidenceText(runtime.evidence)) : none}</td>`,
    `<td>${whereOf(container)}</td>`,
  ]
  return `<tr class="${container.kind}">${cells.join('')}</tr>`
}

/** Engines make a sandbox's name up from its pod: it takes one line, not five. */
function nameOf({kind, name = ''}: Container): string {
  return kind === 'sandbox' ? `sandbox${clip(name)}` : escapeHtml(name)
}

const none = '<span class="none">–</span>'

function whereOf({log, cgroup}: Container): string {
  const parts = [
    log ? `log: ${escapeHtml(log.driver)}${log.path === undefined ? '' : clip(log.path)}` : '',
    cgroup ? `cgroup: ${cgroup.driver}${clip(cgroup.path)}` : '',
  ].filter((part) => part !== '')
  return parts.length === 0 ? none : parts.map((part) => `<div>${part}</div>`).join('')
}

function small(text: string, whole = ''): string {
  if (text === '') return ''
  return whole === '' ? `<small>${escapeHtml(text)}</small>` : `<small class="mono" title="${escapeHtml(whole)}">${escapeHtml(text)}</small>`
}

/** One line that is cut by the browser where it is too long; all of it is in the page, as tooltip and for print. */
function clip(text: string): string {
  return `<small class="clip" title="${escapeHtml(text)}">${escapeHtml(text)}</small>`
}

const MARKS: Readonly<Record<ContainerState, string>> = {
  running: '<path d="M3 2l8 5-8 5z" class="running"/>',
  paused: '<path d="M3 2h3v10H3zM8 2h3v10H8z" class="paused"/>',
  exited: '<rect x="3" y="3" width="8" height="8" rx="1" class="exited"/>',
  created: '<circle cx="7" cy="7" r="4.2" class="created"/>',
  unknown: '<path d="M2 7h10" class="unknown"/>',
}

function stateMark(state: ContainerState): string {
  return `<svg width="14" height="14" aria-hidden="true">${MARKS[state]}</svg>`
}
