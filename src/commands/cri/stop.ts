// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {stop} from '../../app/cri/change.ts'
import {listContainers} from '../../app/cri/lists.ts'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {ContainerState} from '../../cri/gen/runtime/v1/list.ts'
import {stopContainer} from '../../cri/rpcs/lifecycle.ts'

export default class CriStop extends ChangeCommand {
  static override summary = 'Stop running containers'
  static override description = 'The container gets its stop signal, and is killed when it still runs after --timeout. A kubelet starts its containers anew.'
  static override usage = '<%= command.id %> CONTAINER... [-t SECONDS] | -a'
  static override strict = false
  static override flags = {
    timeout: Flags.integer({char: 't', default: 0, min: 0, helpValue: 'SECONDS', summary: 'How long it may take to stop by itself.'}),
    all: Flags.boolean({char: 'a', summary: 'All that run.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'one, with ten seconds to end its work', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c -t 10'}]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriStop)
    const given = this.idsOf(argv, flags.all, 'container')
    if (flags['dry-run'] && !flags.all) return this.show(flags, stopContainer, given.map((containerId) => ({containerId, timeout: BigInt(flags.timeout)})))
    await this.changing(flags, async ({runtime}, signal) => {
      const running = {id: '', podSandboxId: '', labelSelector: new Map<string, string>(), state: {state: ContainerState.CONTAINER_RUNNING}}
      const ids = flags.all ? (await listContainers(runtime, running, {signal})).map(({id}) => id) : given
      if (flags['dry-run']) return this.showRequests(stopContainer, ids.map((containerId) => ({containerId, timeout: BigInt(flags.timeout)})))
      if (ids.length === 0) return this.line('No running containers found.')
      await this.changeAll({ids, change: (id) => stop(runtime, id, flags.timeout, {signal}), lines: (id) => [id], signal})
    })
  }
}
