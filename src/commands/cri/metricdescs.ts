// SPDX-License-Identifier: Apache-2.0
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {outputFlags, renderDocument} from '../../cli/cri/output.ts'
import {print} from '../../cli/output.ts'
import {listMetricDescriptors} from '../../cri/rpcs/metrics.ts'

export default class CriMetricdescs extends CriCommand {
  static override summary = 'Say which metrics of pods the runtime has, and what they mean'
  static override enableJsonFlag = true
  static override flags = outputFlags(['json', 'yaml'], 'json')
  static override examples = [{description: 'of the runtime that the kubelet uses', command: 'sudo <%= config.bin %> <%= command.id %>'}]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriMetricdescs)
    const {runtime} = await this.connect(flags)
    const document = listMetricDescriptors.response.toJSON(await runtime.call(listMetricDescriptors, {}))
    if (!this.jsonEnabled()) await print(await renderDocument(document, flags.output === 'yaml' ? 'yaml' : 'json'))
    return document
  }
}
