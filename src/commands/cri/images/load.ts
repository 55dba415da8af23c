// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {loadArgs, loadImages} from '../../../app/cri/image-archive.ts'
import {dryRunFlag, ImageArchiveCommand} from '../../../cli/cri/image-archive-command.ts'
import {interruptible} from '../../../cli/interrupt.ts'
import {print} from '../../../cli/output.ts'
import {visible} from '../../../render/visible.ts'

export default class CriImagesLoad extends ImageArchiveCommand {
  static override summary = 'Load images from an archive of `docker save`, `ctr images export` or an OCI layout'
  static override description =
    'Prints the names by which pods can use them, after asking the runtime for each. With containerd through its own `ctr`, with CRI-O ' +
    'through skopeo; also from standard input and compressed, for which skopeo needs room in TMPDIR or /var/tmp. ctr loads only what is ' +
    'for the platform of the node. skopeo was tested on a real storage of CRI-O, CRI-O itself was a stand-in.'
  static override enableJsonFlag = true
  static override args = {file: Args.string({ignoreStdin: true, required: true, description: 'archive; - is standard input'})}
  static override flags = {'dry-run': dryRunFlag}
  static override examples = [
    {description: 'a file', command: 'sudo <%= config.bin %> <%= command.id %> app.tar'},
    {description: 'straight from Docker', command: 'docker save app:1 | sudo <%= config.bin %> <%= command.id %> -'},
  ]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriImagesLoad)
    const {image, tool} = await this.openImages(flags)
    if (flags['dry-run']) return this.printCommand(tool, loadArgs(tool, args.file))
    const {onProgress, end} = this.progress()
    const images = await interruptible((signal) => loadImages(image, tool, args.file, {signal, onProgress})).finally(end)
    if (!this.jsonEnabled()) await print(images.map(({name}) => `${visible(name)}\n`).join(''))
    return {images}
  }
}
