// SPDX-License-Identifier: Apache-2.0
import type {RuntimeChain} from '../../model/chain.ts'
import {visible} from '../visible.ts'
import {count} from './lines.ts'

/** The facts an operator asks first, as label and value; what is not known has no row. */
export function factRows({summary, containers, beside}: RuntimeChain): readonly (readonly [label: string, value: string])[] {
  const {kubelet, criEndpoint, criVersions, cgroup, ociRuntimes, handlers, storage, logging} = summary
  const drivers = [cgroup.kubelet && `kubelet ${cgroup.kubelet}`, cgroup.runtime && `runtime ${cgroup.runtime}`].filter(Boolean)
  const rows: readonly (readonly [string, string])[] = [
    ['kubelet', kubelet ?? ''],
    ['CRI endpoint', criEndpoint ? endpointText(criEndpoint) : ''],
    ['CRI API', criVersions ?? ''],
    ['cgroup', [cgroup.mode ?? '', drivers.length > 0 ? `driver: ${drivers.join(', ')}` : ''].filter(Boolean).join(', ')],
    ['OCI runtimes', ociRuntimes.join(', ')],
    ['handlers', handlers.join(', ')],
    ['storage', storage.join(', ')],
    ['logs', logging.join(', ')],
    ['containers', countText(containers)],
    ['beside', beside.map(({component, pids}) => (pids.length > 1 ? `${component} ×${pids.length}` : component)).join(', ')],
  ]
  return rows.filter(([, value]) => value !== '').map(([label, value]) => [label, visible(value)] as const)
}

function endpointText({configured, inUse, source}: NonNullable<RuntimeChain['summary']['criEndpoint']>): string {
  const same = inUse !== undefined && plainPath(inUse) === plainPath(configured ?? '')
  return `${configured ?? 'none'} (${source})${inUse === undefined ? '' : same ? ', in use' : `; in use: ${inUse}`}`
}

function plainPath(endpoint: string): string {
  return endpoint.replace(/^unix:(?:\/\/)?/, '').replace(/^\/var\/run\//, '/run/')
}

function countText(containers: RuntimeChain['containers']): string {
  if (containers.length === 0) return 'none'
  const alive = containers.filter(({state}) => state === 'running' || state === 'paused').length
  const pods = new Set(containers.flatMap(({pod, inside}) => (pod ? [`${inside ?? ''} ${pod.namespace}/${pod.name}`] : []))).size
  const sandboxes = containers.filter(({kind}) => kind === 'sandbox').length
  return [
    `${count(containers.length - sandboxes, 'container')}${pods > 0 ? `${sandboxes > 0 ? ` and ${count(sandboxes, 'pod sandbox', 'pod sandboxes')}` : ''} of ${count(pods, 'pod')}` : ''}`,
    `${alive} running`,
    ...(containers.length > alive ? [`${containers.length - alive} not running`] : []),
  ].join(', ')
}
