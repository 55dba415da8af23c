// SPDX-License-Identifier: Apache-2.0
import type {Generated, GeneratedFile, SettingRow} from '../../model/migration/config.ts'
import type {Remark} from '../../model/migration/needs.ts'

export const NOTHING: Generated = {files: [], rows: [], remarks: []}

/** What several generators, or parts of one, made, one after the other. */
export function joinGenerated(parts: readonly Partial<Generated>[]): Generated {
  return {
    files: parts.flatMap(({files}): readonly GeneratedFile[] => files ?? []),
    rows: parts.flatMap(({rows}): readonly SettingRow[] => rows ?? []),
    remarks: parts.flatMap(({remarks}): readonly Remark[] => remarks ?? []),
  }
}
