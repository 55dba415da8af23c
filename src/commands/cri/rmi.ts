// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {changeEach} from '../../app/cri/change.ts'
import {imageNamed} from '../../app/cri/image-spec.ts'
import {imagesToRemove, removeOneImage} from '../../app/cri/remove-images.ts'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {removeImage} from '../../cri/rpcs/image.ts'

export default class CriRmi extends ChangeCommand {
  static override summary = 'Remove images'
  static override description = 'An image goes with all its names, whichever of them is given: the CRI cannot take away one name alone.'
  static override usage = '<%= command.id %> IMAGE... | -a | --prune'
  static override strict = false
  static override flags = {
    all: Flags.boolean({char: 'a', summary: 'All images.'}),
    prune: Flags.boolean({char: 'q', summary: 'All that no container has and that are not pinned.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [
    {description: 'one', command: 'sudo <%= config.bin %> <%= command.id %> registry.example.com/app:1'},
    {description: 'make room', command: 'sudo <%= config.bin %> <%= command.id %> --prune'},
  ]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriRmi)
    const given = this.idsOf(argv, flags.all || flags.prune, 'image')
    await this.changing(flags, async ({runtime, image}, signal) => {
      const names = flags.all || flags.prune ? await imagesToRemove(image, runtime, flags.prune) : [...new Set(given)]
      if (flags['dry-run']) return this.show(flags, removeImage, names.map((name) => ({image: imageNamed(name)})))
      if (names.length === 0) this.note('rtctl: there is no image to remove')
      const onNames = (all: readonly string[]) => this.note(`rtctl: this image has several names, and all of them go: ${all.join(', ')}`)
      await this.report(changeEach(names, (name) => removeOneImage(image, name, onNames), signal), (_, gone) => gone.map((name) => `Deleted: ${name}`))
    })
  }
}
