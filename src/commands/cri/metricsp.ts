// SPDX-License-Identifier: Apache-2.0
import {podMetricsOf} from '../../app/cri/stats.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {outputFlags, renderDocument} from '../../cli/cri/output.ts'
import {watchFlag} from '../../cli/cri/stats-flags.ts'
import {onceOrWatching} from '../../cli/cri/watching.ts'
import {print} from '../../cli/output.ts'
import {listPodSandboxMetrics} from '../../cri/rpcs/metrics.ts'

export default class CriMetricsp extends CriCommand {
  static override summary = 'List the metrics of pods, where the runtime keeps them in place of cAdvisor'
  static override enableJsonFlag = true
  static override flags = {...outputFlags(['json', 'yaml'], 'json'), watch: watchFlag}
  static override examples = [{description: 'of all pods', command: 'sudo <%= config.bin %> <%= command.id %>'}]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriMetricsp)
    const {runtime} = await this.connect(flags)
    const look = async (signal?: AbortSignal) => {
      return listPodSandboxMetrics.response.toJSON({podMetrics: [...(await podMetricsOf(runtime, {signal}))]})
    }
    const format = flags.output === 'yaml' ? 'yaml' : 'json'
    if (this.jsonEnabled()) return look()
    await onceOrWatching(flags.watch, async (signal) => print(await renderDocument(await look(signal), format)))
    return undefined
  }
}
