// SPDX-License-Identifier: Apache-2.0
import type {Patience} from '../../../src/cluster/client.ts'
import {type ClusterOptions, openCluster} from '../../../src/cluster/open-cluster.ts'
import type {Gap} from '../../../src/model/chain.ts'
import type {Item, KubeObject} from '../../../src/model/kubernetes.ts'
import type {FakeApiServer, FakeObject} from '../../support/api-server.ts'

/** Waits for nothing, and notes what it should have waited. */
export function noWaits(): Patience & {readonly waits: number[]} {
  const waits: number[] = []
  return {tries: 3, busyTries: 4, longestWaitMs: 30_000, waits, sleep: async (ms) => void waits.push(ms)}
}

export interface Everything {
  readonly objects: readonly KubeObject[]
  readonly gaps: readonly Gap[]
  readonly skipped: readonly Item[]
  /** `Pod team/web` */
  readonly names: readonly string[]
  readonly about: {readonly context: string; readonly version?: string}
}

/** All that a reader says of a server. */
export async function readEverything(server: FakeApiServer, more: Partial<ClusterOptions> = {}): Promise<Everything> {
  const kubeconfig = [{path: '/home/user/.kube/config', text: server.kubeconfig()}]
  const cluster = await openCluster({kubeconfig, namespaces: [], environment: {}, patience: noWaits(), ...more})
  const items: Item[] = []
  for await (const item of cluster.read()) items.push(item)
  const objects = items.flatMap((item) => (item.kind === 'object' ? [item.object] : []))
  return {
    about: cluster.about, objects,
    gaps: items.flatMap((item) => (item.kind === 'gap' ? [item.gap] : [])),
    skipped: items.filter(({kind}) => kind === 'skipped'),
    names: objects.map(({ref}) => `${ref.kind} ${ref.namespace === '' ? '' : `${ref.namespace}/`}${ref.name}`),
  }
}

export function named(name: string, more: Readonly<Record<string, unknown>> = {}, namespace = 'team'): FakeObject {
  const {metadata, ...rest} = more as {metadata?: object}
  return {...rest, metadata: {name, namespace, ...metadata}}
}

/** What a controller of that kind owns. */
export function ownedBy(kind: string, apiVersion = 'apps/v1', uid = `uid-of-${kind}`): {readonly metadata: object} {
  return {metadata: {ownerReferences: [{apiVersion, kind, name: 'owner', uid, controller: true}]}}
}
