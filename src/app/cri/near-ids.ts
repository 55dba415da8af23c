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

/** So many digits are no coincidence. */
const MIN_PREFIX = 3

/** How long the lists may take that only help to explain. */
const LIMIT_MS = 2000

/**
 * Ids that a user may have meant with the id of a call that failed.
 *
 * @returns undefined where the call is about no id, or about one that is there, or the runtime does not tell what there is
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

interface Asked {
  readonly id: string
  readonly what: Known['what']
}

function idOf({call}: CriError): Asked | undefined {
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

/** @returns undefined where the id is that of one thing: then it was not what the runtime stumbled over */
function near({id, what}: Asked, all: readonly Known[]): NearIds | undefined {
  const own = all.filter((one) => one.what === what)
  const beginning = own.filter((one) => one.id.startsWith(id))
  if (beginning.length > 1) return {kind: 'candidates', next: `Several begin like this: ${listed(beginning)}. Give more of the id.`}
  if (beginning.length === 1) return undefined
  const other = all.find((one) => one.what !== what && one.id.startsWith(id))
  if (other !== undefined) return {kind: 'other-kind', next: `This is a ${other.what} (${short(other.name)}), not a ${what}. ${VERBS[other.what]}`}
  const named = own.filter((one) => one.name === id)
  if (named.length > 0) return {kind: 'near', next: `That is a name. Its id: ${listed(named)}.`}
  const similar = own.filter((one) => isSimilar(one.id, id))
  if (similar.length > 0) return {kind: 'near', next: `Did you mean ${listed(similar)}?`}
  return {kind: 'none', next: `See which there are with \`rtctl cri ${what === 'pod' ? 'pods' : 'ps -a'}\`.`}
}

const VERBS = {
  container: 'For containers there are inspect, stop and rm.',
  pod: 'For pods there are inspectp, stopp and rmp.',
} as const

function listed(some: readonly Known[]): string {
  const told = some.slice(0, MOST).map(({id, name}) => `${id.slice(0, 13)} (${short(name)})`).join(', ')
  return some.length > MOST ? `${told} and ${some.length - MOST} more` : told
}

/** Kubernetes allows 253 characters; a runtime may have been told anything. */
function short(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name
}

/** Whether the same digits begin both, or all but one or two are the same. */
function isSimilar(id: string, typed: string): boolean {
  if (typed.length >= MIN_PREFIX && id.startsWith(typed.slice(0, MIN_PREFIX))) return true
  let wrong = 0
  for (let index = 0; index < typed.length; index++) if (id[index] !== typed[index]) wrong++
  return wrong <= (typed.length >= 8 ? 2 : 1) && typed.length >= MIN_PREFIX
}
