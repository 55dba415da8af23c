// SPDX-License-Identifier: Apache-2.0
import {printSchema} from '../../../cli/cri/config-schema.ts'
import {CriCommand} from '../../../cli/cri/cri-command.ts'

export default class CriRunpJsonschema extends CriCommand {
  static override summary = 'Print the JSON schema for the configuration of a pod'
  static override aliases = ['cri:runp:js']
  static override examples = [{description: 'for an editor', command: '<%= config.bin %> <%= command.id %> > pod-schema.json'}]

  async run(): Promise<void> {
    await this.parse(CriRunpJsonschema)
    await printSchema('PodSandboxConfig')
  }
}
