// SPDX-License-Identifier: Apache-2.0
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {print} from '../../cli/output.ts'
import {version} from '../../cri/rpcs/runtime.ts'
import {visible} from '../../render/visible.ts'

export default class CriVersion extends CriCommand {
  static override summary = 'Say which runtime answers, and in which version of the CRI'
  static override enableJsonFlag = true
  static override examples = [{description: 'the runtime that the kubelet uses', command: 'sudo <%= config.bin %> <%= command.id %>'}]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriVersion)
    const {runtime} = await this.connect(flags)
    const answer = await runtime.call(version, {version: ''})
    if (!this.jsonEnabled()) {
      const {version: api, runtimeName, runtimeVersion, runtimeApiVersion} = answer
      const lines = [`Version:  ${api}`, `RuntimeName:  ${runtimeName}`, `RuntimeVersion:  ${runtimeVersion}`, `RuntimeApiVersion:  ${runtimeApiVersion}`]
      await print(`${lines.map(visible).join('\n')}\n`)
    }
    return version.response.toJSON(answer)
  }
}
