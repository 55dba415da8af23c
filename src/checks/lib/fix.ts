// SPDX-License-Identifier: Apache-2.0
import type {PerTarget, TargetName} from '../../model/check.ts'

/** The advice for one target. */
export function fixFor(fix: PerTarget, target: TargetName): string {
  return typeof fix === 'string' ? fix : fix[target]
}
