// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {tagging, tagImage} from '../../../app/cri/image-archive.ts'
import {dryRunFlag, ImageArchiveCommand} from '../../../cli/cri/image-archive-command.ts'
import {interruptible} from '../../../cli/interrupt.ts'
import {print} from '../../../cli/output.ts'
import {visible} from '../../../render/visible.ts'

export default class CriImagesTag extends ImageArchiveCommand {
  static override summary = 'Give an image one more name'
  static override description =
    'Prints the whole name by which pods can use it, after asking the runtime for it. A name that another image has goes over to ' +
    'this one. With containerd through its own `ctr`, with CRI-O through skopeo.'
  static override enableJsonFlag = true
  static override args = {
    source: Args.string({ignoreStdin: true, required: true, description: 'name or id of an image'}),
    target: Args.string({ignoreStdin: true, required: true, description: 'its new name: [REGISTRY/]NAME[:TAG]'}),
  }
  static override flags = {'dry-run': dryRunFlag}
  static override examples = [{
    description: 'as a registry will have it', command: 'sudo <%= config.bin %> <%= command.id %> app:1 registry.example.com/app:1',
  }]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriImagesTag)
    const {image, tool} = await this.openImages(flags)
    if (flags['dry-run']) return this.printCommand(tool, (await tagging(image, tool, args.source, args.target)).args)
    const tagged = await interruptible((signal) => tagImage(image, tool, args.source, args.target, signal))
    if (!this.jsonEnabled()) await print(`${visible(tagged.name)}\n`)
    return tagged
  }
}
