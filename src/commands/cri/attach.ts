// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {attachToContainer} from '../../app/cri/exec.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {streamingFlags, streamingOptions} from '../../cli/cri/streaming-flags.ts'
import {attached} from '../../cli/cri/attached.ts'

export default class CriAttach extends CriCommand {
  static override summary = 'Join the input and output of a running container'
  static override description = 'Shows what the container writes from now on. Ctrl-P Ctrl-Q lets go of it with -t, Ctrl-C without.'
  static override args = {container: Args.string({ignoreStdin: true, required: true, description: 'id of a container, or its beginning'})}
  static override flags = {
    ...streamingFlags,
    stdin: Flags.boolean({char: 'i', summary: 'Pass input on to it.'}),
    tty: Flags.boolean({char: 't', summary: 'It has a terminal: lend it this one. Needs -i.'}),
  }
  static override examples = [
    {description: 'watch what a container writes', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c'},
    {description: 'the shell that a container is', command: 'sudo <%= config.bin %> <%= command.id %> -it 4f1c'},
  ]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriAttach)
    const options = streamingOptions(flags)
    const {runtime} = await this.connect(flags)
    await attached(flags, (streams, signal) => attachToContainer(runtime, args.container, streams, {...options, signal}))
  }
}
