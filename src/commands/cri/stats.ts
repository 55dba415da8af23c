// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {containerStatsOf, containerUsage} from '../../app/cri/stats.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {outputFlags, renderDocument} from '../../cli/cri/output.ts'
import {labelSelector, sampleFlags} from '../../cli/cri/stats-flags.ts'
import {onceOrWatching, showSamples} from '../../cli/cri/watching.ts'
import {print} from '../../cli/output.ts'
import type {ContainerStats} from '../../cri/gen/runtime/v1/stats.ts'
import {listContainerStats} from '../../cri/rpcs/stats.ts'
import {renderContainerStats} from '../../render/cri/stats.ts'

export default class CriStats extends CriCommand {
  static override summary = 'Say what containers use: CPU, memory, disk'
  static override description =
    'Looks twice and shows the CPU time in between, 100 being one core. MEM is the working set, DISK what was written over the image. ' +
    'A `-` stands where the runtime measured only once, where crictl fails.'
  static override enableJsonFlag = true
  static override args = {id: Args.string({ignoreStdin: true, description: 'only this container, by id or its beginning'})}
  static override flags = {
    ...outputFlags(['json', 'yaml', 'table'], 'table'),
    ...sampleFlags,
    all: Flags.boolean({char: 'a', summary: 'Also containers that do not run.'}),
    pod: Flags.string({char: 'p', helpValue: 'ID', summary: 'Only the containers of this pod.'}),
  }
  static override examples = [
    {description: 'what the running containers use', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'on and on, of one pod', command: 'sudo <%= config.bin %> <%= command.id %> -w -p 4f1c'},
  ]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriStats)
    const {runtime} = await this.connect(flags)
    const filter = {id: flags.id || args.id || '', podSandboxId: flags.pod ?? '', labelSelector: labelSelector(flags.label)}
    const look = (signal?: AbortSignal) => containerStatsOf(runtime, filter, {signal})
    if (this.jsonEnabled()) return documentOf(await look())
    const {output} = flags
    if (output !== 'table') {
      await onceOrWatching(flags.watch, async (signal) => print(await renderDocument(documentOf(await look(signal)), output)))
      return undefined
    }
    await showSamples(flags.watch, {
      look,
      compare: (before, after) => containerUsage(before, after, flags.all),
      render: renderContainerStats,
      sampleMs: flags.seconds * 1000,
      note: (text) => this.note(text),
    })
    return undefined
  }
}

function documentOf(stats: readonly ContainerStats[]): unknown {
  return listContainerStats.response.toJSON({stats: [...stats]})
}
