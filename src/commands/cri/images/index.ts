// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {findImages} from '../../../app/cri/list-images.ts'
import {CriCommand} from '../../../cli/cri/cri-command.ts'
import {filterFlag, listOutputFlag, noTruncFlag, verboseFlag} from '../../../cli/cri/list-flags.ts'
import {printList} from '../../../cli/cri/output.ts'
import {print} from '../../../cli/output.ts'
import {Image} from '../../../cri/gen/runtime/v1/image.ts'
import {renderImageDetails, renderImages} from '../../../render/cri/lists.ts'
import {visible} from '../../../render/visible.ts'

export default class CriImages extends CriCommand {
  static override summary = 'List images'
  static override description = 'One row for each name of an image, sorted by name.'
  static override aliases = ['cri:image', 'cri:img']
  static override enableJsonFlag = true
  static override args = {image: Args.string({ignoreStdin: true, description: 'only the one with this name; containerd lists all the same'})}
  static override flags = {
    output: listOutputFlag,
    filter: filterFlag,
    digests: Flags.boolean({summary: 'With a column of digests.'}),
    pinned: Flags.boolean({summary: 'With a column that says which are pinned: never removed to make room.'}),
    verbose: verboseFlag,
    quiet: Flags.boolean({char: 'q', summary: 'Only the ids.'}),
    'no-trunc': noTruncFlag,
  }
  static override examples = [
    {description: 'all', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'ids of those without a name', command: 'sudo <%= config.bin %> <%= command.id %> -q -f dangling=true'},
  ]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriImages)
    const {image} = await this.connect(flags)
    const images = await findImages(image, {name: args.image, filters: flags.filter})
    if (this.jsonEnabled()) return {images: images.map((one) => Image.toJSON(one))}
    const {digests, pinned} = flags
    if (flags.output !== 'table') await printList('images', images, (one) => Image.toJSON(one), flags.output)
    else if (flags.quiet) await print(images.map(({id}) => `${visible(id)}\n`).join(''))
    else if (flags.verbose) await print(images.map(renderImageDetails).join(''))
    else await print(renderImages(images, {noTrunc: flags['no-trunc'], digests, pinned}))
    return undefined
  }
}
