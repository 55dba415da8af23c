// SPDX-License-Identifier: Apache-2.0
import type {Action, Phase} from './plan.ts'

/**
 * One line of `journal.jsonl` in `/var/lib/rtctl/migrations/<id>/`. Each is fsynced before what it announces is done; the file only
 * grows. `seq` counts from 1 without gaps, so that a lost line is seen.
 */
export type JournalEntry =
  | {readonly seq: number; readonly at: string; readonly kind: 'begin'; readonly format: 'rtctl-journal/1'; readonly rtctl: string; readonly fingerprint: string; readonly bootId: string}
  /** about to do a step; `undo` takes it back, first to last */
  | {readonly seq: number; readonly at: string; readonly kind: 'intent'; readonly step: string; readonly phase: Phase; readonly undo: readonly Action[]}
  | {readonly seq: number; readonly at: string; readonly kind: 'done'; readonly step: string; readonly note?: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'failed'; readonly step: string; readonly reason: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'skipped'; readonly step: string; readonly reason: string}
  /** everything is done and compared */
  | {readonly seq: number; readonly at: string; readonly kind: 'complete'}
  | {readonly seq: number; readonly at: string; readonly kind: 'rollback'; readonly reason: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'undone'; readonly step: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'not-undone'; readonly step: string; readonly reason: string}
  | {readonly seq: number; readonly at: string; readonly kind: 'rolled-back'}
  /** Docker's data is removed: there is no way back */
  | {readonly seq: number; readonly at: string; readonly kind: 'cleaned'}

/** How far a migration is, by its journal. */
export type MigrationState = 'running' | 'interrupted' | 'failed' | 'complete' | 'rolling-back' | 'rolled-back' | 'rollback-incomplete' | 'cleaned'
