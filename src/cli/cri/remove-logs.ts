// SPDX-License-Identifier: Apache-2.0
import {unlinkSync} from 'node:fs'

/** Removes files of a log; one that is gone already is none to speak of. */
export function removeLogs(files: readonly string[], onProblem: (text: string) => void): void {
  for (const file of files) {
    try {
      unlinkSync(file)
    } catch (error) {
      const {code} = error as NodeJS.ErrnoException
      if (code !== 'ENOENT') onProblem(`the log ${file} is left: ${code}`)
    }
  }
}
