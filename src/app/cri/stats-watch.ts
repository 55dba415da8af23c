// SPDX-License-Identifier: Apache-2.0

/** How often crictl draws anew (cmd/crictl/util.go, handleDisplay). */
export const REDRAW_MS = 500

/**
 * What was measured between two looks, again and again: the later look is the earlier one of the next.
 *
 * @param sampleMs between two looks
 */
export async function* samples<Look, Usage>(
  look: () => Promise<Look>, compare: (before: Look, after: Look) => Usage, sampleMs: number, signal: AbortSignal,
): AsyncGenerator<Usage> {
  let before = await look()
  while (!signal.aborted) {
    await pause(sampleMs, signal)
    if (signal.aborted) return
    const after = await look()
    yield compare(before, after)
    before = after
  }
}

/** Waits; an aborted signal ends the wait early, and is no error. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}
