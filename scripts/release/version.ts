// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../../src/model/user-error.ts'

/**
 * The parts of a version. rtctl releases plain ones only: dpkg and npm order what comes behind a hyphen differently.
 *
 * @throws UserError where it is none
 */
export function versionParts(version: string): readonly [number, number, number] {
  const [, major, minor, patch] = /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/.exec(version) ?? []
  if (major === undefined) {
    throw new UserError(`${JSON.stringify(version)} is no version to release.`, 'Give MAJOR.MINOR.PATCH, such as 1.2.0.')
  }
  return [Number(major), Number(minor), Number(patch)]
}

/** Whether a version comes after another. Both must be versions. */
export function isNewer(version: string, than: string): boolean {
  const before = versionParts(than)
  const difference = versionParts(version).map((part, index) => part - (before[index] ?? 0)).find((one) => one !== 0)
  return (difference ?? 0) > 0
}
