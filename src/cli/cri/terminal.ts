// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../../model/user-error.ts'
import {DEFAULT_DETACH_KEYS, DetachKeys, parseDetachKeys} from '../../streaming/detach-keys.ts'
import type {TerminalSize} from '../../streaming/session.ts'
import type {CommandStreams} from '../../app/cri/exec.ts'

/** What a user asked for. */
export interface Wish {
  readonly tty: boolean
  readonly stdin: boolean
}

/**
 * Lends this process' streams to a command. With a terminal every key goes to the command, Ctrl-C too, and the window's size
 * with it; the detach keys end the connection and leave the command alone.
 *
 * @param work gets a signal that is aborted by the detach keys
 * @throws UserError when there is no terminal to lend
 */
export async function withStreams<Result>({tty, stdin}: Wish, work: (streams: CommandStreams, detach: AbortSignal) => Promise<Result>): Promise<Result> {
  const detach = new AbortController()
  const {stdout, stderr} = process
  if (!tty) return giveBackInput(() => work({...(stdin && {stdin: process.stdin}), stdout, stderr, tty}, detach.signal))
  if (!stdin) throw new UserError('A terminal (-t) needs its input (-i).', 'Give -it.')
  if (!process.stdin.isTTY) throw new UserError('Standard input is no terminal, so -t has none to lend.', 'Leave -t out: -i alone passes input on.')
  const keys = new DetachKeys(parseDetachKeys(DEFAULT_DETACH_KEYS), () => detach.abort())
  const sizes = windowSizes()
  const restore = () => process.stdin.setRawMode(false)
  process.once('exit', restore)
  process.stdin.setRawMode(true)
  try {
    return await giveBackInput(() => work({stdin: process.stdin.pipe(keys), stdout, tty, resize: sizes.all}, detach.signal))
  } finally {
    restore()
    process.off('exit', restore)
    process.stdin.unpipe(keys)
    sizes.stop()
  }
}

/** A standard input that is still read would keep this process alive. */
async function giveBackInput<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } finally {
    process.stdin.pause()
    process.stdin.unref?.()
  }
}

/** The size of the window now, and each time that it changes. */
function windowSizes(): {readonly all: AsyncIterable<TerminalSize>; readonly stop: () => void} {
  const {stdout} = process
  let changed = Promise.withResolvers<void>()
  const stopping = new AbortController()
  const onResize = () => {
    changed.resolve()
    changed = Promise.withResolvers<void>()
  }
  stdout.on('resize', onResize)
  async function* all(): AsyncGenerator<TerminalSize> {
    for (;;) {
      const next = changed.promise
      yield {width: stdout.columns ?? 80, height: stdout.rows ?? 24}
      await next
      if (stopping.signal.aborted) return
    }
  }
  return {
    all: all(),
    stop: () => {
      stopping.abort()
      stdout.off('resize', onResize)
      changed.resolve()
    },
  }
}
