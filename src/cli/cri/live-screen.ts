// SPDX-License-Identifier: Apache-2.0
import {renderFrame} from '../../render/cri/frame.ts'
import {print} from '../output.ts'

const CLEAR = '\u001b[H\u001b[2J'
const ENTER_ALTERNATE = '\u001b[?1049h\u001b[?25l\u001b[H\u001b[2J'
const LEAVE_ALTERNATE = '\u001b[?25h\u001b[?1049l'

/** Where a text is shown that changes. */
export interface LiveScreen {
  /** Shows the text in place of the one before; where standard output is no terminal, after it. */
  show(text: string): Promise<void>
  /** Gives the terminal back as it was. May be called twice. */
  close(): void
}

/**
 * Opens standard output for a text that changes.
 *
 * @param alternate on the terminal's other screen, which leaves no trace; else over what is on it, as crictl does
 */
export function openScreen({alternate}: {readonly alternate: boolean}): LiveScreen {
  const {stdout} = process
  if (!stdout.isTTY) return {show: print, close: () => undefined}
  return alternate ? new AlternateScreen() : new Terminal()
}

/** The terminal itself, cleared once. */
class Terminal implements LiveScreen {
  #last = ''
  readonly #onResize = () => this.#draw(CLEAR)

  constructor() {
    process.stdout.write(CLEAR)
    process.stdout.on('resize', this.#onResize)
  }

  async show(text: string): Promise<void> {
    this.#last = text
    this.#draw('')
  }

  close(): void {
    process.stdout.off('resize', this.#onResize)
    if (this.#last !== '') process.stdout.write('\n')
    this.#last = ''
  }

  #draw(before: string): void {
    const {columns, rows} = process.stdout
    process.stdout.write(before + renderFrame(this.#last, {columns: columns || 80, rows: rows || 24}))
  }
}

/** The other screen, and the way back also where the process is ended by a signal. */
class AlternateScreen extends Terminal {
  #open = true
  readonly #onExit = () => this.close()

  constructor() {
    process.stdout.write(ENTER_ALTERNATE)
    super()
    process.once('exit', this.#onExit)
  }

  override close(): void {
    if (!this.#open) return
    this.#open = false
    process.off('exit', this.#onExit)
    super.close()
    process.stdout.write(LEAVE_ALTERNATE)
  }
}

/**
 * Hands on single keys as they are pressed, unseen. Ctrl-C is such a key then: it is given as `\u0003`.
 *
 * @returns how to end it; undefined where standard input is no terminal
 */
export function readKeys(onKey: (key: string) => void): (() => void) | undefined {
  const {stdin} = process
  if (!stdin.isTTY) return undefined
  const onData = (data: Buffer) => {
    for (const key of data.toString('latin1')) onKey(key)
  }
  const restore = () => stdin.setRawMode(false)
  stdin.setRawMode(true)
  stdin.on('data', onData)
  process.once('exit', restore)
  return () => {
    process.off('exit', restore)
    stdin.off('data', onData)
    stdin.pause()
    restore()
  }
}
