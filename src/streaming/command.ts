// SPDX-License-Identifier: Apache-2.0
import type {Readable, Writable} from 'node:stream'
import {setImmediate} from 'node:timers/promises'
import {aborted, StreamingError} from './errors.ts'
import {openCommand} from './open.ts'
import type {CommandEvents, CommandSession, OutputStream, StreamRequest} from './session.ts'
import {resizeMessage} from './session.ts'
import {StatusCollector, exitCodeOf} from './status.ts'

/**
 * Runs what a streaming URL stands for: the command of an exec, or the output of a running container (attach). Returns
 * when the command has ended and all its output is written. The writables are not ended, and stdin is not destroyed.
 *
 * Output is not read faster than the writables take it, stdin no faster than the server does.
 *
 * @returns the exit code of the command; 0 for an attach
 * @throws StreamingError; what a writable or stdin failed with
 */
export async function runRemoteCommand(request: StreamRequest): Promise<{readonly exitCode: number}> {
  const {signal} = request
  if (signal?.aborted) throw aborted()
  const running = new RunningCommand(request)
  const onAbort = () => running.fail(aborted())
  let session: CommandSession | undefined
  let stopFeeding: () => void = () => undefined
  try {
    session = await openCommand(request, running)
    signal?.addEventListener('abort', onAbort)
    if (signal?.aborted) onAbort()
    stopFeeding = feed(session, request, running)
    running.onStatus = stopFeeding
    const ending = await running.finished()
    return {exitCode: exitCodeOf(running.status.bytes, session.protocol, ending)}
  } finally {
    signal?.removeEventListener('abort', onAbort)
    stopFeeding()
    session?.close()
    running.release()
  }
}

class RunningCommand implements CommandEvents {
  readonly status = new StatusCollector()
  /** told when the command has ended, which may be before all its output is there */
  onStatus: () => void = () => undefined
  readonly fail: (error: unknown) => void
  readonly #failure: Promise<never>
  readonly #end: Promise<StreamingError | undefined>
  readonly #resolve: (error: StreamingError | undefined) => void
  readonly #outputs: Readonly<Record<'stdout' | 'stderr', Writable | undefined>>
  readonly #drains = new Map<Writable, Promise<void>>()

  constructor({stdout, stderr}: StreamRequest) {
    const end = Promise.withResolvers<StreamingError | undefined>()
    const failure = Promise.withResolvers<never>()
    // Nobody waits for it while the connection is being opened.
    failure.promise.catch(() => undefined)
    this.#end = end.promise
    this.#resolve = end.resolve
    this.#failure = failure.promise
    this.fail = failure.reject
    this.#outputs = {stdout, stderr}
    for (const output of this.#writables()) output.on('error', this.fail)
  }

  output(stream: OutputStream, piece: Buffer): Promise<void> | undefined {
    if (stream === 'error') {
      this.status.add(piece)
      this.onStatus()
      return undefined
    }
    const writable = this.#outputs[stream]
    if (writable === undefined || writable.destroyed || writable.write(piece)) return undefined
    return this.#drained(writable)
  }

  closed(error: StreamingError | undefined): void {
    this.#resolve(error)
  }

  /**
   * Resolves when nothing more comes and the writables have taken all there was, with what was wrong about the end;
   * rejects when something on this side failed.
   */
  async finished(): Promise<StreamingError | undefined> {
    const ending = await Promise.race([this.#end, this.#failure])
    const pending = this.#writables().filter((output) => output.writableLength > 0 && !output.destroyed)
    const flushed = pending.map((output) => new Promise<void>((resolve) => void output.write('', () => resolve())))
    await Promise.race([Promise.all(flushed), this.#failure])
    return ending
  }

  release(): void {
    for (const output of this.#writables()) output.off('error', this.fail)
  }

  #writables(): readonly Writable[] {
    return [...new Set([this.#outputs.stdout, this.#outputs.stderr])].filter((output) => output !== undefined)
  }

  async #drained(writable: Writable): Promise<void> {
    const known = this.#drains.get(writable)
    if (known !== undefined) return known
    const drain = new Promise<void>((resolve) => {
      const done = () => {
        writable.off('drain', done).off('close', done).off('error', done)
        this.#drains.delete(writable)
        resolve()
      }
      writable.on('drain', done).on('close', done).on('error', done)
    })
    this.#drains.set(writable, drain)
    return drain
  }
}

/**
 * Sends stdin and terminal sizes until they end or the returned function is called. That the server takes no more of them is no
 * failure: a command need not read its input, and how the session ends is told by its end.
 */
function feed(session: CommandSession, {stdin, resize}: StreamRequest, running: RunningCommand): () => void {
  const stops = [
    stdin && pump(stdin, (bytes) => session.send('stdin', bytes), () => session.endStdin(), running.fail),
    resize && pump(resize, (size) => session.send('resize', resizeMessage(size)), () => undefined, running.fail),
  ]
  return () => {
    for (const stop of stops) stop?.()
  }
}

type Stop = () => void

/** Takes items one after the other, as fast as they are sent. */
function pump<Item>(
  source: Readable | AsyncIterable<Item>,
  send: (item: Item) => Promise<void>,
  ended: () => void,
  failed: (error: unknown) => void,
): Stop {
  if (isReadable(source)) return pumpReadable(source, send as (item: unknown) => Promise<void>, ended, failed)
  return pumpIterable(source, send, ended, failed)
}

/** By events: an iterator over process.stdin that is left destroys it, and waits for input that nobody will type. */
function pumpReadable(source: Readable, send: (bytes: unknown) => Promise<void>, ended: () => void, failed: (error: unknown) => void): Stop {
  let stopped = false
  // The end may be told while the last piece is still being sent.
  let sending: Promise<void> = Promise.resolve()
  const sendOne = async (chunk: unknown) => {
    // What has come is read first. It may be the end, and what is not read yet is lost where sending fails.
    await setImmediate()
    if (stopped) return
    await send(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
    if (!stopped) source.resume()
  }
  const onData = (chunk: unknown) => {
    source.pause()
    sending = sendOne(chunk)
    sending.catch(() => undefined)
  }
  const onEnd = () => void sending.then(ended, () => undefined)
  source.on('data', onData).on('end', onEnd).on('error', failed)
  if (source.readableEnded || source.destroyed) ended()
  return () => {
    stopped = true
    source.off('data', onData).off('end', onEnd).off('error', failed).pause()
  }
}

function pumpIterable<Item>(
  source: AsyncIterable<Item>,
  send: (item: Item) => Promise<void>,
  ended: () => void,
  failed: (error: unknown) => void,
): Stop {
  const iterator = source[Symbol.asyncIterator]()
  let stopped = false
  const run = async (): Promise<void> => {
    const next = await iterator.next()
    if (stopped) return
    if (next.done) return ended()
    await send(next.value)
    return run()
  }
  run().catch((error: unknown) => stopped || failed(error))
  return () => {
    stopped = true
    // Not waited for: a generator that waits for its next item answers after it.
    void iterator.return?.().catch(() => undefined)
  }
}

function isReadable(source: Readable | AsyncIterable<unknown>): source is Readable {
  return 'pause' in source && 'resume' in source
}
