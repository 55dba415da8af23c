// SPDX-License-Identifier: Apache-2.0
import type {Setting, UnitFacts} from '../../model/facts.ts'

/** The values of a unit's setting, in order; none where the unit or the setting is missing. */
export function settingsOfUnit(units: readonly UnitFacts[], unit: string, key: string): readonly Setting[] {
  const settings = units.find(({name}) => name === unit)?.settings
  return settings !== undefined && Object.hasOwn(settings, key) ? settings[key] ?? [] : []
}
