// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {updateRuntimeConfig} from '../../cri/rpcs/runtime.ts'

export default class CriUpdateRuntimeConfig extends ChangeCommand {
  static override summary = 'Tell the runtime the addresses that pods get'
  static override description = 'What a kubelet does when it learns its pod CIDR. containerd writes a CNI configuration then if it has a template for one; others leave it out.'
  static override flags = {
    'pod-cidr': Flags.string({char: 'p', required: true, helpValue: 'CIDR', summary: 'The addresses, such as 10.244.1.0/24.'}),
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'a range', command: 'sudo <%= config.bin %> <%= command.id %> --pod-cidr 10.244.1.0/24'}]

  async run(): Promise<void> {
    const {flags} = await this.parse(CriUpdateRuntimeConfig)
    const request = {runtimeConfig: {networkConfig: {podCidr: flags['pod-cidr']}}}
    if (flags['dry-run']) return this.show(flags, updateRuntimeConfig, [request])
    await this.changing(flags, async ({runtime}, signal) => {
      await runtime.call(updateRuntimeConfig, request, {signal})
      this.note(`rtctl: the runtime took the pod CIDR ${flags['pod-cidr']}`)
    })
  }
}
