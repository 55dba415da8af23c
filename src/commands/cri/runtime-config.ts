// SPDX-License-Identifier: Apache-2.0
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {print} from '../../cli/output.ts'
import {cgroupDriverToJSON} from '../../cri/gen/runtime/v1/runtime.ts'
import {runtimeConfig} from '../../cri/rpcs/runtime.ts'
import {renderTable} from '../../render/cri/table.ts'

export default class CriRuntimeConfig extends CriCommand {
  static override summary = 'Say what the runtime tells the kubelet of its configuration'
  static override description = 'That is the cgroup driver. Runtimes before Kubernetes 1.28, such as containerd 1, do not tell it.'
  static override enableJsonFlag = true
  static override examples = [{description: 'the cgroup driver', command: 'sudo <%= config.bin %> <%= command.id %>'}]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriRuntimeConfig)
    const {runtime} = await this.connect(flags)
    const answer = await runtime.call(runtimeConfig, {})
    if (!this.jsonEnabled() && answer.linux) {
      await print(renderTable([['cgroup driver:', cgroupDriverToJSON(answer.linux.cgroupDriver)]], {minWidth: 10, gap: 3}))
    }
    return runtimeConfig.response.toJSON(answer)
  }
}
