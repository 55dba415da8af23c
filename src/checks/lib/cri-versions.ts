// SPDX-License-Identifier: Apache-2.0
import type {Upgrade} from '../../model/check.ts'
import {isAtLeast} from '../../model/version.ts'
import {comesWithContainerd2} from './containerd-support.ts'

/** Whether the runtime to come answers CRI v1 alone: containerd from 2.0 on, CRI-O from 1.26 on. */
export function servesCriV1Only(upgrade: Upgrade): boolean {
  return upgrade.target === 'cri-o' ? isAtLeast(upgrade.kubernetes, '1.26') : comesWithContainerd2(upgrade)
}
