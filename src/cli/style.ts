// SPDX-License-Identifier: Apache-2.0
import {createStyle, type Style} from '../render/style.ts'

/**
 * The style for what goes to a stream. The first of these decides: `--no-color`, NO_COLOR (any text, no-color.org),
 * FORCE_COLOR (`0` and `false` mean no), TERM=dumb, and whether the stream is a terminal.
 */
export function styleFor(
  stream: {readonly isTTY?: boolean},
  flags: {readonly 'no-color'?: boolean},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Style {
  return createStyle({color: wantsColor(stream, flags, env)})
}

function wantsColor(
  stream: {readonly isTTY?: boolean},
  flags: {readonly 'no-color'?: boolean},
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (flags['no-color'] || env['NO_COLOR']) return false
  const forced = env['FORCE_COLOR']
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return env['TERM'] !== 'dumb' && stream.isTTY === true
}
