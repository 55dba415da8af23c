// SPDX-License-Identifier: Apache-2.0
// A node's report as a ConfigMap, and back. What comes back may be written by anybody who can write in the namespace.
import {hash} from 'node:crypto'
import {gunzipSync, gzipSync} from 'node:zlib'
import type {FleetItem, NodeReport} from '../../model/fleet.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import {UserError} from '../../model/user-error.ts'
import {memberOf, textOf} from './hostile.ts'

/** What all reports have, and nothing else of rtctl: its configuration is a ConfigMap, too. */
export const REPORT_SELECTOR = 'app.kubernetes.io/name=rtctl,app.kubernetes.io/component=node-report'

/** Of ConfigMaps, labels and annotations of rtctl. */
const PREFIX = 'rtctl-node-'
const NODE = 'rtctl/node'

const [PLAIN_KEY, PACKED_KEY] = ['report.json', 'report.json.gz']

/** A text that a person can still read in `kubectl get configmap -o yaml`; what is longer is compressed. */
const LONGEST_PLAIN = 64 * 1024
/** The API server's: all values of a ConfigMap together (MaxSecretSize of k8s.io/kubernetes pkg/apis/core/types.go). */
const MOST_BYTES = 1024 * 1024
/** Of a report, unpacked. A node of 500 pods has some 2 MiB; no reader takes more than this. */
export const MOST_UNPACKED = 16 * 1024 * 1024
/** A name of an object (RFC 1123 subdomain), a value of a label. */
const [LONGEST_NAME, LONGEST_LABEL] = [253, 63]

/**
 * The ConfigMap of a report.
 *
 * @throws UserError where it is larger than a ConfigMap can be; a part of a report is none
 */
export function configMapOf(report: NodeReport, namespace: string): JsonObject {
  const {upgrade, verdict} = report.preflight
  return {
    apiVersion: 'v1', kind: 'ConfigMap',
    metadata: {
      name: configMapName(report.node), namespace,
      labels: {
        'app.kubernetes.io/name': 'rtctl', 'app.kubernetes.io/component': 'node-report', 'app.kubernetes.io/managed-by': 'rtctl',
        [NODE]: labelOf(report.node), 'rtctl/verdict': verdict.answer,
      },
      annotations: {
        [NODE]: report.node, 'rtctl/time': report.time, 'rtctl/version': report.rtctl, 'rtctl/target': upgrade.target,
        'rtctl/kubernetes': upgrade.kubernetes, 'rtctl/sentence': verdict.sentence,
      },
    },
    ...payloadOf(JSON.stringify(report), report.node),
  }
}

/** @throws UserError */
function payloadOf(text: string, node: string): JsonObject {
  const bytes = Buffer.byteLength(text)
  if (bytes <= LONGEST_PLAIN) return {data: {[PLAIN_KEY]: text}}
  const packed = gzipSync(text, {level: 9})
  if (bytes > MOST_UNPACKED || packed.length > MOST_BYTES) {
    throw new UserError(
      `The report of ${node} is larger than a ConfigMap can be: ${mebibytes(bytes)}, compressed ${mebibytes(packed.length)} of at most ${mebibytes(MOST_BYTES)}. Nothing was written.`,
      'Look at this node by hand: `rtctl snapshot` there, and `rtctl preflight --from` with the file.', 8,
    )
  }
  return {binaryData: {[PACKED_KEY]: packed.toString('base64')}}
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`
}

/** The name of a node's ConfigMap. Only names of more than 242 characters are cut, and told apart by a hash. */
export function configMapName(node: string): string {
  return PREFIX + cut(node, LONGEST_NAME - PREFIX.length)
}

/** The node's name as the value of a label: as it is up to 63 characters, else its beginning and a hash. */
export function labelOf(node: string): string {
  return cut(node, LONGEST_LABEL)
}

/** How many digits of a hash tell names apart that begin alike. */
const DIGITS = 16

function cut(name: string, longest: number): string {
  if (name.length <= longest) return name
  return `${name.slice(0, longest - DIGITS - 1).replace(/[.-]+$/, '')}-${hash('sha256', name).slice(0, DIGITS)}`
}

/** Whether a node can have that name: RFC 1123 subdomain. */
export function isNodeName(name: string): boolean {
  return name.length <= LONGEST_NAME && /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/.test(name)
}

export type Unpacked = {readonly ok: true; readonly value: Json} | {readonly ok: false; readonly reason: string}

/** The report in a ConfigMap: any JSON, of no more than {@link MOST_UNPACKED} bytes. */
export function unpack(configMap: JsonObject): Unpacked {
  const packed = textOf(memberOf(configMap, 'binaryData'), PACKED_KEY)
  const plain = textOf(memberOf(configMap, 'data'), PLAIN_KEY)
  if (packed === undefined && plain === undefined) return {ok: false, reason: `it has neither ${PACKED_KEY} nor ${PLAIN_KEY}`}
  const text = packed === undefined ? plain : gunzipped(packed)
  if (typeof text !== 'string') return {ok: false, reason: text?.reason ?? 'it is empty'}
  try {
    return {ok: true, value: JSON.parse(text) as Json}
  } catch {
    return {ok: false, reason: `${packed === undefined ? PLAIN_KEY : PACKED_KEY} is no JSON`}
  }
}

function gunzipped(base64: string): string | {readonly reason: string} {
  try {
    return gunzipSync(Buffer.from(base64, 'base64'), {maxOutputLength: MOST_UNPACKED}).toString('utf8')
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
    return {reason: tooLong ? `${PACKED_KEY} unpacks to more than ${MOST_UNPACKED / 2 ** 20} MiB` : `${PACKED_KEY} is no gzip: ${(error as Error).message}`}
  }
}

/** The node that a ConfigMap says it is about; undefined where no node can have that name. */
export function nodeOf(configMap: JsonObject): string | undefined {
  const node = textOf(memberOf(memberOf(configMap, 'metadata'), 'annotations'), NODE)
  return node !== undefined && isNodeName(node) ? node : undefined
}

/** What a ConfigMap with the labels of a report is: a report, or one that cannot be read. */
export function itemOf(configMap: JsonObject): FleetItem {
  const metadata = memberOf(configMap, 'metadata')
  const [namespace, name] = [textOf(metadata, 'namespace') ?? '', textOf(metadata, 'name') ?? '']
  const source = `ConfigMap ${namespace}/${name}`
  const node = nodeOf(configMap)
  const about = {source, ...(node !== undefined && configMapName(node) === name && {node})}
  const unpacked = unpack(configMap)
  if (!unpacked.ok) return {kind: 'unreadable', unreadable: {...about, reason: unpacked.reason}}
  const reported = textOf(unpacked.value, 'node')
  // Nobody can put a second report of a node beside the first.
  if (reported === undefined || configMapName(reported) !== name) {
    return {kind: 'unreadable', unreadable: {...about, reason: 'it is not named after the node that its report is about'}}
  }
  return {kind: 'report', source, value: unpacked.value}
}
