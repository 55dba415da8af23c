// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {runPod} from '../../../app/cri/run-container.ts'
import {ChangeCommand, dryRunFlag} from '../../../cli/cri/change-command.ts'
import {readPodConfig} from '../../../cli/cri/config-files.ts'
import {cancelTimeoutFlag, runtimeFlag, UNDONE} from '../../../cli/cri/make-flags.ts'
import {runPodSandbox} from '../../../cri/rpcs/config.ts'

export default class CriRunp extends ChangeCommand {
  static override summary = 'Start a pod sandbox'
  static override description = 'Prints its id. After Ctrl-C it is removed again. A kubelet removes pods that it does not know.'
  static override args = {'pod-file': Args.string({ignoreStdin: true, required: true, description: 'configuration of the pod, in JSON or YAML'})}
  static override flags = {
    runtime: runtimeFlag,
    'cancel-timeout': cancelTimeoutFlag,
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'a pod', command: 'sudo <%= config.bin %> <%= command.id %> pod.json'}]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriRunp)
    const config = await readPodConfig(args['pod-file'], (text) => this.note(text))
    if (flags['dry-run']) return this.show(flags, runPodSandbox, [{config, runtimeHandler: flags.runtime}])
    await this.changing(flags, async ({runtime}, signal) => {
      const onUndo = (what: string) => this.note(`rtctl: removing ${what} again`)
      await this.line(await runPod(runtime, config, flags.runtime, {signal, timeoutMs: flags['cancel-timeout'] || undefined, onUndo}))
    }, UNDONE)
  }
}
