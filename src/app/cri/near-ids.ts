// SPDX-License-Identifier: Apache-2.0
import type {CriConnection} from '../../cri/connection.ts'
import type {CriError} from '../../cri/errors.ts'
import {listContainers, listPods} from './lists.ts'

/** What there is beside an id that is not there, or that is not one alone. */
export interface NearIds {
  readonly kind: 'candidates' | 'near' | 'other-kind' | 'none'
  readonly next: string
}

interface Known {
  readonly id: string
  readonly name: string
  readonly what: 'container' | 'pod'
}

/** How many ids are told. */
const MOST = 5

/** How long the lists may take that only help to explain. */
const LIMIT_MS = 2000

/**
 * Ids that a user may have meant with the id of a call that failed.
 *
 * @returns undefined where the call is about no id, or the runtime does not tell what there is
 */
export async function nearIds(error: CriError, connection: CriConnection | undefined): Promise<NearIds | undefined> {
  const asked = idOf(error)
  if (asked === undefined || connection === undefined) return undefined
  try {
    return near(asked, await known(connection))
  } catch {
    return undefined
  }
}

function idOf({call}: CriError): {readonly id: string; readonly what: Known['what']} | undefined {
  const {containerId, podSandboxId} = (call?.request ?? {}) as {readonly containerId?: unknown; readonly podSandboxId?: unknown}
  if (typeof containerId === 'string' && containerId !== '') return {id: containerId, what: 'container'}
  return typeof podSandboxId === 'string' && podSandboxId !== '' ? {id: podSandboxId, what: 'pod'} : undefined
}

async function known(connection: CriConnection): Promise<readonly Known[]> {
  const [containers, pods] = await Promise.all([listContainers(connection, undefined, {timeoutMs: LIMIT_MS}), listPods(connection, undefined, {timeoutMs: LIMIT_MS})])
  return [
    ...containers.map(({id, metadata}): Known => ({id, name: metadata?.name ?? '', what: 'container'})),
    ...pods.map(({id, metadata}): Known => ({id, name: metadata?.name ?? '', what: 'pod'})),
  ]
}

function near({id, what}: {readonly id: string; readonly what: Known['what']}, all: readonly Known[]): NearIds {
  const own = all.filter((one) => one.what === what)
  const beginning = own.filter((one) => one.id.startsWith(id))
  if (beginning.length > 1) return {kind: 'candidates', next: `Several begin like this: ${listed(beginning)}.`}
  const other = all.find((one) => one.what !== what && one.id.startsWith(id))
  if (other !== undefined) return {kind: 'other-kind', next: `This is a ${other.what} (${other.name}), not a ${what}. ${what === 'pod' ? 'inspectp, stopp and rmp are for pods, inspect, stop and rm for containers' : 'inspect, stop and rm are for containers, inspectp, stopp and rmp for pods'}.`}
  const named = own.filter((one) => one.name === id)
  if (named.length > 0) return {kind: 'near', next: `That is a name. Its id: ${listed(named)}.`}
  const similar = own.filter((one) => samePrefix(one.id, id) >= Math.min(3, id.length))
  if (similar.length > 0) return {kind: 'near', next: `Did you mean ${listed(similar)}?`}
  return {kind: 'none', next: `See which there are with \`rtctl cri ${what === 'pod' ? 'pods' : 'ps -a'}\`.`}
}

function listed(some: readonly Known[]): string {
  const told = some.slice(0, MOST).map(({id, name}) => `${id.slice(0, 13)} (${name})`).join(', ')
  return some.length > MOST ? `${told} and ${some.length - MOST} more` : told
}

function samePrefix(one: string, other: string): number {
  let length = 0
  while (length < one.length && one[length] === other[length]) length++
  return length
}
