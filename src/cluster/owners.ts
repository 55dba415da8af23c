// SPDX-License-Identifier: Apache-2.0
import {hash} from 'node:crypto'
import type {JsonObject} from '../model/json.ts'
import {isObject, listOf, objectAt, textAt} from './json.ts'
import {groupOf, type ReadKind} from './kinds.ts'

/** Kinds that an owner makes many of, all alike. */
const REPLICAS = new Set(['Job', 'Pod', 'ReplicaSet', 'ReplicationController'])

/**
 * Tells what need not be looked at, as the template that it was made of was: pods of a DaemonSet, ReplicaSets of a Deployment.
 * Replicas of an owner that was not read stand for it, one of each set of images.
 */
export class Owners {
  readonly #read = new Set<string>()
  readonly #seen = new Set<string>()

  /** From now on this kind stands for what it owns. */
  stands(kind: ReadKind): void {
    if (kind.template === 'whole') this.#read.add(`${groupOf(kind.versions[0])}/${kind.kind}`)
  }

  needsReading(kind: string, object: JsonObject): boolean {
    const owner = listOf(objectAt(object, 'metadata')['ownerReferences']).filter(isObject).find(({controller}) => controller === true)
    if (owner === undefined) return true
    const ownerKind = textAt(owner, 'kind')
    if (this.#read.has(`${groupOf(textAt(owner, 'apiVersion'))}/${ownerKind}`)) return false
    // A node owns the mirrors of its static pods.
    if (!REPLICAS.has(kind) || ownerKind === 'Node') return true
    const set = hash('sha1', JSON.stringify([kind, textAt(owner, 'uid'), imagesOf(object)]))
    if (this.#seen.has(set)) return false
    this.#seen.add(set)
    return true
  }
}

function imagesOf(object: JsonObject): readonly string[] {
  const own = objectAt(object, 'spec')
  const spec = Object.hasOwn(own, 'template') ? objectAt(objectAt(own, 'template'), 'spec') : own
  return ['initContainers', 'containers'].flatMap((list) => listOf(spec[list]).filter(isObject).map((container) => textAt(container, 'image')))
}
