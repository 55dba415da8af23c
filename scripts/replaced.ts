// SPDX-License-Identifier: Apache-2.0

/**
 * Code of a package with a piece of it replaced.
 *
 * @throws Error where the package is not any more what was looked at when the piece was written
 */
export function replaced(code: string, before: string, after: string): string {
  if (!code.includes(before)) throw new Error(`the code does not have \`${before}\` any more`)
  return code.replace(before, () => after)
}
