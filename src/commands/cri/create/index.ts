// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {create} from '../../../app/cri/run-container.ts'
import {ChangeCommand, dryRunFlag} from '../../../cli/cri/change-command.ts'
import {readContainerConfig, readPodConfig} from '../../../cli/cri/config-files.ts'
import {durationFlag} from '../../../cli/cri/duration.ts'
import {pullFlags} from '../../../cli/cri/pull-flags.ts'
import {pullImages, pullOrNot} from '../../../cli/cri/pull-first.ts'
import {print} from '../../../cli/output.ts'
import {createContainer} from '../../../cri/rpcs/config.ts'

export default class CriCreate extends ChangeCommand {
  static override summary = 'Make a container in a pod sandbox'
  static override description = 'Prints its id; `start` starts it.'
  static override args = {
    pod: Args.string({required: true, description: 'id of a pod sandbox'}),
    container: Args.file({required: true, description: 'configuration of the container, in JSON or YAML'}),
    config: Args.file({required: true, description: 'configuration that the pod was made with'}),
  }
  static override flags = {
    ...pullOrNot,
    ...pullFlags,
    'cancel-timeout': durationFlag({char: 'T', summary: 'Give up after this time.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'a container', command: 'sudo <%= config.bin %> <%= command.id %> 2b7e container.json pod.json'}]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriCreate)
    const [config, sandboxConfig] = [await readContainerConfig(args.container), await readPodConfig(args.config)]
    if (flags['dry-run']) return this.show(flags, createContainer, [{podSandboxId: args.pod, config, sandboxConfig}])
    await this.changing(flags, async ({runtime, image, config: settings}, signal) => {
      const wanted = flags['with-pull'] || (settings['pull-image-on-create'] === true && !flags['no-pull'])
      if (wanted) await pullImages(image, config, sandboxConfig, flags, signal, (text) => this.note(text))
      const timeoutMs = flags['cancel-timeout'] || undefined
      await print(`${await create(runtime, args.pod, config, sandboxConfig, {signal, ...(timeoutMs && {timeoutMs})})}\n`)
    })
  }
}
