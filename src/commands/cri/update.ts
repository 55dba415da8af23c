// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {ChangeCommand, dryRunFlag} from '../../cli/cri/change-command.ts'
import {LinuxContainerResources} from '../../cri/gen/runtime/v1/resources.ts'
import {updateContainerResources} from '../../cri/rpcs/resources.ts'
import {UserError} from '../../model/user-error.ts'

const number = (summary: string) => Flags.string({helpValue: 'N', summary})

export default class CriUpdate extends ChangeCommand {
  static override summary = 'Change the limits of running containers'
  static override description = 'What is not given stays as it is. A kubelet sets the limits of its containers anew.'
  static override strict = false
  static override args = {container: Args.string({ignoreStdin: true, required: true, description: 'id of a container, or its beginning; several may be given'})}
  static override flags = {
    'cpu-period': number('Period of the CPU limit, in microseconds.'),
    'cpu-quota': number('CPU time in each period, in microseconds.'),
    'cpu-share': number('Weight against other containers.'),
    memory: number('Memory limit, in bytes.'),
    'cpuset-cpus': Flags.string({helpValue: 'CPUS', summary: 'CPUs that it may use: 0-3,7.'}),
    'cpuset-mems': Flags.string({helpValue: 'NODES', summary: 'Memory nodes that it may use.'}),
    'oom-score-adj': number('Score of the OOM killer, -1000 to 1000.'),
    'cpu-count': number('For Windows, as crictl has it: means nothing here.'),
    'cpu-maximum': number('For Windows, as crictl has it: means nothing here.'),
    'dry-run': dryRunFlag,
  }
  static override examples = [{description: 'half a CPU', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c --cpu-period 100000 --cpu-quota 50000'}]

  async run(): Promise<void> {
    const {flags, argv} = await this.parse(CriUpdate)
    const linux = LinuxContainerResources.fromPartial({
      cpuPeriod: whole('cpu-period', flags['cpu-period']), cpuQuota: whole('cpu-quota', flags['cpu-quota']), cpuShares: whole('cpu-share', flags['cpu-share']),
      memoryLimitInBytes: whole('memory', flags.memory), oomScoreAdj: whole('oom-score-adj', flags['oom-score-adj']),
      cpusetCpus: flags['cpuset-cpus'] ?? '', cpusetMems: flags['cpuset-mems'] ?? '',
    })
    const ids = argv.map(String)
    if (flags['dry-run']) return this.show(flags, updateContainerResources, ids.map((containerId) => ({containerId, linux})))
    await this.changing(flags, async ({runtime}, signal) => {
      const update = (containerId: string) => runtime.call(updateContainerResources, {containerId, linux}, {signal})
      await this.changeAll({ids, change: update, lines: (id) => [id], signal, inTurn: true})
    })
  }
}

/** @throws UserError for what is no whole number of 64 bits */
function whole(flag: string, text: string | undefined): bigint {
  if (text === undefined) return 0n
  if (/^-?\d{1,18}$/.test(text)) return BigInt(text)
  throw new UserError(`--${flag}: "${text}" is no whole number.`, 'Give one without a unit.')
}
