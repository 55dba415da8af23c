// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {pull, shownPullRequest} from '../../../app/cri/pull.ts'
import {ChangeCommand, dryRunFlag} from '../../../cli/cri/change-command.ts'
import {readPodConfig} from '../../../cli/cri/config-files.ts'
import {labelSelector} from '../../../cli/cri/stats-flags.ts'
import {credentialsFor, pullFlags, showElapsed} from '../../../cli/cri/pull-flags.ts'
import {print} from '../../../cli/output.ts'
import {pullImage} from '../../../cri/rpcs/pull.ts'
import {visible} from '../../../render/visible.ts'

export default class CriPull extends ChangeCommand {
  static override summary = 'Let the runtime pull an image from a registry'
  static override description = 'The runtime pulls with its own mirrors, proxies and certificates. Prints the reference by which it knows the image then.'
  static override args = {image: Args.string({required: true, description: 'NAME, NAME:TAG or NAME@DIGEST'})}
  static override flags = {
    ...pullFlags,
    'pod-config': Flags.file({helpValue: 'FILE', summary: 'Configuration of the pod that it is for.'}),
    annotation: Flags.string({char: 'a', multiple: true, multipleNonGreedy: true, helpValue: 'KEY=VALUE', summary: 'Annotation of the image; may be given several times.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [
    {description: 'a tag', command: 'sudo <%= config.bin %> <%= command.id %> registry.k8s.io/pause:3.10'},
    {description: 'as somebody, with the password asked for', command: 'sudo <%= config.bin %> <%= command.id %> -u ci registry.example.com/app:1'},
  ]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriPull)
    const wish = {
      image: args.image, annotations: labelSelector(flags.annotation),
      auth: await credentialsFor(args.image, flags), pod: flags['pod-config'] === undefined ? undefined : await readPodConfig(flags['pod-config']),
    }
    if (flags['dry-run']) return this.show(flags, pullImage, [shownPullRequest(wish)])
    await this.changing(flags, async ({image}, signal) => {
      const done = showElapsed(`pulling ${visible(args.image)}`)
      const reference = await pull(image, wish, {signal, timeoutMs: flags['pull-timeout'] || undefined}).finally(done)
      await print(`Image is up to date for ${visible(reference)}\n`)
    })
  }
}
