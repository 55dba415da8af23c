// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {removeOneContainer} from '../../app/cri/change.ts'
import {listContainers} from '../../app/cri/lists.ts'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {removeContainer} from '../../cri/rpcs/lifecycle.ts'
import {removeLogs} from '../../logs/remove.ts'

export default class CriRm extends ChangeCommand {
  static override summary = 'Remove containers, and their logs'
  static override usage = '<%= command.id %> CONTAINER... [-f] | -a [-f]'
  static override strict = false
  static override flags = {
    force: Flags.boolean({char: 'f', summary: 'Also those that run; they are killed.'}),
    'keep-logs': Flags.boolean({char: 'k', summary: 'Leave the log and what was rotated of it.'}),
    all: Flags.boolean({char: 'a', summary: 'All containers.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [
    {description: 'one that has ended', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c'},
    {description: 'all, whatever they do', command: 'sudo <%= config.bin %> <%= command.id %> -af'},
  ]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriRm)
    const given = this.idsOf(argv, flags.all, 'container')
    await this.changing(flags, async ({runtime}, signal) => {
      const ids = flags.all ? (await listContainers(runtime, undefined, {signal})).map(({id}) => id) : given
      if (flags['dry-run']) return this.showRequests(removeContainer, ids.map((containerId) => ({containerId})))
      if (ids.length === 0) return this.note('rtctl: there is no container to remove')
      const remove = async (id: string) => {
        const log = await removeOneContainer(runtime, id, {force: flags.force, onStopped: () => this.line(id)})
        if (!flags['keep-logs']) removeLogs(log, (problem) => this.note(`rtctl: ${problem}`))
      }
      await this.changeAll({ids, change: remove, lines: (id) => [id], signal})
    }, 'what is being removed is waited for')
  }
}
