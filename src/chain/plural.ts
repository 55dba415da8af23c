// SPDX-License-Identifier: Apache-2.0

/** `1 container`, `2 containers`. */
export function plural(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`
}
