// SPDX-License-Identifier: Apache-2.0
import type {Setting, UnitFacts} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {type Observed, valueOf} from '../model/observed.ts'
import {expandWords, parseEnvFile, splitWords} from './parse/env-file.ts'

export interface UnitCommand {
  readonly words: readonly string[]
  /** where the ExecStart= line is */
  readonly source: string
}

/**
 * The command a service would be started with: its last ExecStart= with Environment= and EnvironmentFile= filled in.
 * undefined for a masked unit, or one without a command.
 *
 * @param read how to read the environment files, so that the caller knows which were looked at; `host.text` unless told
 */
export function unitCommand(
  host: Host, unit: UnitFacts, read: (path: string) => Observed<string> = (path) => host.text(path),
): UnitCommand | undefined {
  const start = unit.settings['Service.ExecStart']?.at(-1)
  if (start === undefined || unit.masked) return undefined
  // prefixes of systemd.service(5): `-` ignores failure, `@` sets argv[0], `:` `+` `!` are about expansion and privileges
  const words = splitWords(start.value.replace(/^[@:+!-]+/, ''))
  return {words: expandWords(words, environmentOf(unit, read)), source: start.source}
}

/** Files override Environment=, later ones earlier ones. A leading `-` allows a file to be missing. */
function environmentOf(unit: UnitFacts, read: (path: string) => Observed<string>): ReadonlyMap<string, string> {
  const variables = new Map<string, string>()
  for (const {value} of settingsOf(unit, 'Service.Environment')) {
    for (const word of splitWords(value)) {
      const equals = word.indexOf('=')
      if (equals > 0) variables.set(word.slice(0, equals), word.slice(equals + 1))
    }
  }
  for (const path of environmentFiles(unit)) {
    for (const [name, value] of parseEnvFile(valueOf(read(path)) ?? '')) variables.set(name, value)
  }
  return variables
}

/** The files of EnvironmentFile=, in order. */
export function environmentFiles(unit: UnitFacts): readonly string[] {
  return settingsOf(unit, 'Service.EnvironmentFile').map(({value}) => value.replace(/^-/, '')).filter((path) => path.startsWith('/'))
}

export function settingsOf(unit: UnitFacts, key: string): readonly Setting[] {
  return Object.hasOwn(unit.settings, key) ? unit.settings[key] ?? [] : []
}
