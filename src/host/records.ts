// SPDX-License-Identifier: Apache-2.0
import type {Observed} from '../model/observed.ts'

/** The questions a host answers. */
export const RECORD_KINDS = ['ask', 'entries', 'stat', 'target', 'text'] as const

export type RecordKind = (typeof RECORD_KINDS)[number]

/** What a host answered once. The key is a path, or the question for `ask`; it is also the outcome's source. */
export interface HostRecord {
  readonly kind: RecordKind
  readonly key: string
  readonly outcome: Observed<unknown>
}

/** Answers by kind and key. Keys come from a host or a file and may be anything, so they are never property names. */
export class Records {
  readonly #kinds: ReadonlyMap<RecordKind, Map<string, Observed<unknown>>> = new Map(RECORD_KINDS.map((kind) => [kind, new Map()]))

  get(kind: RecordKind, key: string): Observed<unknown> | undefined {
    return this.#kinds.get(kind)?.get(key)
  }

  set(kind: RecordKind, key: string, outcome: Observed<unknown>): void {
    this.#kinds.get(kind)?.set(key, outcome)
  }

  /** All answers, by kind and then by key, in the order of UTF-16 code units: the same on every machine. */
  sorted(): readonly HostRecord[] {
    return RECORD_KINDS.flatMap((kind) =>
      [...(this.#kinds.get(kind) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, outcome]) => ({kind, key, outcome})),
    )
  }
}
