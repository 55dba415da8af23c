// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {start} from '../../app/cri/run-container.ts'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {startContainer} from '../../cri/rpcs/lifecycle.ts'

export default class CriStart extends ChangeCommand {
  static override summary = 'Start containers that were made'
  static override strict = false
  static override args = {container: Args.string({ignoreStdin: true, required: true, description: 'id of a container, or its beginning; several may be given'})}
  static override flags = {'dry-run': dryRunFlag}
  static override examples = [{description: 'one', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c'}]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriStart)
    const ids = argv.map(String)
    if (flags['dry-run']) return this.show(flags, startContainer, ids.map((containerId) => ({containerId})))
    await this.changing(flags, async ({runtime}, signal) => {
      await this.changeAll({ids, change: (id) => start(runtime, id), lines: (id) => [id], signal, inTurn: true})
    }, 'the container that is being started is waited for')
  }
}
