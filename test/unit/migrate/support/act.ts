// SPDX-License-Identifier: Apache-2.0
import {applyPlan, type ApplyOptions} from '../../../../src/migrate/apply.ts'
import type {Machine} from '../../../../src/migrate/machine.ts'
import {resumeMigration} from '../../../../src/migrate/resume.ts'
import {rollbackMigration} from '../../../../src/migrate/rollback.ts'
import type {MigrationReport} from '../../../../src/model/migration/report.ts'
import type {Plan} from '../../../../src/model/migration/plan.ts'

export const OPTIONS: ApplyOptions = {
  rtctl: '0.1.0', rollback: true, signal: new AbortController().signal,
  skip: () => undefined, accepts: () => false, confirm: async () => undefined, tell: () => undefined,
}

export async function apply(plan: Plan, machine: Machine, options: Partial<ApplyOptions> = {}): Promise<MigrationReport> {
  return applyPlan(plan, machine, {...OPTIONS, ...options})
}

export async function resume(machine: Machine, options: Partial<ApplyOptions> = {}): Promise<MigrationReport> {
  return resumeMigration(machine, {...OPTIONS, ...options})
}

export async function rollback(machine: Machine, id?: string): Promise<MigrationReport> {
  return rollbackMigration(machine, {id, reason: 'a test', tell: () => undefined})
}
