// SPDX-License-Identifier: Apache-2.0
import type {FSWatcher} from 'node:fs'
import {watch} from 'node:fs'
import {basename, dirname} from 'node:path'

/** As often as the kubelet looks when it was not told of a change (k8s.io/cri-client pkg/logs/logs.go). */
export const POLL_MS = 1000
/** Where the kernel tells of no change: the limits of inotify(7) are reached, or the file system has none of it. */
const POLL_UNWATCHED_MS = 250

/** Waits for changes of files. */
export class ChangeWatcher {
  readonly #watchers: FSWatcher[] = []
  #changed = false
  #wake: (() => void) | undefined

  /** @param paths the files; their directories are watched, so that files that come to stand there are seen too */
  constructor(paths: readonly string[]) {
    for (const path of new Set(paths)) this.#watch(dirname(path), basename(path))
  }

  /** Resolves when something changed since the last call, when it may be time to look anyway, or when the signal ends it. */
  async change(signal: AbortSignal | undefined): Promise<void> {
    if (!this.#changed && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, this.#watchers.length > 0 ? POLL_MS : POLL_UNWATCHED_MS)
        signal?.addEventListener('abort', done)
        this.#wake = done
        function done() {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
      })
      this.#wake = undefined
    }
    this.#changed = false
  }

  /** Lets whoever waits look. */
  wake(): void {
    this.#changed = true
    this.#wake?.()
  }

  close(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close()
  }

  #watch(directory: string, name: string): void {
    try {
      const watcher = watch(directory, (_, changed) => {
        if (changed === null || changed === name) this.wake()
      })
      this.#watchers.push(watcher)
      watcher.on('error', () => {
        watcher.close()
        this.#watchers.splice(this.#watchers.indexOf(watcher), 1)
      })
    } catch {
      // Looking from time to time is enough.
    }
  }
}
