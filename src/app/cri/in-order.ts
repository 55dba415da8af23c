// SPDX-License-Identifier: Apache-2.0

/** Calls under way at the same time: enough to keep a runtime busy, too few to keep others from it. */
const IN_FLIGHT = 32

/** The same for questions, which cost a runtime little. */
export const QUESTIONS_IN_FLIGHT = 64

/** Does the work for many items, several at a time, and gives the results in the order of the items; ends with the first error in that order. */
export async function* inOrder<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>, most = IN_FLIGHT): AsyncGenerator<Result> {
  const running: Promise<Result>[] = []
  let next = 0
  const start = () => {
    const item = items[next++] as Item
    const result = work(item)
    // Its error is told when its turn comes; until then Node.js must not take it for one that nobody handles.
    result.catch(() => undefined)
    running.push(result)
  }
  while (next < items.length && running.length < most) start()
  for (let result = running.shift(); result !== undefined; result = running.shift()) {
    const value = await result
    if (next < items.length) start()
    yield value
  }
}
