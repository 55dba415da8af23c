// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {Cleanup} from '../../app/migrate/cleanup.ts'
import {BaseCommand} from '../../cli/base-command.ts'
import {confirm} from '../../cli/migrate/carry-out.ts'
import {print} from '../../cli/output.ts'
import {renderCleanup} from '../../render/migrate/report.ts'

export default class MigrateCleanup extends BaseCommand {
  static override summary = "Remove Docker's data and packages after a migration: the point of no return"
  static override description =
    'Without --data and --packages it only shows what would go, with what the package manager says of it. Refuses while anything uses Docker, or ' +
    'where the runtime that the node runs on would go as well. The migration cannot be rolled back afterwards.'
  static override enableJsonFlag = true
  static override flags = {
    data: Flags.boolean({summary: "Remove Docker's images, containers and volumes (/var/lib/docker), and /var/lib/dockershim."}),
    packages: Flags.boolean({summary: "Remove Docker's packages with their configuration."}),
    yes: Flags.boolean({char: 'y', summary: 'Do not ask for the confirmation.'}),
  }
  static override examples = [
    {description: 'what would go', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'all of it', command: 'sudo <%= config.bin %> <%= command.id %> --data --packages'},
  ]

  async run(): Promise<Cleanup> {
    const {flags} = await this.parse(MigrateCleanup)
    const {cleanup} = await import('../../app/migrate/cleanup.ts')
    const done = await cleanup({
      data: flags.data, packages: flags.packages,
      confirm: async (what) => {
        if (!flags.yes) await confirm(`${renderCleanup(what)}The migration cannot be rolled back then.`, 'remove docker')
      },
    })
    if (!this.jsonEnabled()) await print(renderCleanup(done))
    return done
  }
}
