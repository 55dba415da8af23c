// SPDX-License-Identifier: Apache-2.0
import {LogFile, statAt} from './log-file.ts'
import type {LogReader} from './reader.ts'
import {rotatedAfter} from './rotations.ts'
import {ChangeWatcher, POLL_MS} from './watcher.ts'

/**
 * A runtime that is told to reopen a log makes the new file first and turns its writers over to it, one stream after
 * the other, a moment later: until then lines go to the old one (containerd internal/cri/server/container_log_reopen.go).
 */
const REOPEN_MS = 100

interface FollowContext {
  readonly isRunning: () => Promise<boolean>
  readonly signal?: AbortSignal | undefined
}

/**
 * Prints a log and what is added to it, until the container has ended and all is read, or the signal ends it. Goes on
 * across a rename (the kubelet, docker), across files that were rotated away in the meantime, across copytruncate, and
 * across a file that is removed and made anew.
 */
export async function follow(reader: LogReader, context: FollowContext): Promise<void> {
  const {path, realPath} = reader.file
  // Before the first read: what is written between that and the watch would wait for the next look.
  const watcher = new ChangeWatcher([path, realPath])
  const running = new RunningCheck(context.isRunning)
  try {
    for (let ended = false; !reader.done;) {
      if (reader.file.wasTruncated()) reader.rewind()
      await reader.drain()
      reader.file.remember()
      if (reader.done || (reader.file.wasReplaced() && (await goOn(reader, realPath, context.signal)))) continue
      if (ended) return await reader.finish()
      ended = running.hasEnded(() => watcher.wake())
      // Once more when it has: what it wrote last.
      if (!ended) await watcher.change(context.signal)
    }
  } finally {
    watcher.close()
  }
}

/**
 * Asks whether the container runs as often as the kubelet would when nothing happens, however much it writes. The log
 * does not wait for the answer.
 */
class RunningCheck {
  readonly #isRunning: () => Promise<boolean>
  #askedAt = Number.NEGATIVE_INFINITY
  #asking = false
  #ended = false
  #failure: {readonly reason: unknown} | undefined

  constructor(isRunning: () => Promise<boolean>) {
    this.#isRunning = isRunning
  }

  /**
   * @param onAnswer called when there is news
   * @throws what the question was rejected with
   */
  hasEnded(onAnswer: () => void): boolean {
    if (this.#failure !== undefined) throw this.#failure.reason
    const now = performance.now()
    if (this.#ended || this.#asking || now - this.#askedAt < POLL_MS) return this.#ended
    this.#asking = true
    this.#askedAt = now
    void this.#ask().then(onAnswer)
    return false
  }

  async #ask(): Promise<void> {
    try {
      this.#ended = !(await this.#isRunning())
    } catch (reason) {
      this.#failure = {reason}
    }
    this.#asking = false
  }
}

/**
 * Goes on with the file that stands at the path now, after those that stood there in between.
 *
 * @returns whether there is another file to read; when there is none yet, it is seen when it comes
 */
async function goOn(reader: LogReader, realPath: string, signal: AbortSignal | undefined): Promise<boolean> {
  await pause(REOPEN_MS, signal)
  const before = reader.file
  await reader.drain()
  const {path} = before
  for (const next of [...rotatedAfter(realPath, before.stats(), statAt(path)), path]) {
    if (statAt(next) === undefined) continue
    const file = new LogFile(path, next)
    await reader.finish()
    reader.switchTo(file)
    if (next !== path) await reader.drain()
  }
  return reader.file !== before
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}
