// SPDX-License-Identifier: Apache-2.0
import type {JsonObject} from '../model/json.ts'
import {objectAt, textAt} from './json.ts'

/** Longer than any configuration that a person writes. */
const LONGEST_ENTRY = 512 * 1024

/** The certificates that Kubernetes and OpenShift put into every namespace. */
const EVERYWHERE = new Set(['kube-root-ca.crt', 'openshift-service-ca.crt'])

export interface LookedAt {
  /** with its texts alone; undefined where it has none */
  readonly value?: JsonObject
  /** keys of what is too long */
  readonly tooLong: readonly string[]
}

/** A ConfigMap without what holds no configuration: locks of leader elections, releases of Helm 2, binary data, very long texts. */
export function textsOfConfigMap(object: JsonObject): LookedAt {
  const metadata = objectAt(object, 'metadata')
  const isLock = textAt(objectAt(metadata, 'annotations'), 'control-plane.alpha.kubernetes.io/leader') !== ''
  const isRelease = textAt(objectAt(metadata, 'labels'), 'OWNER') === 'TILLER'
  if (isLock || isRelease || EVERYWHERE.has(textAt(metadata, 'name'))) return {tooLong: []}
  const entries = Object.entries(objectAt(object, 'data')).filter(([, text]) => typeof text === 'string') as [string, string][]
  const short = entries.filter(([, text]) => text.length <= LONGEST_ENTRY)
  const tooLong = entries.filter(([, text]) => text.length > LONGEST_ENTRY).map(([key]) => key)
  if (short.length === 0) return {tooLong}
  const {binaryData: _, ...rest} = object
  return {value: {...rest, data: Object.fromEntries(short)}, tooLong}
}
