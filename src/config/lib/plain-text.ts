// SPDX-License-Identifier: Apache-2.0
import type {Remark} from '../../model/migration/needs.ts'

const LONGEST_VALUE = 4096

/**
 * Whether a value of the node may be written into a file of lines: no control characters (a line feed would begin a setting of its
 * own), no separators that editors take for line ends, not longer than a setting can be.
 */
export function isPlain(value: string): boolean {
  return value.length <= LONGEST_VALUE && value.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(value)
}

/** Says that a value is not written anywhere. `what`: `the proxy HTTP_PROXY`. */
export function refusedRemark(what: string, source: string): Remark {
  return {
    level: 'blocker',
    text: `${what} has line breaks or other characters that cannot be in it, or is very long: it is not written into any file`,
    next: `Correct it in ${source}, and plan again.`,
    source,
  }
}
