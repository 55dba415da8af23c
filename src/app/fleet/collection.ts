// SPDX-License-Identifier: Apache-2.0
import type {ClusterNode, Collection, FleetItem} from '../../model/fleet.ts'
import {isNodeName} from './config-map.ts'
import {listOf, memberOf, textOf} from './hostile.ts'

/** What a collection says, taken from JSON that may be anything; undefined where it is no collection. */
export function collectionItems(value: unknown): {readonly about: Pick<Collection, 'time' | 'cluster'>; readonly items: readonly FleetItem[]} | undefined {
  if (textOf(value, 'kind') !== 'rtctl-collection' || memberOf(value, 'schemaVersion') !== 1) return undefined
  const [time, cluster] = [textOf(value, 'time'), memberOf(value, 'cluster')]
  const context = textOf(cluster, 'context')
  if (time === undefined || Number.isNaN(Date.parse(time)) || context === undefined) return undefined
  const version = textOf(cluster, 'version')
  return {
    about: {time: new Date(time).toISOString(), cluster: {context, ...(version !== undefined && {version})}},
    items: [
      ...listOf(value, 'nodes').flatMap((each): FleetItem[] => {
        const node = nodeOf(each)
        return node === undefined ? [] : [{kind: 'node', node}]
      }),
      ...(memberOf(value, 'allNodes') === true ? [{kind: 'all-nodes'} as const] : []),
      ...listOf(value, 'unreadable').map((each): FleetItem => {
        const node = textOf(each, 'node')
        return {kind: 'unreadable', unreadable: {source: textOf(each, 'source') ?? '', reason: textOf(each, 'reason') ?? '', ...(node !== undefined && {node})}}
      }),
      ...listOf(value, 'gaps').map((each): FleetItem => {
        const [what = '', source = '', reason = '', next = ''] = ['what', 'source', 'reason', 'next'].map((key) => textOf(each, key) ?? '')
        return {kind: 'gap', gap: {what, source, reason, next}}
      }),
    ],
  }
}

function nodeOf(value: unknown): ClusterNode | undefined {
  const name = textOf(value, 'name')
  if (name === undefined || !isNodeName(name)) return undefined
  const optional = ['pool', 'kubelet', 'runtime', 'os'].flatMap((key) => {
    const text = textOf(value, key)
    return text === undefined ? [] : [[key, text] as const]
  })
  return {name, controlPlane: memberOf(value, 'controlPlane') === true, ready: memberOf(value, 'ready') === true, ...Object.fromEntries(optional)}
}
