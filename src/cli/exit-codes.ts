// SPDX-License-Identifier: Apache-2.0

/** What rtctl's exit status means. Public and stable: see docs/exit-codes.md. */
export const EXIT = {
  ok: 0,
  bug: 1,
  /** under `rtctl cri`, where the runtime or the connection failed: the status that crictl has for it */
  failed: 1,
  usage: 2,
  findings: 3,
  incomplete: 4,
  refused: 5,
  rolledBack: 6,
  rollbackIncomplete: 7,
  unreachable: 8,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
