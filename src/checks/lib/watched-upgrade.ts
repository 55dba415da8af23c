// SPDX-License-Identifier: Apache-2.0
import type {Upgrade} from '../../model/check.ts'

export interface WatchedUpgrade {
  readonly upgrade: Upgrade
  /** whether any of these members was looked at since the last `forget` */
  wasRead(...members: readonly (keyof Upgrade)[]): boolean
  forget(): void
}

/** An upgrade that knows which of its members were looked at: who did not look at a version says the same for all of them. */
export function watchedUpgrade(upgrade: Upgrade): WatchedUpgrade {
  const read = new Set<PropertyKey>()
  const watched = new Proxy(upgrade, {
    get(target, member) {
      read.add(member)
      return Reflect.get(target, member) as unknown
    },
    // A copy has looked at everything, also at what is not there.
    ownKeys(target) {
      for (const member of MEMBERS) read.add(member)
      return Reflect.ownKeys(target)
    },
  })
  return {upgrade: watched, wasRead: (...members) => members.some((member) => read.has(member)), forget: () => read.clear()}
}

const MEMBERS: readonly (keyof Upgrade)[] = ['target', 'kubernetes', 'containerd', 'docker', 'oracle']
