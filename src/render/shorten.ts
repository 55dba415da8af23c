// SPDX-License-Identifier: Apache-2.0

/** Text of at most `longest` characters: what is too long loses its end, for an ellipsis. Surrogate pairs stay whole. */
export function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text
  const characters = Array.from(text.slice(0, 2 * longest + 2))
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`
}
