// SPDX-License-Identifier: Apache-2.0
import type {Action, Phase, UnitState} from './plan.ts'

/**
 * One line of `journal.jsonl` in `/var/lib/rtctl/migrations/<id>/`. Each is fsynced before what it announces is done; the file only
 * grows. `seq` counts from 1 without gaps, so that a lost line is seen.
 */
export type JournalEntry =
  | {
    readonly seq: number; readonly at: string; readonly kind: 'begin'; readonly format: 'rtctl-journal/1'; readonly rtctl: string; readonly fingerprint: string; readonly bootId: string
    /** of the bytes of plan.json: what is carried out is what was begun */
    readonly planSha256: string
    /** pods that ran; undefined: neither the old runtime nor the cluster told */
    readonly pods?: readonly PodBefore[]
    /** of all units that the plan changes: stopping one may stop another that a later step is about */
    readonly units: Readonly<Record<string, UnitState>>
  }
  /** goes on after an interruption or a pause */
  | {readonly seq: number; readonly at: string; readonly kind: 'resume'; readonly bootId: string}
  /** ended as it was told to */
  | {readonly seq: number; readonly at: string; readonly kind: 'paused'; readonly reason: string}
  /** about to do a step; `undo` takes it back, first to last */
  | {readonly seq: number; readonly at: string; readonly kind: 'intent'; readonly step: string; readonly phase: Phase; readonly undo: readonly Action[]}
  | {readonly seq: number; readonly at: string; readonly kind: 'done'; readonly step: string; readonly note?: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'failed'; readonly step: string; readonly reason: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'skipped'; readonly step: string; readonly reason: string}
  /** everything is done and compared */
  | {readonly seq: number; readonly at: string; readonly kind: 'complete'}
  | {readonly seq: number; readonly at: string; readonly kind: 'rollback'; readonly reason: string; readonly bootId: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'undone'; readonly step: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'not-undone'; readonly step: string; readonly reason: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'rolled-back'}
  /** Docker's data is removed: there is no way back */
  | {readonly seq: number; readonly at: string; readonly kind: 'cleaned'}

/** A pod that ran before a migration. */
export interface PodBefore {
  readonly namespace: string
  readonly name: string
  /** kind of its controller, `Node` for a static pod; undefined: it has none, or nobody told */
  readonly owner?: string
  /** how many of its containers ran; undefined: nobody told */
  readonly containers?: number
}

/** How far a migration is, by its journal. */
export type MigrationState = 'running' | 'paused' | 'interrupted' | 'failed' | 'complete' | 'rolling-back' | 'rolled-back' | 'rollback-incomplete' | 'cleaned'
