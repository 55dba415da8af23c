// SPDX-License-Identifier: Apache-2.0
import type {PreflightReport} from '../../model/preflight.ts'

type KeysOf<T> = T extends readonly (infer Element)[] ? KeysOf<Element>
  : T extends object ? {[Key in keyof T & string]: Key | KeysOf<NonNullable<T[Key]>>}[keyof T & string] : never

/** Every key of a report, in the order in which each object has them; one left out or made up does not compile. */
const KEYS: Readonly<Record<KeysOf<PreflightReport>, true>> = {
  schemaVersion: true, rtctl: true, upgrade: true, subjects: true, verdict: true,
  answer: true, sentence: true, counts: true, blocker: true, high: true, medium: true, low: true, info: true, accepted: true,
  findings: true, undecided: true, gaps: true, skipped: true, horizon: true, checks: true, passed: true, failed: true,
  product: true, version: true,
  check: true, severity: true, subject: true, title: true, text: true, place: true, evidence: true,
  what: true, source: true, reason: true, next: true,
  fix: true, learnMore: true, fingerprint: true, by: true, expires: true,
  kind: true, node: true, name: true, kubelet: true, runtime: true, context: true, file: true, line: true, column: true,
  object: true, apiVersion: true, namespace: true, path: true, position: true,
  target: true, kubernetes: true, containerd: true, docker: true,
  nodes: true, files: true, objects: true, pods: true, texts: true, cluster: true,
}

/** The report with its keys in the documented order, for writers of JSON and YAML. Shape: schemas/preflight-report.schema.json. */
export function preflightDocument(report: PreflightReport): unknown {
  // A list of keys tells JSON.stringify which to write and in which order.
  return JSON.parse(JSON.stringify(report, Object.keys(KEYS)))
}
