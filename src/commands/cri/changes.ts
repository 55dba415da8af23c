// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {openLive} from '../../cli/host-flags.ts'
import {print} from '../../cli/output.ts'
import {containerChanges} from '../../app/cri/changes.ts'
import {visible} from '../../render/visible.ts'

/** Lines that are written at once. */
const BATCH = 512

export default class CriChanges extends CriCommand {
  static override summary = 'List the files of a running container that are not as its image has them'
  static override description =
    'As `docker diff`: A added, C changed, D deleted; every folder on the way to one is changed. Reads the upper layer of the ' +
    'overlay mount that the container runs on, as root on the node; volumes are no part of it. Where a folder was deleted and made ' +
    'anew both by the image and by the container, what only the image had deleted is listed as well.'
  static override enableJsonFlag = true
  static override args = {container: Args.string({ignoreStdin: true, required: true, description: 'id of a running container, or its beginning'})}
  static override examples = [{description: 'what did it write?', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c'}]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriChanges)
    const {runtime} = await this.connect(flags)
    const changes = await containerChanges(runtime, openLive({timeout: 2}), args.container)
    if (this.jsonEnabled()) return {changes: [...changes]}
    let lines: string[] = []
    for (const {kind, path} of changes) {
      lines.push(`${kind} ${visible(path)}\n`)
      if (lines.length < BATCH) continue
      await print(lines.join(''))
      lines = []
    }
    await print(lines.join(''))
    return undefined
  }
}
