// SPDX-License-Identifier: Apache-2.0
import type {FileChange, Plan} from '../../model/migration/plan.ts'

/** What stands in a plan for a secret that rtctl took out when it read the host (src/host/secret-scanner.ts). */
export const REDACTED = '[redacted]'

/** Files that would be written with a gap in place of a secret: who carries a printed plan out has to fill it in. */
export function filesWithSecrets({files}: Plan): readonly FileChange[] {
  return files.filter(({text}) => text?.includes(REDACTED))
}
