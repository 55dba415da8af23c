// SPDX-License-Identifier: Apache-2.0

/** How much rtctl is willing to take from a host or a snapshot. All in bytes. See docs/snapshots.md. */
export const LIMITS = {
  /** one text file */
  text: 8 * 1024 * 1024,
  /** one answer as JSON: what a line of a snapshot can hold beside its key */
  encoded: 15 * 1024 * 1024,
  /** one line of a snapshot */
  line: 16 * 1024 * 1024,
  /** the first line of a snapshot: nothing that is longer can be one */
  header: 64 * 1024,
  /** a snapshot file */
  snapshot: 512 * 1024 * 1024,
  /** a path, as the kernel's PATH_MAX */
  path: 4096,
} as const

// JSON escapes C0 controls and lone surrogates; these too could drive or fool a terminal that shows a snapshot.
const RAW = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** A value as one line of JSON without line feed, with all control and reordering characters escaped. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(RAW, (character) => String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0'))
}

// A UTF-16 unit takes at most 6 bytes in JSON (\u0000), so most values need not be encoded to know that they fit.
const BYTES_PER_UNIT = 6

/** Whether a text fits into a line of a snapshot, where control characters take six bytes each. */
export function fitsLine(text: string): boolean {
  return text.length * BYTES_PER_UNIT <= LIMITS.encoded || Buffer.byteLength(jsonLine(text)) <= LIMITS.encoded
}
