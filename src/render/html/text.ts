// SPDX-License-Identifier: Apache-2.0
import {shortened} from '../shorten.ts'

/** Average width of a character as a share of the font size, on the wide side: a browser's font is not known here. */
const NARROW = 0.6
const WIDE = 1.05

/** Estimated width of text in pixels. Ideographs, emoji and the like count as full width. */
export function textWidth(text: string, size: number): number {
  let width = 0
  for (const character of text) width += (character.codePointAt(0)! < 0x1100 ? NARROW : WIDE) * size
  return width
}

/**
 * Breaks text into lines no wider than `width` pixels, at spaces where it can; the last of `most` lines ends in
 * an ellipsis when there is more.
 */
export function wrapped(text: string, width: number, size: number, most: number): readonly string[] {
  const lines: string[] = []
  let rest = Array.from(shortened(text, 600))
  while (rest.length > 0 && lines.length < most) {
    const fits = fitting(rest, width, size)
    const last = lines.length === most - 1
    if (fits === rest.length || last) {
      lines.push(fits === rest.length ? rest.join('') : `${rest.slice(0, Math.max(1, fits - 1)).join('')}…`)
      return lines
    }
    const space = rest.lastIndexOf(' ', fits)
    const end = space > fits / 3 ? space : fits
    lines.push(rest.slice(0, end).join(''))
    rest = rest.slice(rest[end] === ' ' ? end + 1 : end)
  }
  return lines
}

/** Text no wider than `width`; a path that is too long loses its middle, where it says least. */
export function squeezed(text: string, width: number, size: number): string {
  const characters = Array.from(shortened(text, 600))
  if (fitting(characters, width, size) === characters.length) return characters.join('')
  const room = Math.max(4, fitting(characters, width, size) - 1)
  const tail = Math.ceil(room * 0.6)
  return `${characters.slice(0, room - tail).join('')}…${characters.slice(-tail).join('')}`
}

/** How many characters fit, at least one. */
function fitting(characters: readonly string[], width: number, size: number): number {
  let used = 0
  for (const [index, character] of characters.entries()) {
    used += textWidth(character, size)
    if (used > width) return Math.max(1, index)
  }
  return characters.length
}
