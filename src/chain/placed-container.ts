// SPDX-License-Identifier: Apache-2.0
import type {Container} from '../model/chain.ts'
import type {Place} from './world.ts'

/** Which daemon keeps a container: the engine and how to tell two of a kind apart. */
export type Owner =
  | {readonly kind: 'docker'; readonly index: number}
  | {readonly kind: 'containerd'; readonly address: string; readonly namespace: string}
  | {readonly kind: 'cri-o'; readonly index: number}
  | {readonly kind: 'podman'}
  | {readonly kind: 'unknown'}

/** A container with what the chain needs to hang it up: its daemon, its place and whether it belongs to a pod. */
export interface PlacedContainer {
  readonly container: Container
  readonly owner: Owner
  readonly place: Place
}

export function sameOwner(a: Owner, b: Owner): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
