// SPDX-License-Identifier: Apache-2.0
import {printSchema, schemaFlags, wantedSchemas} from '../../../cli/cri/config-schema.ts'
import {CriCommand} from '../../../cli/cri/cri-command.ts'

export default class CriCreateJsonschema extends CriCommand {
  static override summary = 'Print the JSON schema for the configuration of a pod or a container'
  static override aliases = ['cri:create:js']
  static override flags = schemaFlags
  static override examples = [{description: 'for an editor', command: '<%= config.bin %> <%= command.id %> --container > container-schema.json'}]

  async run(): Promise<void> {
    const {flags} = await this.parse(CriCreateJsonschema)
    for (const message of wantedSchemas(flags)) await printSchema(message)
  }
}
