// SPDX-License-Identifier: Apache-2.0
import type {Upgrade} from '../../model/check.ts'
import {compareVersions, isAtLeast, versionNumbers} from '../../model/version.ts'
import {CONTAINERD_SUPPORT, type ContainerdSupport, since} from '../tables/versions.ts'

/** The first Kubernetes of the table of releases that names no containerd 1.x. */
const FIRST_WITH_2_ONLY = '1.36'

/** The containerd releases for a Kubernetes version, `1.34` or `1.34.2`; undefined where nothing is known of it. */
export function supportFor(kubernetes: string): ContainerdSupport | undefined {
  return CONTAINERD_SUPPORT.find((row) => row.kubernetes === minorOf(kubernetes))
}

/** Whether a release is one of those listed, or later than all of them. A version without a patch number stands for its branch. */
export function isSupported(version: string, {containerd}: ContainerdSupport): boolean {
  const branch = containerd.find((least) => minorOf(least) === minorOf(version))
  if (branch !== undefined) return versionNumbers(version).length < 3 || isAtLeast(version, branch)
  return containerd.every((least) => compareVersions(version, least) > 0)
}

/** Whether containerd 2 comes: by name, by the program of the target, or as the Kubernetes to come supports no earlier one. */
export function comesWithContainerd2({target, containerd, kubernetes, oracle}: Upgrade): boolean {
  const version = oracle.containerd?.version ?? containerd
  if (version !== undefined) return target === 'containerd' && isAtLeast(version, since('containerd-config-3'))
  return target === 'containerd' && isAtLeast(kubernetes, FIRST_WITH_2_ONLY)
}

function minorOf(version: string): string {
  return versionNumbers(version).slice(0, 2).join('.')
}
