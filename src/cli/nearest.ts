// SPDX-License-Identifier: Apache-2.0

/**
 * The known words that a mistyped one was most likely meant to be, best first: those it begins, and those at most a
 * third of its letters away. Never more than three.
 */
export function nearest(typed: string, known: readonly string[]): string[] {
  const ranked = known
    .map((word) => ({word, distance: word.startsWith(typed) ? 0 : editDistance(typed, word)}))
    .filter(({word, distance}) => distance <= Math.max(typed.length, word.length) / 3)
  return ranked
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({word}) => word)
}

/** Letters to insert, delete, replace or swap with their neighbour (optimal string alignment) to get from a to b. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = []
  let last = Array.from({length: b.length + 1}, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replace = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : Infinity
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, replace, swap))
    }
    beforeLast = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}
