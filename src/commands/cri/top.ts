// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {pause, samples} from '../../app/cri/stats-watch.ts'
import {SORT_KEYS, type SortKey, topContainers, topLooks} from '../../app/cri/top.ts'
import {CriCommand} from '../../cli/cri/cri-command.ts'
import {openScreen, readKeys} from '../../cli/cri/live-screen.ts'
import {outputFlags} from '../../cli/cri/output.ts'
import {interruptible} from '../../cli/interrupt.ts'
import {print} from '../../cli/output.ts'
import {renderTop} from '../../render/cri/stats.ts'

/** Keys that change the order while it is shown. */
const SORT_BY_KEY: Readonly<Record<string, SortKey>> = {c: 'cpu', m: 'mem', d: 'disk'}
const CTRL_C = '\u0003'

type Looks = ReturnType<typeof topLooks>

export default class CriTop extends CriCommand {
  static override summary = 'Show live which containers use most'
  static override description =
    'Draws the running containers anew every other second, until q or Ctrl-C; c, m and d sort by CPU, memory and disk. CPU is the time used ' +
    'since the look before, 100 being one core; MEM the working set; DISK what was written over the image. Where standard output is ' +
    'no terminal it is printed once.'
  static override enableJsonFlag = true
  static override flags = {
    ...outputFlags(['json', 'table'], 'table'),
    sort: Flags.option({options: SORT_KEYS, default: 'cpu' as SortKey, summary: 'What to sort by, most first.'})(),
    once: Flags.boolean({summary: 'Print it once and end.'}),
    seconds: Flags.integer({char: 's', helpValue: 'N', summary: 'Time between two looks.', default: 2, min: 1, max: 3600}),
  }
  static override examples = [
    {description: 'until q is pressed', command: 'sudo <%= config.bin %> <%= command.id %>'},
    {description: 'the one that uses most memory, in a script', command: 'sudo <%= config.bin %> <%= command.id %> --sort mem --json | jq -r .containers[0].name'},
  ]

  async run(): Promise<unknown> {
    const {flags} = await this.parse(CriTop)
    const {runtime} = await this.connect(flags)
    const looks = topLooks(runtime)
    const isDocument = this.jsonEnabled() || flags.output === 'json'
    if (!isDocument && !flags.once && process.stdout.isTTY) {
      await interruptible((signal) => this.#live(looks, flags.sort, flags.seconds * 1000, signal))
      return undefined
    }
    const before = await looks()
    await pause(flags.seconds * 1000)
    const containers = topContainers(before, await looks(), flags.sort)
    if (!this.jsonEnabled()) await print(isDocument ? `${JSON.stringify({containers}, null, 2)}\n` : renderTop(containers))
    return {containers}
  }

  async #live(looks: Looks, sort: SortKey, everyMs: number, interrupted: AbortSignal): Promise<void> {
    const quit = new AbortController()
    const signal = AbortSignal.any([interrupted, quit.signal])
    let order = sort
    const screen = openScreen({alternate: true})
    const release = readKeys((key) => {
      if (key === 'q' || key === CTRL_C) quit.abort()
      order = SORT_BY_KEY[key] ?? order
    })
    try {
      await screen.show('Looking …')
      for await (const [before, after] of samples(() => looks(signal), (...two) => two, everyMs, signal)) {
        await screen.show(renderTop(topContainers(before, after, order)))
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      release?.()
      screen.close()
    }
  }
}
