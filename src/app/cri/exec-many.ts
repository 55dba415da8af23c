// SPDX-License-Identifier: Apache-2.0

/** What came of a command in one of several containers. */
export type Outcome = {readonly id: string; readonly exitCode: number} | {readonly id: string; readonly error: unknown}

/**
 * Runs something in one container after the other, or in all at once. An error in one is its outcome; the others go on.
 *
 * @param run gives the exit code
 */
export async function inEach(ids: readonly string[], parallel: boolean, run: (id: string) => Promise<number>): Promise<readonly Outcome[]> {
  const attempt = async (id: string): Promise<Outcome> => {
    try {
      return {id, exitCode: await run(id)}
    } catch (error) {
      return {id, error}
    }
  }
  if (parallel) return Promise.all(ids.map(attempt))
  const outcomes: Outcome[] = []
  for (const id of ids) outcomes.push(await attempt(id))
  return outcomes
}
