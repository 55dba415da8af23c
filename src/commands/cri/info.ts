// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {runtimeDocument} from '../../app/cri/runtime-document.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {outputFlags, renderDocument} from '../../cli/cri/output.ts'
import {print} from '../../cli/output.ts'
import {status} from '../../cri/rpcs/runtime.ts'

export default class CriInfo extends CriCommand {
  static override summary = 'Say whether the runtime is ready, what it can do and how it is configured'
  static override enableJsonFlag = true
  static override flags = {
    ...outputFlags(['json', 'yaml', 'go-template'], 'json'),
    quiet: Flags.boolean({char: 'q', summary: 'Without its configuration.'}),
  }
  static override examples = [
    {description: 'all', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {
      description: 'what is ready', command:
        `sudo <%= config.bin %> <%= command.id %> -q -o go-template --template '{{range .status.conditions}}{{.type}}={{.status}} {{end}}'`,
    },
  ]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriInfo)
    const {runtime} = await this.connect(flags)
    const document = runtimeDocument(await runtime.call(status, {verbose: !flags.quiet}))
    const output = flags.output === 'table' ? 'json' : flags.output
    if (!this.jsonEnabled()) await print(await renderDocument(document, output, flags.template))
    return document
  }
}
