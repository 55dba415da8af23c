// SPDX-License-Identifier: Apache-2.0
import type {Gap} from './chain.ts'
import type {Proof, Severity, TargetName} from './check.ts'
import type {ObjectRef, Position} from './kubernetes.ts'

/** Where a finding is. */
export type FindingPlace =
  | {readonly kind: 'node'; readonly node: string; readonly file?: string; readonly line?: number}
  | {readonly kind: 'manifest'; readonly file: string; readonly object?: ObjectRef; readonly path?: string; readonly position?: Position}
  | {readonly kind: 'cluster'; readonly context: string; readonly object: ObjectRef; readonly path?: string}

/** One thing that breaks, proven, with what to do about it. */
export interface Finding {
  /** id of the check */
  readonly check: string
  readonly severity: Severity
  /** the check's title in the failing state */
  readonly title: string
  readonly text: string
  readonly place: FindingPlace
  readonly evidence: readonly Proof[]
  readonly fix: string
  readonly learnMore: string
  /** stays the same from run to run while the problem is the same: 16 hexadecimal digits */
  readonly fingerprint: string
  /** undefined: counts. `baseline`: was there before; `waiver`, `ignore`: somebody said why it may stay */
  readonly accepted?: Acceptance
}

export type Acceptance =
  | {readonly by: 'baseline'}
  | {readonly by: 'ignore'}
  | {readonly by: 'waiver'; readonly reason: string; readonly expires?: string}

/**
 * Somebody's word that findings may stay, and until when. Patterns know `*` (within a part between slashes), `**` and `?`; a finding
 * has to match all that are given.
 */
export interface Waiver {
  /** id of the check */
  readonly id: string
  /** of the file as the finding names it: `deploy/**`, `/etc/docker/*` */
  readonly file?: string
  /** of the object as the finding names it: `DaemonSet logging/fluentd`, `* ci/*` */
  readonly object?: string
  readonly node?: string
  readonly reason: string
  /** the last day on which it holds: `2026-12-31` */
  readonly expires?: string
  /** where it is written */
  readonly source: {readonly file: string; readonly line: number; readonly column: number}
}

/** What makes findings not count. */
export interface Acceptances {
  /** fingerprints of the findings that were there before */
  readonly baseline?: ReadonlySet<string>
  readonly waivers?: readonly Waiver[]
  /** ids of checks */
  readonly ignore?: readonly string[]
}

/** A check that could not answer for a subject. */
export interface Undecided {
  readonly check: string
  readonly subject: string
  readonly source: string
  readonly reason: string
}

/** A file that was given and not looked at. */
export interface Skipped {
  readonly file: string
  readonly line?: number
  readonly reason: string
}

/** What was looked at. */
export interface Subjects {
  readonly nodes: readonly {readonly name: string; readonly source: string; readonly kubelet?: string; readonly runtime?: string}[]
  /** given files that were read */
  readonly files: number
  readonly objects: number
  readonly pods: number
  readonly texts: number
  /** context and server of the cluster */
  readonly cluster?: {readonly context: string; readonly version?: string}
}

/** The first version of a product that breaks a subject, and why. */
export interface HorizonRow {
  readonly product: 'Kubernetes' | 'containerd' | 'Docker Engine'
  readonly version: string
  readonly severity: Severity
  /** node, or object */
  readonly subject: string
  readonly check: string
  readonly text: string
}

/** What `rtctl preflight` answers: the document behind --json, and what every renderer draws. */
export interface PreflightReport {
  readonly schemaVersion: 1
  readonly rtctl: string
  readonly upgrade: {readonly target: TargetName; readonly kubernetes: string; readonly containerd?: string; readonly docker?: string}
  readonly subjects: Subjects
  readonly verdict: Verdict
  /** by severity, then place */
  readonly findings: readonly Finding[]
  readonly undecided: readonly Undecided[]
  readonly gaps: readonly Gap[]
  readonly skipped: readonly Skipped[]
  readonly horizon: readonly HorizonRow[]
  /** checks that ran, by what came of them */
  readonly checks: {readonly passed: readonly string[]; readonly failed: readonly string[]; readonly undecided: readonly string[]}
}

export interface Verdict {
  /** `no-go`: a blocker or high finding counts; `incomplete`: none does, but not everything could be looked at */
  readonly answer: 'go' | 'no-go' | 'incomplete'
  readonly sentence: string
  /** of the findings that count */
  readonly counts: Readonly<Record<Severity, number>>
  /** findings that a baseline, a waiver or --ignore accepts */
  readonly accepted: number
}
