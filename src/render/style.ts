// SPDX-License-Identifier: Apache-2.0
import {Chalk} from 'chalk'

/** How text is made to stand out on a terminal. Without colour every function gives back what it got. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  yellow(text: string): string
  green(text: string): string
  cyan(text: string): string
}

/** The 16 basic colours, which follow the user's own theme, or none at all. */
export function createStyle({color}: {readonly color: boolean}): Style {
  const {bold, dim, red, yellow, green, cyan} = new Chalk({level: color ? 1 : 0})
  return {bold, dim, red, yellow, green, cyan}
}
