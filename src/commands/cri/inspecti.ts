// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {imageAnswers, imageDocument} from '../../app/cri/inspect-images.ts'
import {findImages} from '../../app/cri/list-images.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {documentOfAnswers, mustFind, printAnswers} from '../../cli/cri/inspect-output.ts'
import {filterFlag, quietInspectFlag} from '../../cli/cri/list-flags.ts'
import {outputFlags} from '../../cli/cri/output.ts'
import type {ImageStatusResponse} from '../../cri/gen/runtime/v1/image.ts'
import {renderImageStatus} from '../../render/cri/statuses.ts'

export default class CriInspecti extends CriCommand {
  static override summary = 'Show all that the runtime knows of images'
  static override description = 'Of those that are named, or of those that pass the filters.'
  static override enableJsonFlag = true
  static override args = {image: Args.string({multiple: true, ignoreStdin: true, description: 'name or id of an image'})}
  static override flags = {
    ...outputFlags(['json', 'yaml', 'go-template', 'table'], 'json'),
    quiet: quietInspectFlag,
    name: Flags.string({helpValue: 'IMAGE', summary: 'Only the one with this name; containerd has no such filter and takes all.'}),
    filter: filterFlag,
  }
  static override examples = [
    {description: 'one', command: 'sudo <%= config.bin %> <%= command.id %> docker.io/library/busybox:1.36'},
    {description: 'its environment', command: `sudo <%= config.bin %> <%= command.id %> -o go-template --template '{{.info.imageSpec.config.Env}}' busybox`},
  ]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriInspecti)
    const {image} = await this.connect(flags)
    const named = args.image ?? []
    const names = named.length > 0 ? named : (await findImages(image, {name: flags.name, filters: flags.filter})).map(({id}) => id)
    const answers = imageAnswers(image, mustFind(names, 'image', 'images'), !flags.quiet)
    if (this.jsonEnabled()) return documentOfAnswers(answers, imageDocument)
    await printAnswers(answers, {document: imageDocument, table: (answer) => tableOf(answer, flags.quiet)}, flags)
    return undefined
  }
}

function tableOf({image, info}: ImageStatusResponse, quiet: boolean): string {
  return image === undefined ? '' : renderImageStatus(image, quiet ? undefined : info)
}
