// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {containerPath, copyIn, copyOut, packCommand, unpackCommand} from '../../app/cri/cp.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {dryRunFlag} from '../../cli/cri/change-command.ts'
import {streamingFlags, streamingOptions} from '../../cli/cri/streaming-flags.ts'
import {interruptible} from '../../cli/interrupt.ts'
import {print} from '../../cli/output.ts'
import {UserError} from '../../model/user-error.ts'
import {humanSize} from '../../render/cri/human.ts'

export default class CriCp extends CriCommand {
  static override summary = 'Copy files between this host and a container'
  static override description =
    'Runs tar in the container. Into a folder that is there, else to the path itself; - is an archive on standard input or output. ' +
    'Links that lead out of the target and devices are left out.'
  static override args = {
    from: Args.string({ignoreStdin: true, required: true, description: 'CONTAINER:PATH, a path of this host, or -'}),
    to: Args.string({ignoreStdin: true, required: true, description: 'CONTAINER:PATH, a path of this host, or -'}),
  }
  static override flags = {...streamingFlags, 'dry-run': dryRunFlag}
  static override examples = [
    {description: 'out of a container', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c:/var/log/app .'},
    {description: 'into a container', command: 'sudo <%= config.bin %> <%= command.id %> debug.conf 4f1c:/etc/app/'},
  ]

  async run(): Promise<void> {
    const {flags, args} = await this.parse(CriCp)
    const [source, target] = [containerPath(args.from), containerPath(args.to)]
    if ((source === undefined) === (target === undefined)) throw new UserError('One side must be in a container.', 'Give it as CONTAINER:PATH.')
    const command = source === undefined ? unpackCommand(target?.path ?? '') : packCommand(source.path)
    if (flags['dry-run']) return print(`${JSON.stringify({container: (source ?? target)?.container, command}, null, 2)}\n`)
    const streaming = streamingOptions(flags)
    const {runtime} = await this.connect(flags, 'change')
    const copied = await interruptible((signal) => {
      const options = {streaming: {...streaming, signal}, onSkipped: (name: string, reason: string) => this.note(`rtctl: left out ${name}: ${reason}`)}
      if (source !== undefined) return copyOut(runtime, source, args.to === '-' ? process.stdout : args.to, options)
      return copyIn(runtime, args.from === '-' ? process.stdin : args.from, target ?? {container: '', path: ''}, options)
    })
    if (copied !== undefined) this.note(`Copied ${copied.files} ${copied.files === 1 ? 'file' : 'files'}, ${humanSize(copied.bytes)}`)
  }
}
