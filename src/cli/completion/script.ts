// SPDX-License-Identifier: Apache-2.0
import {bashScript} from './bash.ts'
import {fishScript} from './fish.ts'
import type {Surface} from './surface.ts'
import {zshScript} from './zsh.ts'

const SCRIPTS = {bash: bashScript, zsh: zshScript, fish: fishScript} as const

export type Shell = keyof typeof SCRIPTS

export const SHELLS = Object.keys(SCRIPTS) as readonly Shell[]

/** The script that teaches a shell the commands, flags and values of a surface. */
export function completionScript(shell: Shell, surface: Surface): string {
  return SCRIPTS[shell](surface)
}
