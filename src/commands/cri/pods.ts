// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {findPackedPods} from '../../app/cri/list-pods.ts'
import type {Packed} from '../../app/cri/packed.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {labelFlag, listOutputFlag, nameFlag, namespaceFlag, newestFlags, noTruncFlag, verboseFlag} from '../../cli/cri/list-flags.ts'
import {printEach, printList, printTexts} from '../../cli/cri/output.ts'
import {labelSelector} from '../../cli/cri/stats-flags.ts'
import {PodSandbox} from '../../cri/gen/runtime/v1/list.ts'
import {podLines, renderPodDetails} from '../../render/cri/lists.ts'
import {visible} from '../../render/visible.ts'

export default class CriPods extends CriCommand {
  static override summary = 'List pods'
  static override description = 'The newest first, in any state.'
  static override enableJsonFlag = true
  static override flags = {
    output: listOutputFlag,
    id: Flags.string({helpValue: 'ID', summary: 'Only the one with this id, or whose id begins like this.'}),
    name: nameFlag,
    namespace: namespaceFlag,
    state: Flags.string({char: 's', helpValue: 'STATE', summary: 'Only those in this state: ready or notready.'}),
    label: labelFlag,
    ...newestFlags,
    verbose: verboseFlag,
    quiet: Flags.boolean({char: 'q', summary: 'Only the ids.'}),
    'no-trunc': noTruncFlag,
  }
  static override examples = [
    {description: 'all', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'ids of those that are gone', command: 'sudo <%= config.bin %> <%= command.id %> -q -s notready'},
  ]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriPods)
    const labels = labelSelector(flags.label)
    const {runtime} = await this.connect(flags)
    const pods = await findPackedPods(runtime, {...flags, labels})
    const documentOf = (pod: Packed<PodSandbox>) => PodSandbox.toJSON(pod.unpack())
    if (this.jsonEnabled()) return {items: pods.map(documentOf)}
    if (flags.output !== 'table') await printList('items', pods, documentOf, flags.output)
    else if (flags.quiet) await printEach(pods, (pod) => `${visible(pod.unpack().id)}\n`)
    else if (flags.verbose) await printEach(pods, (pod) => renderPodDetails(pod.unpack()))
    else await printTexts(podLines(pods.values().map((pod) => pod.unpack()), {noTrunc: flags['no-trunc'], now: Date.now()}))
    return undefined
  }
}
