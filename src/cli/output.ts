// SPDX-License-Identifier: Apache-2.0
import {constants} from 'node:os'
import {EXIT} from './exit-codes.ts'

/**
 * `rtctl … | head` closes our output early. That is no error: stop without a word, as other Unix tools do. Output that cannot
 * be written for another reason is one, a full disk mostly.
 */
export function endOnBrokenOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode)
    process.stderr.write(`rtctl: Standard output could not be written: ${error.code ?? error.message}.\nSend it to a place that has room.\n`)
    process.exit(EXIT.usage)
  })
}

/**
 * Ctrl-C and `kill` end rtctl without a word, with the status a shell gives them (130, 143). A process that handles
 * neither would not end at all as pid 1 of a container, where the kernel drops signals that have no handler.
 */
export function exitQuietlyOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]))
  }
}

/** Writes text and waits until the system took it: an exit right after would cut a pipe's output short. */
export async function print(text: string | Uint8Array): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write(text, 'utf8', () => resolve())
  })
}

/**
 * Ends the process as soon as the system took all that was written. By itself it would end when every connection is taken down, stream
 * by stream: that is 12 ms after 200 calls, of which nobody has anything.
 */
export async function endWhenWritten(): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map((output) => new Promise<void>((resolve) => {
    output.write('', () => resolve())
  })))
  process.exit()
}
