// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {podStatsOf, podUsage} from '../../app/cri/stats.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {outputFlags, renderDocument} from '../../cli/cri/output.ts'
import {labelSelector, sampleFlags} from '../../cli/cri/stats-flags.ts'
import {onceOrWatching, showSamples} from '../../cli/cri/watching.ts'
import {print} from '../../cli/output.ts'
import type {PodSandboxStats} from '../../cri/gen/runtime/v1/stats.ts'
import {listPodSandboxStats} from '../../cri/rpcs/stats.ts'
import {renderPodStats} from '../../render/cri/stats.ts'

export default class CriStatsp extends CriCommand {
  static override summary = 'Say what pods use: CPU, memory; network and processes with -o json'
  static override description = 'Looks twice and shows the CPU time in between, 100 being one core. Runtimes of Kubernetes 1.23 and newer have it.'
  static override enableJsonFlag = true
  static override args = {id: Args.string({ignoreStdin: true, description: 'only this pod, by id or its beginning'})}
  static override flags = {...outputFlags(['json', 'yaml', 'table'], 'table'), ...sampleFlags}
  static override examples = [
    {description: 'what all pods use', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'the network of one', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c -o json | jq .stats[].linux.network'},
  ]

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(CriStatsp)
    const {runtime} = await this.connect(flags)
    const filter = {id: flags.id || args.id || '', labelSelector: labelSelector(flags.label)}
    const look = (signal?: AbortSignal) => podStatsOf(runtime, filter, {signal})
    if (this.jsonEnabled()) return documentOf(await look())
    const {output} = flags
    if (output !== 'table') {
      await onceOrWatching(flags.watch, async (signal) => print(await renderDocument(documentOf(await look(signal)), output)))
      return undefined
    }
    await showSamples(flags.watch, {
      look, compare: podUsage, render: renderPodStats, sampleMs: flags.seconds * 1000, note: (text) => this.note(text),
    })
    return undefined
  }
}

function documentOf(stats: readonly PodSandboxStats[]): unknown {
  return listPodSandboxStats.response.toJSON({stats: [...stats]})
}
