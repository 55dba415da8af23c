// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {findPackedContainers, resolveImages} from '../../app/cri/list-containers.ts'
import type {Packed} from '../../app/cri/packed.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {labelFlag, listOutputFlag, nameFlag, namespaceFlag, newestFlags, noTruncFlag, verboseFlag} from '../../cli/cri/list-flags.ts'
import {printEach, printList, printTexts} from '../../cli/cri/output.ts'
import {labelSelector} from '../../cli/cri/stats-flags.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {Container} from '../../cri/gen/runtime/v1/list.ts'
import {containerLines, renderContainerDetails, shownImage} from '../../render/cri/lists.ts'
import {visible} from '../../render/visible.ts'

export default class CriPs extends CriCommand {
  static override summary = 'List containers'
  static override description = 'The newest first; without -a, --state, --latest or --last only those that run.'
  static override enableJsonFlag = true
  static override flags = {
    output: listOutputFlag,
    all: Flags.boolean({char: 'a', summary: 'In whatever state.'}),
    id: Flags.string({helpValue: 'ID', summary: 'Only the one with this id, or whose id begins like this.'}),
    name: nameFlag,
    namespace: namespaceFlag,
    pod: Flags.string({char: 'p', helpValue: 'ID', summary: 'Only the containers of this pod.'}),
    image: Flags.string({helpValue: 'IMAGE', summary: 'Only those of this image, by any of its names or its id.'}),
    state: Flags.string({char: 's', helpValue: 'STATE', summary: 'Only those in this state: created, running, exited or unknown.'}),
    label: labelFlag,
    ...newestFlags,
    verbose: verboseFlag,
    quiet: Flags.boolean({char: 'q', summary: 'Only the ids.'}),
    'no-trunc': noTruncFlag,
    'resolve-image-path': Flags.boolean({char: 'r', summary: 'Names of images where the runtime tells their ids.'}),
  }
  static override examples = [
    {description: 'what runs', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'what has run of one pod', command: 'sudo <%= config.bin %> <%= command.id %> -a -p 4f1c'},
  ]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriPs)
    const labels = labelSelector(flags.label)
    const {runtime, image} = await this.connect(flags)
    const containers = await findPackedContainers(runtime, image, {...flags, labels})
    const documentOf = (container: Packed<Container>) => Container.toJSON(container.unpack())
    if (this.jsonEnabled()) return {containers: containers.map(documentOf)}
    const now = Date.now()
    if (flags.output !== 'table') await printList('containers', containers, documentOf, flags.output)
    else if (flags.quiet) await printEach(containers, (container) => `${visible(container.unpack().id)}\n`)
    else if (flags.verbose) await printEach(containers, (container) => renderContainerDetails(container.unpack(), now))
    else {
      const look = {noTrunc: flags['no-trunc'], now}
      const names = await imageNames(containers, look.noTrunc, flags['resolve-image-path'] ? image : undefined)
      await printTexts(containerLines(containers.values().map((container) => container.unpack()), names, look))
    }
    return undefined
  }
}

/** What the table shows for an image. @param resolver asked for names where ids are not wanted */
async function imageNames(
  containers: readonly Packed<Container>[], noTrunc: boolean, resolver: CriConnection | undefined,
): Promise<(image: string) => string> {
  const shown = (image: string) => shownImage(image, noTrunc)
  if (resolver === undefined) return shown
  const names = await resolveImages(resolver, containers.map((container) => shown(container.unpack().image?.image ?? '')))
  return (image) => names.get(shown(image)) ?? shown(image)
}
