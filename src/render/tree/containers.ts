// SPDX-License-Identifier: Apache-2.0
import type {Container, RuntimeChain} from '../../model/chain.ts'
import type {Style} from '../style.ts'
import {visible} from '../visible.ts'

/** Lists every container under its chain and pod: ids, pids, runtime, log and cgroup. */
export function listContainers(chain: RuntimeChain, style: Style): readonly string[] {
  const byId = new Map(chain.containers.map((container) => [container.id, container]))
  const drawn = new Set(chain.chains.flatMap(({containers}) => containers))
  const loose = {title: 'in no chain', containers: chain.containers.flatMap(({id}) => (drawn.has(id) ? [] : [id]))}
  return [...chain.chains, loose].flatMap(({title, containers}) => {
    const own = containers.flatMap((id) => byId.get(id) ?? [])
    if (own.length === 0) return []
    const pods = [...Map.groupBy(own, podName)].sort(([a], [b]) => (a < b ? -1 : 1))
    return [style.bold(`Containers: ${visible(title)}`), ...pods.flatMap(([pod, those]) => podLines(pod, those, style)), '']
  })
}

function podName({pod}: Container): string {
  return pod ? `${pod.namespace}/${pod.name}` : ''
}

function podLines(pod: string, containers: readonly Container[], style: Style): readonly string[] {
  const sorted = [...containers].sort((a, b) => Number(b.kind === 'sandbox') - Number(a.kind === 'sandbox') || (nameOf(a) < nameOf(b) ? -1 : 1))
  return [...(pod === '' ? [] : [`  ${style.cyan(`pod ${visible(pod)}`)}`]), ...sorted.flatMap((container) => containerLines(container, style))]
}

function nameOf({name, kind, id}: Container): string {
  return kind === 'sandbox' ? 'sandbox' : (name ?? id.slice(0, 12))
}

function containerLines(container: Container, style: Style): readonly string[] {
  const {id, state, pid, shimPid, runtime, image, log, cgroup, init, ports} = container
  const facts = [
    state, ...(pid === undefined ? [] : [`pid ${pid}`]), ...(shimPid === undefined ? [] : [`shim ${shimPid}`]), ...(runtime ? [runtime.name] : []),
    ...(init ? [`init ${init}`] : []), ...ports,
  ]
  const details = [
    `id ${id}`,
    ...(image ? [`image ${image}`] : []),
    ...(runtime ? [`runtime ${runtime.name}: ${evidenceOf(runtime.evidence)}`] : []),
    ...(log ? [`log ${log.driver}${log.path ? ` ${log.path}` : ''}`] : []),
    ...(cgroup ? [`cgroup ${cgroup.driver === 'unknown' ? '' : `${cgroup.driver} `}${cgroup.path}`] : []),
  ]
  return [`    ${style.bold(visible(nameOf(container)))}  ${visible(facts.join(', '))}`, ...details.map((text) => style.dim(`      ${visible(text)}`))]
}

function evidenceOf(evidence: NonNullable<Container['runtime']>['evidence']): string {
  return 'text' in evidence ? `${evidence.text}${'source' in evidence ? ` (${evidence.source})` : ''}` : evidence.kind
}
