// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {runContainer} from '../../../app/cri/run-container.ts'
import {ChangeCommand, dryRunFlag} from '../../../cli/cri/change-command.ts'
import {readContainerConfig, readPodConfig} from '../../../cli/cri/config-files.ts'
import {cancelTimeoutFlag, runtimeFlag, UNDONE} from '../../../cli/cri/make-flags.ts'
import {pullFlags} from '../../../cli/cri/pull-flags.ts'
import {pullImages, pullOrNot, shownPulls} from '../../../cli/cri/pull-first.ts'
import {createContainer, runPodSandbox} from '../../../cri/rpcs/config.ts'
import {startContainer} from '../../../cri/rpcs/lifecycle.ts'
import {pullImage} from '../../../cri/rpcs/pull.ts'

/** Stands for what the runtime has yet to answer. */
const ANSWERED = {pod: '(id of the pod sandbox)', container: '(id of the container)'} as const

export default class CriRun extends ChangeCommand {
  static override summary = 'Start a container in a pod sandbox of its own'
  static override description = 'Pulls the image first, and prints the id of the container. When something fails or Ctrl-C comes in between, the pod is removed again.'
  static override args = {
    'container-file': Args.string({ignoreStdin: true, required: true, description: 'configuration of the container, in JSON or YAML'}),
    'pod-file': Args.string({ignoreStdin: true, required: true, description: 'configuration of the pod'}),
  }
  static override flags = {
    ...pullOrNot,
    ...pullFlags,
    runtime: runtimeFlag,
    'cancel-timeout': cancelTimeoutFlag,
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'a container', command: 'sudo <%= config.bin %> <%= command.id %> container.json pod.json'}]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriRun)
    const note = (text: string) => this.note(text)
    const [container, pod] = [await readContainerConfig(args['container-file']), await readPodConfig(args['pod-file'], note)]
    await this.changing(flags, async ({runtime, image, config: settings}, signal) => {
      const pulls = flags['with-pull'] || (settings['disable-pull-on-run'] !== true && !flags['no-pull'])
      if (flags['dry-run']) {
        if (pulls) await this.showRequests(pullImage, await shownPulls(container, pod, flags))
        await this.showRequests(runPodSandbox, [{config: pod, runtimeHandler: flags.runtime}])
        await this.showRequests(createContainer, [{podSandboxId: ANSWERED.pod, config: container, sandboxConfig: pod}])
        return this.showRequests(startContainer, [{containerId: ANSWERED.container}])
      }
      if (pulls) await pullImages(image, container, pod, flags, {signal, note})
      const onUndo = (what: string) => this.note(`rtctl: removing ${what} again`)
      const making = {signal, timeoutMs: flags['cancel-timeout'] || undefined, onUndo}
      await this.line(await runContainer(runtime, {pod, container, runtimeHandler: flags.runtime}, making))
    }, UNDONE)
  }
}
