// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {print} from '../../cli/output.ts'
import {styleFor} from '../../cli/style.ts'
import type {MigrationStatus} from '../../model/migration/report.ts'
import {renderStatus} from '../../render/migrate/report.ts'

export default class MigrateStatus extends BaseCommand {
  static override summary = 'Tell how far a migration of this machine is, and what to do next'
  static override enableJsonFlag = true
  static override args = {id: Args.string({description: 'the migration; the newest unless told'})}
  static override flags = {'no-color': Flags.boolean({summary: 'Do not colour the output.'})}
  static override examples = ['sudo <%= config.bin %> <%= command.id %>', 'sudo <%= config.bin %> <%= command.id %> --json']

  async run(): Promise<MigrationStatus> {
    const {args, flags} = await this.parse(MigrateStatus)
    const {status} = await import('../../app/migrate/status.ts')
    const found = await status(args.id)
    if (!this.jsonEnabled()) await print(renderStatus(found, styleFor(process.stdout, flags)))
    return found
  }
}
