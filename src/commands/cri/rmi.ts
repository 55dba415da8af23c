// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {imageNamed} from '../../app/cri/image-spec.ts'
import {imagesByName, imagesToRemove, namesThatGo, removeOneImage} from '../../app/cri/remove-images.ts'
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
      const asked = flags.all || flags.prune ? await imagesToRemove(image, runtime, flags.prune) : given
      const found = await imagesByName(image, asked)
      const ids = [...found.keys()].filter((name) => !flags.prune || found.get(name) !== undefined)
      for (const name of ids) {
        const names = namesThatGo(name, found.get(name))
        if (names.length > 0) this.note(`rtctl: ${name} is one of ${names.length} names of an image, and all of them go: ${names.join(', ')}`)
      }
      if (flags['dry-run']) return this.showRequests(removeImage, ids.map((name) => ({image: imageNamed(name)})))
      if (ids.length === 0) return this.note('rtctl: there is no image to remove')
      const remove = (name: string) => removeOneImage(image, name, found.get(name))
      await this.changeAll({ids, change: remove, lines: (_, gone) => gone.map((name) => `Deleted: ${name}`), signal})
    }, 'what is being removed is waited for')
  }
}
