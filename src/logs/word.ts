// SPDX-License-Identifier: Apache-2.0

/** Whether a word stands at a byte. */
export function isWord(bytes: Uint8Array, at: number, word: Uint8Array): boolean {
  for (let index = 0; index < word.length; index++) if (bytes[at + index] !== word[index]) return false
  return true
}
