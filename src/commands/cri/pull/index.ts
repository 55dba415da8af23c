// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {pull, shownPullRequest} from '../../../app/cri/pull.ts'
import {ChangeCommand, dryRunFlag} from '../../../cli/cri/change-command.ts'
import {readPodConfig} from '../../../cli/cri/config-files.ts'
import {askedCredentials, pullFlags, shownCredentials} from '../../../cli/cri/pull-flags.ts'
import {showProgress} from '../../../cli/cri/pull-progress.ts'
import {pullImage} from '../../../cri/rpcs/pull.ts'
import {UserError} from '../../../model/user-error.ts'

export default class CriPull extends ChangeCommand {
  static override summary = 'Let the runtime pull an image from a registry'
  static override description = 'The runtime pulls with its own mirrors, proxies and certificates. Prints the reference by which it knows the image then.'
  static override args = {image: Args.string({ignoreStdin: true, required: true, description: 'NAME, NAME:TAG or NAME@DIGEST'})}
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
    const credentials = await (flags['dry-run'] ? shownCredentials : askedCredentials)(flags)
    const wish = {
      image: args.image, annotations: annotationsOf(flags.annotation ?? []), auth: credentials(args.image),
      pod: flags['pod-config'] === undefined ? undefined : await readPodConfig(flags['pod-config'], (text) => this.note(text)),
    }
    if (flags['dry-run']) return this.show(flags, pullImage, [shownPullRequest(wish)])
    await this.changing(flags, async ({image}, signal) => {
      const done = showProgress(image, args.image)
      const reference = await pull(image, wish, {signal, timeoutMs: flags['pull-timeout'] || flags['call-timeout']}).finally(done)
      await this.line(`Image is up to date for ${reference}`)
    })
  }
}

/** @throws UserError for one that is no `key=value` */
function annotationsOf(texts: readonly string[]): Map<string, string> {
  return new Map(texts.map((text) => {
    const [, key = '', value] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    if (key === '' || value === undefined) throw new UserError(`--annotation: "${text}" is no annotation.`, 'Give it as key=value.')
    return [key, value]
  }))
}
