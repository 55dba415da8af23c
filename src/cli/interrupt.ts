// SPDX-License-Identifier: Apache-2.0
import {constants} from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Does work that Ctrl-C or `kill` ends in its own way: the first one aborts the signal, a second one ends the process at once.
 *
 * @param work returns soon after the signal
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController()
  const onSignal = (signal: (typeof SIGNALS)[number]) => {
    if (controller.signal.aborted) process.exit(128 + constants.signals[signal])
    controller.abort()
  }
  const before = SIGNALS.map((signal) => [signal, process.listeners(signal)] as const)
  for (const signal of SIGNALS) process.removeAllListeners(signal).on(signal, onSignal)
  try {
    return await work(controller.signal)
  } finally {
    for (const [signal, listeners] of before) {
      process.off(signal, onSignal)
      for (const listener of listeners) process.on(signal, listener)
    }
  }
}
