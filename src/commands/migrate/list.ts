// SPDX-License-Identifier: Apache-2.0
import {BaseCommand} from '../../cli/base-command.ts'
import {print} from '../../cli/output.ts'
import {renderList} from '../../render/migrate/report.ts'

export default class MigrateList extends BaseCommand {
  static override summary = 'List the migrations of this machine'
  static override enableJsonFlag = true
  static override examples = ['sudo <%= config.bin %> <%= command.id %>']

  async run(): Promise<unknown> {
    await this.parse(MigrateList)
    const {list} = await import('../../app/migrate/list.ts')
    const migrations = await list()
    if (!this.jsonEnabled()) await print(renderList(migrations))
    return {migrations}
  }
}
