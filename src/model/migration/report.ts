// SPDX-License-Identifier: Apache-2.0
import type {MigrationState} from './journal.ts'
import type {Phase} from './plan.ts'

/** What became of a migration in one run of `apply`, `resume` or `rollback`. */
export interface MigrationReport {
  readonly id: string
  /** folder of its journal */
  readonly folder: string
  readonly state: MigrationState
  readonly steps: readonly StepReport[]
  /** the step that failed, and why */
  readonly failure?: {readonly step: string; readonly title: string; readonly reason: string}
  /** of a rollback in this run */
  readonly notUndone?: readonly {readonly step: string; readonly title: string; readonly reason: string}[]
  readonly seconds: number
  /** what to do now; undefined: nothing */
  readonly next?: string
}

export interface StepReport {
  readonly id: string
  readonly phase: Phase
  readonly title: string
  readonly state: 'done' | 'skipped' | 'failed' | 'undone' | 'not-undone'
  readonly seconds: number
  readonly note?: string
}

/** What is told while it goes on. */
export type MigrationEvent =
  | {readonly kind: 'begin'; readonly id: string; readonly folder: string; readonly steps: number}
  | {readonly kind: 'step'; readonly step: string; readonly phase: Phase; readonly title: string; readonly number: number; readonly of: number}
  /** of the step under way: what it waits for, how far it is */
  | {readonly kind: 'progress'; readonly text: string}
  | {readonly kind: 'step-end'; readonly report: StepReport}
  | {readonly kind: 'rollback'; readonly reason: string; readonly steps: number}

/** A migration as its journal tells of it. */
export interface MigrationStatus {
  readonly id: string
  readonly folder: string
  readonly state: MigrationState
  readonly node: string
  readonly from: string
  readonly to: string
  /** ISO 8601, UTC */
  readonly begun: string
  readonly last: string
  readonly done: number
  readonly steps: number
  /** the step under way, or where it stopped */
  readonly step?: {readonly id: string; readonly phase: Phase; readonly title: string; readonly since: string}
  readonly failure?: string
  readonly notUndone: readonly {readonly step: string; readonly reason: string}[]
  /** pid of the rtctl that works on it */
  readonly pid?: number
  /** something about the journal itself: the machine was rebooted since, its last line is torn */
  readonly remarks: readonly string[]
  readonly next?: string
}
