// SPDX-License-Identifier: Apache-2.0
import type {Waiver} from '../../model/preflight.ts'
import {UserError} from '../../model/user-error.ts'
import {checkIdOf, listOf, mapping, readYaml, textOf, type Written, wrong} from './config-file-yaml.ts'

const KEYS = ['id', 'file', 'object', 'node', 'reason', 'expires'] as const

/**
 * Reads a file of waivers: a list, or a mapping with the list under `waivers`.
 *
 * @param ids of all checks
 * @throws UserError naming file and line
 */
export async function readWaivers(file: string, ids: readonly string[]): Promise<readonly Waiver[]> {
  const written = await readYaml(file)
  if (written === undefined) throw new UserError(`${file} has no waivers.`, 'Write one: a list of `id` and `reason`.')
  if (Array.isArray(written.value)) return waiversOf(written, ids)
  const list = mapping(written, ['waivers'], 'A file of waivers').get('waivers')
  if (list === undefined) throw wrong(file, written.position, 'there is no `waivers`.')
  return waiversOf(list, ids)
}

/** @throws UserError naming file and line, where an id is unknown, a reason is missing or a date is none */
export function waiversOf(written: Written, ids: readonly string[]): readonly Waiver[] {
  return listOf(written, 'waivers').map((item) => waiverOf(item, ids))
}

function waiverOf(written: Written, ids: readonly string[]): Waiver {
  const {file, position} = written
  const members = mapping(written, KEYS, 'A waiver')
  const {id, reason} = {id: members.get('id'), reason: members.get('reason')}
  if (id === undefined) throw wrong(file, position, 'a waiver without `id`.', 'Name the check that it is for.')
  if (reason === undefined) throw wrong(file, position, 'a waiver without `reason`.', 'Say why what was found may stay.')
  const optional = (['file', 'object', 'node'] as const).flatMap((key) => {
    const value = members.get(key)
    return value === undefined ? [] : [[key, textOf(value, key)] as const]
  })
  const expires = members.get('expires')
  return {
    id: checkIdOf(id, 'id', ids),
    ...Object.fromEntries(optional),
    reason: textOf(reason, 'reason'),
    ...(expires !== undefined && {expires: dateOf(expires)}),
    source: {file, ...position},
  }
}

function dateOf(written: Written): string {
  const text = textOf(written, 'expires')
  // A date that rolls over (30 February) comes back as another one.
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text) {
    throw wrong(written.file, written.position, `\`${text}\` is no date.`, 'Write it as 2026-12-31.')
  }
  return text
}
