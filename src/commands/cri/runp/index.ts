// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {runPod} from '../../../app/cri/run-container.ts'
import {ChangeCommand, dryRunFlag} from '../../../cli/cri/change-command.ts'
import {readPodConfig} from '../../../cli/cri/config-files.ts'
import {durationFlag} from '../../../cli/cri/duration.ts'
import {print} from '../../../cli/output.ts'
import {runPodSandbox} from '../../../cri/rpcs/config.ts'

export default class CriRunp extends ChangeCommand {
  static override summary = 'Start a pod sandbox'
  static override description = 'Prints its id. A kubelet removes pods that it does not know.'
  static override args = {config: Args.file({required: true, description: 'configuration of the pod, in JSON or YAML'})}
  static override flags = {
    runtime: Flags.string({char: 'r', default: '', helpValue: 'HANDLER', summary: 'Runtime handler to use, as a RuntimeClass names it.'}),
    'cancel-timeout': durationFlag({char: 'T', summary: 'Give up after this time.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'a pod', command: 'sudo <%= config.bin %> <%= command.id %> pod.json'}]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriRunp)
    const config = await readPodConfig(args.config)
    const request = {config, runtimeHandler: flags.runtime}
    if (flags['dry-run']) return this.show(flags, runPodSandbox, [request])
    await this.changing(flags, async ({runtime}, signal) => {
      const timeoutMs = flags['cancel-timeout'] || undefined
      await print(`${await runPod(runtime, config, flags.runtime, {signal, ...(timeoutMs && {timeoutMs})})}\n`)
    })
  }
}
