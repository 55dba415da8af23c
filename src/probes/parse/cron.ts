// SPDX-License-Identifier: Apache-2.0

/** `user`: one of a user's own; `system`: with the name of a user before the command; `anacron`: period, delay and name before it. */
export type CrontabKind = 'user' | 'system' | 'anacron'

const FIELDS = /^\s*(?:@\w+|\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(\S.*)$/
const ANACRON = /^\s*[@\w]+\s+\d+\s+\S+\s+(\S.*)$/

/**
 * The commands of a table of cron (crontab(5)) as a shell script, each in its own line and all other lines blank, so that line
 * numbers stay. What follows a `%` is the command's input and is left out.
 */
export function crontabAsShell(text: string, kind: CrontabKind): string {
  return text.split('\n').map((line) => commandOf(line.slice(0, 4096), kind)).join('\n')
}

function commandOf(line: string, kind: CrontabKind): string {
  if (/^\s*(?:#|$)/.test(line) || /^\s*[A-Za-z_]\w*\s*=/.test(line)) return ''
  const rest = (kind === 'anacron' ? ANACRON : FIELDS).exec(line)?.[1]
  if (rest === undefined) return ''
  const command = kind === 'system' ? (/^\S+\s+(\S.*)$/.exec(rest)?.[1] ?? '') : rest
  return command.replace(/(^|[^\\])%.*$/, '$1').trim()
}
