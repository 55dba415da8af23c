// SPDX-License-Identifier: Apache-2.0
import {visible} from '../render/visible.ts'

/** A line on a terminal that says what is going on, and is gone in the end. */
export interface Progress {
  say(text: string): void
  end(): void
}

const ERASE_LINE = '\r\u001b[2K'

/** Shows progress where standard error is a terminal, and nothing where it is not: scripts and logs have no use for it. */
export function progressOn(stderr: NodeJS.WriteStream): Progress {
  if (!stderr.isTTY) return {say: () => undefined, end: () => undefined}
  let shown = false
  return {
    say(text) {
      shown = true
      stderr.write(`${ERASE_LINE}${visible(text).slice(0, Math.max(20, stderr.columns - 1))}`)
    },
    end() {
      if (shown) stderr.write(ERASE_LINE)
      shown = false
    },
  }
}
