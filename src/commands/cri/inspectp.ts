// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {podAnswers, podDocument} from '../../app/cri/inspect-pods.ts'
import {findPods} from '../../app/cri/list-pods.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {documentOfAnswers, mustFind, printAnswers} from '../../cli/cri/inspect-output.ts'
import {labelFlag, nameFlag, namespaceFlag, newestFlags, quietInspectFlag} from '../../cli/cri/list-flags.ts'
import {outputFlags} from '../../cli/cri/output.ts'
import {labelSelector} from '../../cli/cri/stats-flags.ts'
import type {PodSandboxStatusResponse} from '../../cri/gen/runtime/v1/status.ts'
import {renderPodStatus} from '../../render/cri/statuses.ts'

export default class CriInspectp extends CriCommand {
  static override summary = 'Show all that the runtime knows of pods'
  static override description = 'Of those that are named, or of those that pass the filters.'
  static override enableJsonFlag = true
  static override args = {id: Args.string({multiple: true, ignoreStdin: true, description: 'id of a pod sandbox, or its beginning'})}
  static override flags = {
    ...outputFlags(['json', 'yaml', 'go-template', 'table'], 'json'),
    quiet: quietInspectFlag,
    name: nameFlag,
    namespace: namespaceFlag,
    state: Flags.string({char: 's', helpValue: 'STATE', summary: 'Only those in this state: ready or notready.'}),
    label: labelFlag,
    ...newestFlags,
  }
  static override examples = [
    {description: 'one', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c'},
    {description: 'its address', command: `sudo <%= config.bin %> <%= command.id %> -o go-template --template '{{.status.network.ip}}' 4f1c`},
  ]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriInspectp)
    const labels = labelSelector(flags.label)
    const {runtime} = await this.connect(flags)
    const named = args.id ?? []
    const ids = named.length > 0 ? named : (await findPods(runtime, {...flags, labels})).map(({id}) => id)
    const answers = podAnswers(runtime, mustFind(ids, 'pod', 'pods'), !flags.quiet)
    if (this.jsonEnabled()) return documentOfAnswers(answers, podDocument)
    await printAnswers(answers, {document: podDocument, table: (answer) => tableOf(answer, flags.quiet)}, flags)
    return undefined
  }
}

function tableOf({status, info}: PodSandboxStatusResponse, quiet: boolean): string {
  return status === undefined ? '' : renderPodStatus(status, quiet ? undefined : info)
}
