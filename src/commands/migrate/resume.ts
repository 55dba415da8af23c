// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {BaseCommand} from '../../cli/base-command.ts'
import {carriedOut} from '../../cli/migrate/carry-out.ts'
import {nodeCluster, runChoice, runFlags} from '../../cli/migrate/run-flags.ts'
import type {MigrationReport} from '../../model/migration/report.ts'

export default class MigrateResume extends BaseCommand {
  static override summary = 'Go on with a migration that was interrupted, paused or failed'
  static override description = 'Goes on with the first step that is not done. Where the machine was rebooted meanwhile, what a boot takes back is done again first.'
  static override enableJsonFlag = true
  static override flags = {...runFlags, 'no-color': Flags.boolean({summary: 'Do not colour the output.'})}
  static override examples = [
    {description: 'to the end', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'up to a point', command: 'sudo <%= config.bin %> <%= command.id %> --pause-before kubelet'},
  ]

  async run(): Promise<MigrationReport> {
    const {flags} = await this.parse(MigrateResume)
    const {resume} = await import('../../app/migrate/resume.ts')
    const cluster = nodeCluster(flags)
    return carriedOut({json: this.jsonEnabled(), 'no-color': flags['no-color']}, 'apply', (signal, tell) => resume({...runChoice(flags), cluster, signal, tell}))
  }
}
