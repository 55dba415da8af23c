// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {saveImages} from '../../../app/cri/image-archive.ts'
import {ImageArchiveCommand} from '../../../cli/cri/image-archive-command.ts'
import {interruptible} from '../../../cli/interrupt.ts'
import {UserError} from '../../../model/user-error.ts'

export default class CriImagesSave extends ImageArchiveCommand {
  static override summary = 'Save images into an archive that docker, ctr and `rtctl cri images load` read'
  static override description =
    'Into a file that is there as a whole or not at all, or to standard output. With containerd through its own `ctr`, with CRI-O ' +
    'through skopeo, one image at a time. Only what is for the platform of the node is saved.'
  static override strict = false
  static override args = {image: Args.string({ignoreStdin: true, required: true, description: 'name or id of an image; several may be given'})}
  static override flags = {output: Flags.string({char: 'o', helpValue: 'FILE', summary: 'Write it there, not to standard output.'})}
  static override examples = [
    {description: 'into a file', command: 'sudo <%= config.bin %> <%= command.id %> registry.example.com/app:1 -o app.tar'},
    {description: 'to another node', command: 'sudo <%= config.bin %> <%= command.id %> app:1 | ssh node-2 sudo <%= config.bin %> cri images load -'},
  ]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriImagesSave)
    if (flags.output === undefined && process.stdout.isTTY) {
      throw new UserError('Standard output is a terminal, which an archive would wreck.', 'Name a file with -o, or pipe it on.')
    }
    const {image, tool} = await this.openImages(flags)
    const {onProgress, end} = this.progress()
    const images = await interruptible((signal) => (
      saveImages(image, tool, argv.map(String), flags.output ?? write, {signal, onProgress})
    )).finally(end)
    for (const {name} of images) this.note(`rtctl: saved ${name}`)
  }
}

/** No faster than the reader takes it. */
async function write(chunk: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}
