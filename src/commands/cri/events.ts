// SPDX-License-Identifier: Apache-2.0
import {containerEvents} from '../../app/cri/events.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {outputFlags, renderDocument} from '../../cli/cri/output.ts'
import {interruptible} from '../../cli/interrupt.ts'
import {print} from '../../cli/output.ts'
import {getContainerEvents} from '../../cri/rpcs/events.ts'
import {UserError} from '../../model/user-error.ts'

export default class CriEvents extends CriCommand {
  static override summary = 'Stream the events of containers until Ctrl-C'
  static override description =
    'One document for each container that is created, started, stopped or deleted, with the state of its pod. Runtimes of Kubernetes ' +
    '1.25 and newer have it, CRI-O only with `enable_pod_events`. It ends when the runtime does: what happens until you start it ' +
    'again is not seen. containerd 1 gives each event to one reader only: what rtctl reads, nobody else does.'
  static override aliases = ['cri:event']
  static override flags = outputFlags(['json', 'yaml', 'go-template'], 'json')
  static override examples = [
    {description: 'type and id of each event', command: `sudo <%= config.bin %> <%= command.id %> -o go-template --template '{{.containerEventType}} {{.containerId}}'`},
  ]

  async run(): Promise<void> {
    const {flags} = await this.parse(CriEvents)
    const {template} = flags
    const output = flags.output === 'table' ? 'json' : flags.output
    if (template !== undefined && output !== 'go-template') throw new UserError(`--template has no meaning with -o ${output}.`, 'Add -o go-template.')
    if (template === undefined && output === 'go-template') await renderDocument({}, output)
    const {runtime} = await this.connect(flags)
    let first = true
    const ended = await interruptible(async (signal) => {
      for await (const event of containerEvents(runtime, signal)) {
        const text = await renderDocument(getContainerEvents.response.toJSON(event), output, template)
        // Without a mark between them the documents of YAML would run into one.
        await print(output === 'yaml' && !first ? `---\n${text}` : text)
        first = false
      }
      return !signal.aborted
    })
    if (ended) this.note('rtctl: the runtime ended the stream of events, as it does when it stops; start again for those to come')
  }
}
