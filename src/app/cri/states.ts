// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../../model/user-error.ts'

/**
 * The state that `--state` names, in any case.
 *
 * @param states name in small letters → the state
 * @returns undefined where none is asked for
 * @throws UserError for a word that is none
 */
export function stateOf<State>(word: string | undefined, states: Readonly<Record<string, State>>): {state: State} | undefined {
  if (word === undefined || word === '') return undefined
  const [, state] = Object.entries(states).find(([name]) => name === word.toLowerCase()) ?? []
  if (state === undefined) throw new UserError(`--state: "${word}" is no state.`, `Give one of ${Object.keys(states).join(', ')}.`)
  return {state}
}
