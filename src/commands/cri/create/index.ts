// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {create} from '../../../app/cri/run-container.ts'
import {ChangeCommand, dryRunFlag} from '../../../cli/cri/change-command.ts'
import {readContainerConfig, readPodConfig} from '../../../cli/cri/config-files.ts'
import {cancelTimeoutFlag, UNDONE} from '../../../cli/cri/make-flags.ts'
import {pullFlags} from '../../../cli/cri/pull-flags.ts'
import {pullImages, pullOrNot, shownPulls} from '../../../cli/cri/pull-first.ts'
import {createContainer} from '../../../cri/rpcs/config.ts'
import {pullImage} from '../../../cri/rpcs/pull.ts'

export default class CriCreate extends ChangeCommand {
  static override summary = 'Make a container in a pod sandbox'
  static override description = 'Prints its id; `start` starts it. After Ctrl-C it is removed again.'
  static override args = {
    pod: Args.string({ignoreStdin: true, required: true, description: 'id of a pod sandbox'}),
    'container-file': Args.string({ignoreStdin: true, required: true, description: 'configuration of the container, in JSON or YAML'}),
    'pod-file': Args.string({ignoreStdin: true, required: true, description: 'configuration that the pod was made with'}),
  }
  static override flags = {
    ...pullOrNot,
    ...pullFlags,
    'cancel-timeout': cancelTimeoutFlag,
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'a container', command: 'sudo <%= config.bin %> <%= command.id %> 2b7e container.json pod.json'}]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriCreate)
    const note = (text: string) => this.note(text)
    const [config, sandboxConfig] = [await readContainerConfig(args['container-file']), await readPodConfig(args['pod-file'], note)]
    const request = {podSandboxId: args.pod, config, sandboxConfig}
    await this.changing(flags, async ({runtime, image, config: settings}, signal) => {
      const pulls = flags['with-pull'] || (settings['pull-image-on-create'] === true && !flags['no-pull'])
      if (flags['dry-run']) {
        if (pulls) await this.showRequests(pullImage, await shownPulls(config, sandboxConfig, flags))
        return this.showRequests(createContainer, [request])
      }
      if (pulls) await pullImages(image, config, sandboxConfig, flags, {signal, note})
      const onUndo = (what: string) => this.note(`rtctl: removing ${what} again`)
      await this.line(await create(runtime, request, {signal, timeoutMs: flags['cancel-timeout'] || undefined, onUndo}))
    }, UNDONE)
  }
}
