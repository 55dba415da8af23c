// SPDX-License-Identifier: Apache-2.0
import type {Container, Evidence} from '../../model/chain.ts'
import type {Owner} from '../placed-container.ts'
import type {Place} from '../world.ts'

/** The containerd namespace of the CRI plugin. */
export const CRI_NAMESPACE = 'k8s.io'

/** A container while its sources are put together. */
export type Draft = {-readonly [Key in keyof Container]: Container[Key]} & {evidence: Evidence[]}

export interface Entry {
  readonly draft: Draft
  owner: Owner
  readonly place: Place
}

/** Gives the entry of a container, a new one where no source told of it before. */
export type Open = (id: string, place: Place, owner: Owner) => Entry

export function podOf(name: string, namespace = '', uid?: string, sandboxId?: string): NonNullable<Container['pod']> {
  return {name, namespace, ...(uid ? {uid} : {}), ...(sandboxId ? {sandboxId} : {})}
}
