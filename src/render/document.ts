// SPDX-License-Identifier: Apache-2.0
import type {Evidence, InspectReport} from '../model/chain.ts'

/**
 * What visible.ts would escape and the writers of JSON and YAML leave as it is: DEL and C1 controls, and marks that
 * hide or reorder text. C0 controls and lone surrogates they escape themselves.
 */
export const UNSEEN = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u{e0000}-\u{e007f}]/gu

type KeysOf<T> = T extends unknown ? keyof T : never
type PropertyOf<T, K> = T extends unknown ? (K extends keyof T ? NonNullable<T[K]> : never) : never

/** The keys of a type in the order they are written; a key left out or made up does not compile. */
type Order<T> = [T] extends [string | number | boolean]
  ? true
  : [T] extends [readonly (infer E)[]]
    ? readonly [Order<E>]
    : string extends keyof T
      ? 'sorted'
      : {readonly [K in KeysOf<T> & string]: Order<PropertyOf<T, K>>}

type AnyOrder = true | 'sorted' | readonly [AnyOrder] | {readonly [key: string]: AnyOrder}

const evidence: Order<Evidence> = {
  kind: true, by: true, source: true, text: true,
  pid: true, ppid: true, fromPid: true, toPid: true, path: true, connections: true,
}

const order: Order<InspectReport> = {
  schemaVersion: true,
  rtctl: true,
  host: {name: true, os: true, kernel: true, architecture: true, time: true},
  chain: {
    summary: {
      kubelet: true,
      criEndpoint: {configured: true, inUse: true, source: true},
      criVersions: true,
      cgroup: {mode: true, kubelet: true, runtime: true},
      ociRuntimes: [true], handlers: [true], storage: [true], logging: [true], versions: 'sorted',
    },
    chains: [{id: true, title: true, kind: true, status: true, inside: true, nodes: [true], containers: [true]}],
    nodes: [{
      id: true, layer: true, component: true, label: true, version: true, pids: [true], status: true, inside: true,
      notes: [true], evidence: [evidence],
    }],
    edges: [{from: true, to: true, via: true, status: true, address: true, evidence: [evidence]}],
    nested: [{id: true, label: true, pid: true}],
    containers: [{
      id: true, kind: true, name: true, engine: true, engineNamespace: true,
      pod: {name: true, namespace: true, uid: true, sandboxId: true},
      image: true, state: true, pid: true, shimPid: true, runtime: {name: true, evidence},
      log: {path: true, driver: true}, cgroup: {path: true, driver: true}, init: true, ports: [true], inside: true,
      evidence: [evidence],
    }],
    orphans: [{kind: true, text: true, pids: [true], containers: [true], evidence: [evidence]}],
    oddities: [{id: true, level: true, text: true, next: true, evidence: [evidence]}],
    gaps: [{what: true, source: true, reason: true, next: true}],
    beside: [{component: true, pids: [true], inside: true, talksTo: [true]}],
  },
}

/**
 * The report with its keys in the order in which they are documented, and the keys of maps sorted, so that two
 * reports of the same host differ only where the host does. The data are the same; nothing is left out.
 */
export function document(report: InspectReport): unknown {
  return arranged(report, order)
}

function arranged(value: unknown, by: AnyOrder): unknown {
  if (Array.isArray(value)) return value.map((each: unknown) => arranged(each, Array.isArray(by) ? (by as [AnyOrder])[0] : true))
  if (typeof value !== 'object' || value === null) return value
  const known: Readonly<Record<string, AnyOrder>> = typeof by === 'object' ? (by as Record<string, AnyOrder>) : {}
  const rank = new Map(Object.keys(known).map((key, index) => [key, index]))
  const compare = (a: string, b: string): number => (rank.get(a) ?? rank.size) - (rank.get(b) ?? rank.size) || (a < b ? -1 : 1)
  // fromEntries defines own properties: a key named __proto__ stays a key
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => compare(a, b))
    .map(([key, each]) => [key, arranged(each, rank.has(key) ? known[key]! : true)]))
}
