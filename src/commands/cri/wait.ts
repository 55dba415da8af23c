// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import {waitForContainers} from '../../app/cri/wait.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {durationFlag} from '../../cli/cri/duration.ts'
import {print} from '../../cli/output.ts'

export default class CriWait extends CriCommand {
  static override summary = 'Wait until containers have exited, and print their exit codes'
  static override description =
    'One line for each container, in the order they are given, as `docker wait` prints them; nothing for one that is removed ' +
    'before its exit code could be read, or that still runs after --timeout: standard error names it, and the status is 1.'
  static override enableJsonFlag = true
  static override strict = false
  static override args = {container: Args.string({ignoreStdin: true, required: true, description: 'id of a container, or its beginning; several may be given'})}
  static override flags = {timeout: durationFlag({summary: 'Give up after this time.'})}
  static override examples = [{description: 'the exit code of one, for at most a minute', command: 'sudo <%= config.bin %> <%= command.id %> 4f1c --timeout 1m'}]

  async run(): Promise<unknown> {
    const {flags, argv} = await this.parse(CriWait)
    const {runtime} = await this.connect(flags)
    const waited = await waitForContainers(runtime, argv.map(String), {timeoutMs: flags.timeout})
    for (const one of waited) {
      if (one.outcome === 'exited' && !this.jsonEnabled()) await print(`${one.exitCode}\n`)
      if (one.outcome === 'removed') this.note(`rtctl: container ${one.id} was removed before its exit code could be read`)
      if (one.outcome === 'timeout') this.note(`rtctl: container ${one.id} has not exited in time`)
    }
    if (waited.some(({outcome}) => outcome !== 'exited')) process.exitCode = 1
    return {containers: waited}
  }
}
