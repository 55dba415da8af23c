// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {removeOnePod} from '../../app/cri/change.ts'
import {listPods} from '../../app/cri/lists.ts'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {removePodSandbox} from '../../cri/rpcs/lifecycle.ts'

export default class CriRmp extends ChangeCommand {
  static override summary = 'Remove pods with all their containers'
  static override usage = '<%= command.id %> POD... [-f] | -a [-f]'
  static override strict = false
  static override flags = {
    force: Flags.boolean({char: 'f', summary: 'Also those that are ready; they are stopped first.'}),
    all: Flags.boolean({char: 'a', summary: 'All pods.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [
    {description: 'one that was stopped', command: 'sudo <%= config.bin %> <%= command.id %> 2b7e'},
    {description: 'all, whatever they do', command: 'sudo <%= config.bin %> <%= command.id %> -af'},
  ]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriRmp)
    const given = this.idsOf(argv, flags.all, 'pod')
    await this.changing(flags, async ({runtime}, signal) => {
      const ids = flags.all ? (await listPods(runtime, undefined, {signal})).map(({id}) => id) : given
      if (flags['dry-run']) return this.showRequests(removePodSandbox, ids.map((podSandboxId) => ({podSandboxId})))
      if (ids.length === 0) return this.note('rtctl: there is no pod to remove')
      const remove = (id: string) => removeOnePod(runtime, id, {force: flags.force, onStopped: () => this.line(`Stopped sandbox ${id}`)})
      await this.changeAll({ids, change: remove, lines: (id) => [`Removed sandbox ${id}`], signal})
    }, 'what is being removed is waited for')
  }
}
