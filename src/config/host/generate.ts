// SPDX-License-Identifier: Apache-2.0
import type {Generated, Target, TargetFiles, Wanted} from '../../model/migration/config.ts'
import type {NodeNeeds} from '../../model/migration/needs.ts'
import {joinGenerated} from '../lib/generated.ts'
import {cniLeftovers, cniPatterns} from './cni-leftovers.ts'
import {KERNEL_WANTED, modules, sysctls} from './kernel.ts'

/** Where the host keeps kernel modules and settings for the next boot, and the CNI configurations. */
export function wanted(needs: NodeNeeds, _target: Target): Wanted {
  return {files: KERNEL_WANTED.files, patterns: [...KERNEL_WANTED.patterns, ...cniPatterns(needs)]}
}

/** What the host needs besides the runtime: modules and kernel settings that outlive Docker, and the cluster's own CNI network first. */
export function generate(needs: NodeNeeds, target: Target, files: TargetFiles): Generated {
  return joinGenerated([modules(needs, files), sysctls(needs, files), cniLeftovers(needs, target, files)])
}
