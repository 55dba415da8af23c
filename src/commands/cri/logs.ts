// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {printContainerLog, reopenLog} from '../../app/cri/logs.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {interruptible} from '../../cli/interrupt.ts'
import {parseSince} from '../../logs/since.ts'
import type {ByteSink} from '../../logs/writer.ts'

const STREAMS = ['stdout', 'stderr'] as const

export default class CriLogs extends CriCommand {
  static override summary = 'Print the log of a container'
  static override description =
    'What the container wrote to its standard output goes to standard output, the rest to standard error, byte for byte. Reads the ' +
    'log file that the runtime names, in the CRI\'s format or docker\'s json-file format, on this host. Following goes on across ' +
    'rotation, and ends with the container; what was rotated away before is not read.'
  static override args = {container: Args.string({ignoreStdin: true, required: true, description: 'id of a container, or its beginning'})}
  static override flags = {
    follow: Flags.boolean({char: 'f', summary: 'Go on with what is written from now on.'}),
    previous: Flags.boolean({char: 'p', summary: 'The log of the attempt before this one.'}),
    reopen: Flags.boolean({char: 'r', summary: 'Let the runtime open the log anew first, as after a rotation.'}),
    tail: Flags.integer({default: -1, helpValue: 'N', summary: 'Only the last lines; of one stream with --stream. All when negative.'}),
    'limit-bytes': Flags.integer({default: -1, helpValue: 'N', summary: 'Stop after that many bytes. No limit when negative.'}),
    since: Flags.string({helpValue: 'TIME', summary: 'Only lines since a time (2013-01-02T13:23:37) or for a duration (42m).'}),
    timestamps: Flags.boolean({char: 't', summary: 'Show the time of each line.'}),
    stream: Flags.option({char: 's', options: STREAMS, summary: 'Only what was written to stdout, or to stderr.'})(),
  }
  static override examples = [
    {description: 'the last ten lines, and what comes', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c --tail 10 -f'},
    {description: 'the errors of the last hour, with times', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c -s stderr --since 1h -t'},
  ]

  async run(): Promise<void> {
    const {args, flags} = await this.parse(CriLogs)
    const options = {
      follow: flags.follow,
      previous: flags.previous,
      timestamps: flags.timestamps,
      stream: flags.stream,
      since: flags.since === undefined || flags.since === '' ? undefined : parseSince(flags.since, now()),
      tailLines: flags.tail < 0 ? undefined : flags.tail,
      limitBytes: flags['limit-bytes'] < 0 ? undefined : flags['limit-bytes'],
    }
    const {runtime} = await this.connect(flags)
    if (flags.reopen) {
      await reopenLog(runtime, args.container)
      this.note('rtctl: the runtime has opened the log anew')
    }
    const sinks = {stdout: sinkOf(process.stdout), stderr: sinkOf(process.stderr)}
    const onWarning = (text: string) => this.note(`rtctl: ${text}`)
    await interruptible((signal) => printContainerLog(runtime, args.container, options, sinks, {onWarning, signal}))
  }
}

function now() {
  return {ns: BigInt(Date.now()) * 1_000_000n, zoneMinutes: -new Date().getTimezoneOffset()}
}

function sinkOf(stream: NodeJS.WriteStream): ByteSink {
  return {write: (chunk, done) => stream.write(chunk, 'utf8', done)}
}
