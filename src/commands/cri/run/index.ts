// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {runContainer} from '../../../app/cri/run-container.ts'
import {ChangeCommand, dryRunFlag} from '../../../cli/cri/change-command.ts'
import {readContainerConfig, readPodConfig} from '../../../cli/cri/config-files.ts'
import {durationFlag} from '../../../cli/cri/duration.ts'
import {pullFlags} from '../../../cli/cri/pull-flags.ts'
import {pullImages, pullOrNot} from '../../../cli/cri/pull-first.ts'
import {print} from '../../../cli/output.ts'
import {createContainer, runPodSandbox} from '../../../cri/rpcs/config.ts'

export default class CriRun extends ChangeCommand {
  static override summary = 'Start a container in a pod sandbox of its own'
  static override description = 'Pulls the image first, and prints the id of the container. When something fails or Ctrl-C comes in between, the pod is removed again.'
  static override args = {
    container: Args.file({required: true, description: 'configuration of the container, in JSON or YAML'}),
    pod: Args.file({required: true, description: 'configuration of the pod'}),
  }
  static override flags = {
    ...pullOrNot,
    ...pullFlags,
    runtime: Flags.string({char: 'r', default: '', helpValue: 'HANDLER', summary: 'Runtime handler to use, as a RuntimeClass names it.'}),
    'cancel-timeout': durationFlag({char: 'T', summary: 'Give up making the container after this time.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'a container', command: 'sudo <%= config.bin %> <%= command.id %> container.json pod.json'}]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriRun)
    const [container, pod] = [await readContainerConfig(args.container), await readPodConfig(args.pod)]
    if (flags['dry-run']) {
      await this.show(flags, runPodSandbox, [{config: pod, runtimeHandler: flags.runtime}])
      return this.show(flags, createContainer, [{podSandboxId: '', config: container, sandboxConfig: pod}])
    }
    await this.changing(flags, async ({runtime, image, config: settings}, signal) => {
      const wanted = flags['with-pull'] || (settings['disable-pull-on-run'] !== true && !flags['no-pull'])
      if (wanted) await pullImages(image, container, pod, flags, signal, (text) => this.note(text))
      const timeoutMs = flags['cancel-timeout'] || undefined
      const id = await runContainer(runtime, {
        pod, container, runtimeHandler: flags.runtime, limits: {signal, ...(timeoutMs && {timeoutMs})},
        onUndo: (podSandboxId) => this.note(`rtctl: removing pod sandbox ${podSandboxId} again`),
      })
      await print(`${id}\n`)
    })
  }
}
