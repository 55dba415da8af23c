// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {carriedOut} from '../../cli/migrate/carry-out.ts'
import {nodeCluster, nodeClusterFlags} from '../../cli/migrate/run-flags.ts'
import type {MigrationReport} from '../../model/migration/report.ts'

export default class MigrateRollback extends BaseCommand {
  static override summary = 'Take a migration back, from wherever it is'
  static override description =
    'Undoes every step that was begun, the last first, from the journal and its copies of files alone: after kill -9, a reboot, a failed step, or when ' +
    'it was complete. What cannot be undone is told, and the rest is done; it can be run again.'
  static override enableJsonFlag = true
  static override args = {id: Args.string({description: 'the migration; the newest unless told'})}
  static override flags = {...nodeClusterFlags, 'no-color': Flags.boolean({summary: 'Do not colour the output.'})}
  static override examples = ['sudo <%= config.bin %> <%= command.id %>', 'sudo <%= config.bin %> <%= command.id %> 20261121-162118-3f9a']

  async run(): Promise<MigrationReport> {
    const {args, flags} = await this.parse(MigrateRollback)
    const {rollback} = await import('../../app/migrate/rollback.ts')
    const cluster = nodeCluster(flags)
    return carriedOut({json: this.jsonEnabled(), 'no-color': flags['no-color']}, 'rollback', (_signal, tell) => rollback({cluster, tell, id: args.id}))
  }
}
