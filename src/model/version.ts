// SPDX-License-Identifier: Apache-2.0

/** The numbers a version begins with: `v1.20.2-k3s1` → [1, 20, 2]; none for what is no version. */
export function versionNumbers(version: string): readonly number[] {
  const found = /^v?(\d{1,9}(?:\.\d{1,9})*)/.exec(version)?.[1]
  return found === undefined ? [] : found.split('.').map(Number)
}

/** Negative, 0 or positive, by number; what one of them leaves out counts as 0: `1.24` equals `1.24.0`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [versionNumbers(a), versionNumbers(b)]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

/** Whether a version is this one or a later one. */
export function isAtLeast(version: string, least: string): boolean {
  return compareVersions(version, least) >= 0
}
