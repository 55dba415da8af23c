// SPDX-License-Identifier: Apache-2.0
import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import {inspectProcess} from '../../app/inspect-host.ts'
import {BaseCommand} from '../../cli/base-command.ts'
import {EXIT} from '../../cli/exit-codes.ts'
import {liveHostFlags, openLive} from '../../cli/host-flags.ts'
import {print} from '../../cli/output.ts'
import {styleFor} from '../../cli/style.ts'
import type {Location} from '../../model/location.ts'
import {UserError} from '../../model/user-error.ts'
import {renderLocation} from '../../render/location.ts'

export default class CriWhich extends BaseCommand {
  static override summary = 'Say which container and pod a process of this host belongs to'
  static override description = 'Reads the host, as `inspect --pid` does, and asks whatever runtime the process leads to; no endpoint has to be told.'
  static override enableJsonFlag = true
  static override strict = false
  static override args = {pid: Args.string({ignoreStdin: true, required: true, description: 'process id on this host; several may be given'})}
  static override flags = {
    ...liveHostFlags,
    quiet: Flags.boolean({char: 'q', summary: 'Only the id of the container, or nothing.'}),
    'no-color': Flags.boolean({summary: 'Draw without colour, as with NO_COLOR set.'}),
  }
  static override examples = [
    {description: 'whose process uses the CPU?', command: 'sudo <%= config.bin %> <%= command.id %> 4711'},
    {description: 'the log of the container that a process is in', command: 'sudo <%= config.bin %> cri logs $(sudo <%= config.bin %> <%= command.id %> -q 4711)'},
  ]

  async run(): Promise<Location | readonly Location[]> {
    const {flags, argv} = await this.parse(CriWhich)
    const locations: Location[] = []
    const missing: number[] = []
    for (const pid of argv.map(pidOf)) {
      const location = await inspectProcess(openLive(flags), {rtctlVersion: this.config.version}, pid)
      if (location === undefined) missing.push(pid)
      else locations.push(location)
    }
    const style = styleFor(process.stdout, flags)
    if (!this.jsonEnabled()) {
      for (const location of locations) await print(flags.quiet ? containerId(location) : renderLocation(location, style))
    }
    // After those that were found: a process may end while others are looked for.
    if (missing.length > 0) {
      throw new UserError(`There is no process ${missing.join(', ')} on this host.`, 'Look for it with `ps`; kernel threads belong to no container.', EXIT.failed)
    }
    const [only, ...others] = locations
    return only !== undefined && others.length === 0 ? only : locations
  }
}

function containerId({container}: Location): string {
  return container === undefined ? '' : `${container.id}\n`
}

function pidOf(word: unknown): number {
  const pid = Number(word)
  if (Number.isInteger(pid) && pid > 0) return pid
  throw new UserError(`"${String(word)}" is no process id.`, 'Give the number that `ps` shows.')
}
