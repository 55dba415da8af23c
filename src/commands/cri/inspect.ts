// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {containerAnswers, containerDocument} from '../../app/cri/inspect-containers.ts'
import {findContainers} from '../../app/cri/list-containers.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {documentOfAnswers, mustFind, printAnswers} from '../../cli/cri/inspect-output.ts'
import {labelFlag, nameFlag, namespaceFlag, newestFlags, quietInspectFlag} from '../../cli/cri/list-flags.ts'
import {outputFlags} from '../../cli/cri/output.ts'
import {labelSelector} from '../../cli/cri/stats-flags.ts'
import type {ContainerStatusResponse} from '../../cri/gen/runtime/v1/status.ts'
import {renderContainerStatus} from '../../render/cri/statuses.ts'

export default class CriInspect extends CriCommand {
  static override summary = 'Show all that the runtime knows of containers'
  static override description = 'Of those that are named, or of those that pass the filters: without -a, --state, --latest or --last only of those that run.'
  static override enableJsonFlag = true
  static override args = {id: Args.string({multiple: true, ignoreStdin: true, description: 'id of a container, or its beginning'})}
  static override flags = {
    ...outputFlags(['json', 'yaml', 'go-template', 'table'], 'json'),
    quiet: quietInspectFlag,
    all: Flags.boolean({char: 'a', summary: 'In whatever state.'}),
    name: nameFlag,
    namespace: namespaceFlag,
    pod: Flags.string({char: 'p', helpValue: 'ID', summary: 'Only the containers of this pod.'}),
    image: Flags.string({helpValue: 'IMAGE', summary: 'Only those of this image, by any of its names or its id.'}),
    state: Flags.string({char: 's', helpValue: 'STATE', summary: 'Only those in this state: created, running, exited or unknown.'}),
    label: labelFlag,
    ...newestFlags,
  }
  static override examples = [
    {description: 'one', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c'},
    {description: 'process ids of all that run', command: `sudo <%= config.bin %> <%= command.id %> -o go-template --template '{{range .}}{{.info.pid}}{{"\\n"}}{{end}}'`},
  ]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriInspect)
    const labels = labelSelector(flags.label)
    const {runtime, image} = await this.connect(flags)
    const named = args.id ?? []
    const ids = named.length > 0 ? named : (await findContainers(runtime, image, {...flags, labels})).map(({id}) => id)
    const answers = containerAnswers(runtime, mustFind(ids, 'container', 'ps -a'), !flags.quiet)
    if (this.jsonEnabled()) return documentOfAnswers(answers, containerDocument)
    await printAnswers(answers, {document: containerDocument, table: (answer) => tableOf(answer, flags.quiet)}, flags)
    return undefined
  }
}

function tableOf({status, info}: ContainerStatusResponse, quiet: boolean): string {
  return status === undefined ? '' : renderContainerStatus(status, quiet ? undefined : info, Date.now())
}
