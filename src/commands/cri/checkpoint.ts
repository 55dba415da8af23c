// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {checkpointContainer} from '../../cri/rpcs/lifecycle.ts'

export default class CriCheckpoint extends ChangeCommand {
  static override summary = 'Save the state of running containers'
  static override description = 'The runtime writes an archive of the processes and the files that they changed. It needs CRIU, and containerd 2 or CRI-O.'
  static override strict = false
  static override args = {container: Args.string({ignoreStdin: true, required: true, description: 'id of a container, or its beginning; several may be given'})}
  static override flags = {
    export: Flags.string({char: 'e', required: true, helpValue: 'FILE', summary: 'Where the runtime writes the archive, on the node.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'one', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c --export /var/tmp/app.tar'}]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriCheckpoint)
    const requests = argv.map((id) => ({containerId: String(id), location: flags.export}))
    if (flags['dry-run']) return this.show(flags, checkpointContainer, requests)
    await this.changing(flags, async ({runtime}, signal) => {
      const save = (containerId: string) => runtime.call(checkpointContainer, {containerId, location: flags.export}, {signal})
      // All go to the same file.
      await this.changeAll({ids: argv.map(String), change: save, lines: (id) => [id], signal, inTurn: true})
    })
  }
}
