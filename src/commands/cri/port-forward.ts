// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {forwardToPod} from '../../app/cri/port-forward.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {streamingFlags, streamingOptions} from '../../cli/cri/streaming-flags.ts'
import {interruptible} from '../../cli/interrupt.ts'
import {print} from '../../cli/output.ts'
import {UserError} from '../../model/user-error.ts'
import {parsePortPair} from '../../streaming/listen.ts'

export default class CriPortForward extends CriCommand {
  static override summary = 'Forward local ports to a pod'
  static override description = 'Runs until Ctrl-C. A connection that fails is told on standard error, the others go on.'
  static override strict = false
  static override args = {
    pod: Args.string({ignoreStdin: true, required: true, description: 'id of a pod sandbox, or its beginning'}),
    ports: Args.string({ignoreStdin: true, required: true, description: 'LOCAL:REMOTE, a port that is the same on both sides, or :REMOTE for any free one; several may be given'}),
  }
  static override flags = {
    ...streamingFlags,
    address: Flags.string({multiple: true, delimiter: ',', default: ['localhost'], helpValue: 'ADDRESS', summary: 'Where to listen.'}),
  }
  static override examples = [
    {description: 'the web server of a pod, at http://localhost:8080', command: 'sudo <%= config.bin %> <%= command.id %> 2b7e 8080:80'},
    {description: 'two ports, one of them on any free local port', command: 'sudo <%= config.bin %> <%= command.id %> 2b7e 5432 :9187'},
  ]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriPortForward)
    const [pod = '', ...ports] = argv.map(String)
    const pairs = ports.map(parsePortPair)
    const options = streamingOptions(flags)
    const {runtime} = await this.connect(flags)
    await interruptible(async (signal) => {
      const listening = await forwardToPod(runtime, pod, pairs, {
        ...options, signal, addresses: flags.address,
        onConnection: (remote) => this.note(`Handling connection for ${remote}`),
        onProblem: (remote, error) => this.note(`rtctl: port ${remote}: ${error instanceof UserError ? `${error.message} ${error.next}` : String(error)}`),
      })
      for (const {address, port, remote} of listening.bound) await print(`Forwarding from ${address}:${port} -> ${remote}\n`)
      await aborted(signal)
      listening.close()
    })
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), {once: true}))
}
