// SPDX-License-Identifier: Apache-2.0
import type {Facts, Setting, UnitFacts} from '../../model/facts.ts'
import {type DockerHit, dockerHitsIn} from './scripts.ts'

/** A setting of a unit that needs Docker. */
export interface UnitHit {
  readonly key: string
  readonly setting: Setting
  readonly kind: DockerHit['kind']
}

/** `[Service]` and `[Socket]` commands (systemd.service(5)). */
const COMMAND = /^(?:Service|Socket|Mount)\.Exec(?:Start|StartPre|StartPost|Condition|Reload|Stop|StopPre|StopPost)$/
const PATH = /\/run\/(?:docker|dockershim)\.sock\b|\/var\/lib\/docker(?:\/|\s|$)|\/etc\/docker(?:\/|\s|$)/
/** Settings that make a path a condition, or hand it to the program. */
const NAMES_PATH = /^(?:Unit\.(?:Condition|Assert)Path\w+|Unit\.RequiresMountsFor|Service\.Environment|Path\.\w+)$/

/** What the commands, conditions and environment of a unit need of Docker. */
export function unitHits({settings}: UnitFacts): readonly UnitHit[] {
  return Object.entries(settings).flatMap(([key, values]) => values.flatMap((setting): readonly UnitHit[] => {
    if (COMMAND.test(key)) return dockerHitsIn(setting.value.replace(/^[-@:+!|]+/, '')).slice(0, 1).map(({kind}) => ({key, setting, kind}))
    return NAMES_PATH.test(key) && PATH.test(`${setting.value} `) ? [{key, setting, kind: 'socket'}] : []
  }))
}

/** The settings of a unit that tie it to another one, the strongest first. */
export function tiesTo({settings}: UnitFacts, other: RegExp): readonly {readonly key: string; readonly setting: Setting}[] {
  return ['Requires', 'BindsTo', 'Requisite', 'PartOf', 'Wants', 'Upholds', 'After'].flatMap((key) =>
    (settings[`Unit.${key}`] ?? []).filter(({value}) => value.split(/\s+/).some((word) => other.test(word))).map((setting) => ({key, setting})))
}

/** The daemons of the host itself, without those of nested machines, which have disks and networks of their own. */
export function ofHost<T extends {readonly pid?: number}>({processes}: Facts, daemons: readonly T[]): readonly T[] {
  return daemons.filter(({pid}) => pid === undefined || processes.inside[pid] === undefined)
}
