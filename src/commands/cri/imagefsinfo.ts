// SPDX-License-Identifier: Apache-2.0
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {outputFlags, renderDocument} from '../../cli/cri/output.ts'
import {print} from '../../cli/output.ts'
import {imageFsInfo} from '../../cri/rpcs/image.ts'
import {renderFilesystems} from '../../render/cri/statuses.ts'

export default class CriImagefsinfo extends CriCommand {
  static override summary = 'Say what the filesystems of images and containers hold'
  static override enableJsonFlag = true
  static override flags = outputFlags(['json', 'yaml', 'go-template', 'table'], 'json')
  static override examples = [{description: 'how much', command: 'sudo <%= config.bin %> <%= command.id %> -o table'}]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriImagefsinfo)
    const {image} = await this.connect(flags)
    const answer = await image.call(imageFsInfo, {})
    const document = {status: imageFsInfo.response.toJSON(answer)}
    if (this.jsonEnabled()) return document
    const {output, template} = flags
    await print(output === 'table' ? renderFilesystems(answer.containerFilesystems, answer.imageFilesystems) : await renderDocument(document, output, template))
    return undefined
  }
}
