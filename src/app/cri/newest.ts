// SPDX-License-Identifier: Apache-2.0

/** How many of a list are wanted. */
export interface Newest {
  readonly latest?: boolean
  /** 0 or less: all */
  readonly last?: number | undefined
}

/** The newest ones first, as many as are wanted; `last` counts where both are told, as in crictl. */
export function newest<Item extends {readonly createdAt: bigint}>(items: readonly Item[], {latest, last}: Newest): readonly Item[] {
  const sorted = items.toSorted((one, other) => (one.createdAt < other.createdAt ? 1 : one.createdAt > other.createdAt ? -1 : 0))
  const count = last !== undefined && last > 0 ? last : latest ? 1 : undefined
  return count === undefined ? sorted : sorted.slice(0, count)
}
