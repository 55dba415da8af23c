// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {containerPath, copyIn, copyOut, packCommand, unpackCommand} from '../../app/cri/cp.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {dryRunFlag} from '../../cli/cri/change-command.ts'
import {streamingFlags, streamingOptions} from '../../cli/cri/streaming-flags.ts'
import {EXIT} from '../../cli/exit-codes.ts'
import {interruptible} from '../../cli/interrupt.ts'
import {print} from '../../cli/output.ts'
import {UserError} from '../../model/user-error.ts'
import {humanSize} from '../../render/cri/human.ts'

/** What a shell says of a program that Ctrl-C has ended. */
const INTERRUPTED = 130

export default class CriCp extends CriCommand {
  static override summary = 'Copy files between this host and a container'
  static override description =
    'Runs tar in the container. Into a folder that is there, else to the path itself; - is an archive on standard input or output. ' +
    'Devices, and links that could lead out of the target, are left out; the status is 1 then.'
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
    if (args.to === '-' && process.stdout.isTTY) throw new UserError('Standard output is a terminal, which an archive would wreck.', 'Name a file, or pipe it on.')
    if (args.from === '-' && process.stdin.isTTY) throw new UserError('Standard input is a terminal, where no archive comes from.', 'Name a file, or pipe one in.')
    const command = source === undefined ? unpackCommand(target?.path ?? '') : packCommand(source.path)
    if (flags['dry-run']) return print(`${JSON.stringify({container: (source ?? target)?.container, command}, null, 2)}\n`)
    const streaming = streamingOptions(flags)
    const {runtime} = await this.connect(flags, 'change')
    const onSkipped = (name: string, reason: string) => {
      this.note(`rtctl: left out ${name}: ${reason}`)
      process.exitCode = EXIT.failed
    }
    const copied = await interruptible(async (signal) => {
      const options = {streaming: {...streaming, signal}, onSkipped}
      try {
        if (source !== undefined) return await copyOut(runtime, source, args.to === '-' ? process.stdout : args.to, options)
        return await copyIn(runtime, args.from === '-' ? process.stdin : args.from, target ?? {container: '', path: ''}, options)
      } catch (error) {
        if (!signal.aborted) throw error
        this.note('rtctl: interrupted; what is there is complete')
        process.exitCode = INTERRUPTED
        return undefined
      }
    })
    if (copied !== undefined) this.note(`Copied ${copied.files} ${copied.files === 1 ? 'file' : 'files'}, ${humanSize(copied.bytes)}`)
  }
}
