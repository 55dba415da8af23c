// SPDX-License-Identifier: Apache-2.0
import {constants} from 'node:os'

const ENDING = ['SIGINT', 'SIGTERM'] as const
const IGNORED = ['SIGHUP', 'SIGPIPE'] as const

/**
 * Does work that must not be left in the middle. Ctrl-C or `kill` aborts the signal, and the work takes itself back; a second one ends the
 * process at once. The end of the terminal does nothing: whoever lost a connection finds the migration done. Output that nobody reads any
 * more is thrown away.
 *
 * @param hear is told of a first signal
 * @param last is told before the process ends at once
 */
export async function steadily<T>(work: (signal: AbortSignal) => Promise<T>, hear: () => void, last: () => void): Promise<T> {
  const controller = new AbortController()
  const onSignal = (signal: (typeof ENDING)[number]) => {
    if (controller.signal.aborted) {
      last()
      process.exit(128 + constants.signals[signal])
    }
    hear()
    controller.abort(new Error(signal === 'SIGINT' ? 'Interrupted with Ctrl-C.' : 'Told to end (SIGTERM).'))
  }
  const restore = [
    ...ENDING.map((signal) => replaceListeners(process, signal, () => onSignal(signal))),
    ...IGNORED.map((signal) => replaceListeners(process, signal, () => undefined)),
    ...[process.stdout, process.stderr].map((stream) => replaceListeners(stream, 'error', () => undefined)),
  ]
  try {
    return await work(controller.signal)
  } finally {
    for (const each of restore) each()
  }
}

function replaceListeners(emitter: NodeJS.EventEmitter, event: string, listener: () => void): () => void {
  const before = emitter.listeners(event) as (() => void)[]
  emitter.removeAllListeners(event).on(event, listener)
  return () => {
    emitter.off(event, listener)
    for (const each of before) emitter.on(event, each)
  }
}
