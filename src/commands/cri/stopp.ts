// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {stopPod} from '../../app/cri/change.ts'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {stopPodSandbox} from '../../cri/rpcs/lifecycle.ts'

export default class CriStopp extends ChangeCommand {
  static override summary = 'Stop pods with all their containers'
  static override strict = false
  static override args = {pod: Args.string({ignoreStdin: true, required: true, description: 'id of a pod sandbox, or its beginning; several may be given'})}
  static override flags = {'dry-run': dryRunFlag}
  static override examples = [{description: 'one', command: 'sudo <%= config.bin %> <%= command.id %> 2b7e'}]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriStopp)
    const ids = argv.map(String)
    if (flags['dry-run']) return this.show(flags, stopPodSandbox, ids.map((podSandboxId) => ({podSandboxId})))
    await this.changing(flags, async ({runtime}, signal) => {
      await this.changeAll({ids, change: (id) => stopPod(runtime, id, {signal}), lines: (id) => [`Stopped sandbox ${id}`], signal})
    })
  }
}
