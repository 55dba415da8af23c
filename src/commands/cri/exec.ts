// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type {StreamingOptions} from '../../app/cri/exec.ts'
import {execInContainer, execSyncInContainer} from '../../app/cri/exec.ts'
import type {Outcome} from '../../app/cri/exec-many.ts'
import {inEach} from '../../app/cri/exec-many.ts'
import {findContainers} from '../../app/cri/list-containers.ts'
import {attached} from '../../cli/cri/attached.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {labelFlag, newestFlags} from '../../cli/cri/list-flags.ts'
import {labelSelector} from '../../cli/cri/stats-flags.ts'
import {streamingFlags, streamingOptions} from '../../cli/cri/streaming-flags.ts'
import {interruptible} from '../../cli/interrupt.ts'
import {print} from '../../cli/output.ts'
import type {CriConnection} from '../../cri/connection.ts'
import {UserError} from '../../model/user-error.ts'

const SELECTION = 'SELECTION'

/** What of the flags decides how a command runs. */
interface Manner {
  readonly sync: boolean
  readonly timeout: number
  readonly tty: boolean
  readonly interactive: boolean
}

export default class CriExec extends CriCommand {
  static override summary = 'Run a command in a running container'
  static override description =
    'Exits with the status of the command. With -t every key goes to the command; Ctrl-P Ctrl-Q lets go of it. With a flag that selects ' +
    'containers there is no id: the first word is the command. Of several that fail, the status is that of the first.'
  static override strict = false
  static override args = {
    container: Args.string({ignoreStdin: true, required: true, description: 'id of a container, or its beginning; none where flags select containers'}),
    command: Args.string({ignoreStdin: true, description: 'the command and its arguments'}),
  }
  static override flags = {
    ...streamingFlags,
    sync: Flags.boolean({char: 's', summary: 'Wait for the end and print all output then. No input, at most some MiB of output.', exclusive: ['tty', 'interactive']}),
    timeout: Flags.integer({default: 0, min: 0, helpValue: 'SECONDS', summary: 'With --sync: kill the command after this time.'}),
    tty: Flags.boolean({char: 't', summary: 'Give the command this terminal. Needs -i.'}),
    interactive: Flags.boolean({char: 'i', summary: 'Pass input on to the command.'}),
    name: Flags.string({helpGroup: SELECTION, helpValue: 'REGEXP', summary: 'In all containers whose name matches.'}),
    pod: Flags.string({char: 'p', helpGroup: SELECTION, helpValue: 'ID', summary: 'In all containers of this pod.'}),
    image: Flags.string({helpGroup: SELECTION, helpValue: 'IMAGE', summary: 'In all containers of this image.'}),
    state: Flags.string({helpGroup: SELECTION, helpValue: 'STATE', summary: 'In all containers in this state.'}),
    label: labelFlag,
    ...newestFlags,
    quiet: Flags.boolean({char: 'q', summary: 'Do not print the id of each container when flags select them.'}),
    'ignore-errors': Flags.boolean({char: 'e', summary: 'Exit with 0 whatever comes of the command.'}),
    parallel: Flags.boolean({char: 'x', summary: 'In all selected containers at once.', exclusive: ['tty', 'interactive']}),
  }
  static override examples = [
    {description: 'a shell', command: 'sudo <%= config.bin %> <%= command.id %> -it 4f1c sh'},
    // containerd ends the input as soon as nobody holds the output any more: without `; :` the shell would become that cat.
    {description: 'a file into a container', command: 'sudo <%= config.bin %> <%= command.id %> -i 4f1c sh -c \'cat > /tmp/dump; :\' < dump'},
    {description: 'the same in all containers of a pod at once', command: 'sudo <%= config.bin %> <%= command.id %> -x --pod 2b7e hostname'},
  ]

  async run(): Promise<void> {
    const {flags} = await this.parse(CriExec)
    const options = streamingOptions(flags)
    const labels = labelSelector(flags.label)
    const selects = [flags.name, flags.pod, flags.image, flags.state, flags.label, flags.latest, flags.last].some((flag) => flag !== undefined && flag !== false)
    // Not oclif's own: it puts words that come twice into another order.
    const words = this.argv.slice(this.argv.indexOf('--') + 1)
    const command = selects ? words : words.slice(1)
    if (command.length === 0) throw new UserError('There is no command to run.', 'Give it after the id: `rtctl cri exec ID COMMAND`.')
    const {runtime, image} = await this.connect(flags)
    const ids = selects ? (await findContainers(runtime, image, {...flags, labels})).map(({id}) => id) : words.slice(0, 1)
    if (ids.length === 0) throw new UserError('No container is like that.', 'See which there are with `rtctl cri ps -a`.', 1)
    const showIds = selects && !flags.quiet && !flags.parallel
    const outcomes = await inEach(ids, flags.parallel, async (id) => {
      if (showIds) await print(`${id}:\n`)
      return run(runtime, {id, command}, flags, options)
    })
    if (!flags['ignore-errors']) this.#tell(outcomes)
  }

  /** The status of the first that failed; of the errors all but that are told beside it. */
  #tell(outcomes: readonly Outcome[]): void {
    const [first, ...others] = outcomes.filter((outcome) => 'error' in outcome || outcome.exitCode !== 0)
    for (const other of others) if ('error' in other) this.note(`rtctl: ${other.id}: ${other.error instanceof Error ? other.error.message : String(other.error)}`)
    if (first === undefined) return
    if ('error' in first) throw first.error
    process.exitCode = first.exitCode
  }
}

async function run(
  runtime: CriConnection, container: {readonly id: string; readonly command: readonly string[]}, manner: Manner, options: StreamingOptions,
): Promise<number> {
  if (manner.sync) return runToEnd(runtime, container, manner.timeout)
  const exitCode = await attached({tty: manner.tty, stdin: manner.interactive}, (streams, signal) => (
    execInContainer(runtime, container, streams, {...options, signal})
  ))
  return exitCode ?? Number(process.exitCode ?? 0)
}

async function runToEnd(runtime: CriConnection, container: {readonly id: string; readonly command: readonly string[]}, seconds: number): Promise<number> {
  const {stdout, stderr, exitCode} = await interruptible((signal) => execSyncInContainer(runtime, container, {seconds, signal}))
  await Promise.all([[process.stdout, stdout], [process.stderr, stderr]].map(([stream, bytes]) => written(stream as NodeJS.WriteStream, bytes as Uint8Array)))
  return exitCode
}

async function written(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  if (bytes.length > 0) await new Promise<void>((resolve) => stream.write(bytes, 'utf8', () => resolve()))
}
