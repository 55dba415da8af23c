// SPDX-License-Identifier: Apache-2.0
// A process that migrates is killed with SIGKILL, for real, after and before every write of its journal. What is left has to be enough to
// go back to where the node was, byte by byte, and to go on to where it would have come.
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {ROOT} from '../../support/node.ts'
import {apply, resume, rollback} from './support/act.ts'
import {newNode, removeNodes} from './support/folders.ts'
import {samplePlan} from './support/plan.ts'
import {engineOf, reboot, simMachine, treeOf} from './support/sim.ts'

/** Some fifty modules are read by some hundred processes. */
const CACHE = join(ROOT, 'node_modules/.cache/rtctl-test')
const SUPPORT = join(ROOT, 'test/unit/migrate/support')
/** Two at a time: a process each, and this machine may have no more processors. */
const AT_ONCE = 2

interface Ended {
  readonly killed: boolean
  readonly output: string
}

/** @param kill `after 3`: see kill.ts */
function child(folder: string, verb: string, kill: string): Promise<Ended> {
  return new Promise((resolve) => {
    const started = spawn(process.execPath, ['--import', join(SUPPORT, 'kill.ts'), join(SUPPORT, 'child.ts'), folder, verb], {env: {...process.env, RTCTL_KILL: kill, NODE_COMPILE_CACHE: CACHE}, stdio: ['ignore', 'pipe', 'pipe']})
    let output = ''
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8')
    })
    started.on('close', (_, signal) => resolve({killed: signal === 'SIGKILL', output}))
  })
}

/** Does something for 1, 2, 3 … until it says that there is no further one. @returns how many there were */
async function forEach(work: (nth: number) => Promise<boolean>): Promise<number> {
  let [next, count] = [1, 0]
  let goesOn = true
  const worker = async () => {
    while (goesOn) {
      const nth = next++
      if (await work(nth)) count++
      else goesOn = false
    }
  }
  await Promise.all(Array.from({length: AT_ONCE}, worker))
  return count
}

let before: {readonly tree: unknown; readonly engine: unknown}
let after: {readonly tree: unknown; readonly engine: unknown}
let writes = 0

/** Times of files that the migration writes are those of when it ran. */
const timeless = (folder: string) => Object.fromEntries(Object.entries(treeOf(folder)).map(([path, what]) => [path, what.replace(/ \d{12,} /, ' ')]))
/** Files made by two nodes have other times; modes, owners, bytes and targets are the same. */
const outcome = (folder: string) => ({tree: timeless(folder), engine: engineOf(folder)})

beforeAll(async () => {
  const folder = newNode()
  before = {tree: timeless(folder), engine: engineOf(folder)}
  await apply(samplePlan(folder), simMachine(folder))
  after = outcome(folder)
  const steps = samplePlan(newNode()).steps.length
  // begin, intent and done of each step, complete
  writes = 2 + 2 * steps
})
afterAll(removeNodes)

/** Times too: what a rollback puts back has the times that it had. */
async function mustBeAsBefore(folder: string, tree: unknown, nth: number): Promise<void> {
  expect(treeOf(folder), `files after kill ${nth}`).toEqual(tree)
  expect(engineOf(folder), `engines after kill ${nth}`).toEqual(before.engine)
}

const MINUTES = 300_000

describe.each(['after', 'before'])('a migration that is killed right %s each write of its journal', (when) => {
  test('is taken back to the byte', async () => {
    const count = await forEach(async (nth) => {
      const folder = newNode()
      const tree = treeOf(folder)
      const {killed, output} = await child(folder, 'apply', `${when} ${nth}`)
      if (!killed) {
        expect(output).toContain('"state":"complete"')
        return false
      }
      if (nth === 1 && when === 'before') await expect(rollback(simMachine(folder))).rejects.toThrow('nothing to take back')
      else {
        const report = await rollback(simMachine(folder))
        expect({state: report.state, notUndone: report.notUndone}, `kill ${nth}`).toEqual({state: 'rolled-back', notUndone: undefined})
      }
      await mustBeAsBefore(folder, tree, nth)
      return true
    })
    expect(count).toBe(writes)
  }, MINUTES)

  test('goes on to where it would have come', async () => {
    const count = await forEach(async (nth) => {
      const folder = newNode()
      if (!(await child(folder, 'apply', `${when} ${nth}`)).killed) return false
      if (nth === 1 && when === 'before') await expect(resume(simMachine(folder))).rejects.toThrow('No migration was begun')
      else if (nth === writes && when === 'after') await expect(resume(simMachine(folder))).rejects.toThrow('it is complete')
      else {
        const report = await resume(simMachine(folder))
        expect({state: report.state, failure: report.failure}, `kill ${nth}`).toEqual({state: 'complete', failure: undefined})
        expect(outcome(folder), `kill ${nth}`).toEqual(after)
      }
      return true
    })
    expect(count).toBe(writes)
  }, MINUTES)
})

describe('a migration that is killed and whose machine boots then', () => {
  test('is taken back to the byte', async () => {
    for (const nth of [2, 8, 12, 20, 33, 42, 46, 50, 58]) {
      const folder = newNode()
      const tree = treeOf(folder)
      expect((await child(folder, 'apply', `after ${nth}`)).killed).toBe(true)
      reboot(folder)
      const report = await rollback(simMachine(folder))
      expect({state: report.state, notUndone: report.notUndone}, `kill ${nth}`).toEqual({state: 'rolled-back', notUndone: undefined})
      expect(treeOf(folder), `kill ${nth}`).toEqual(tree)
    }
  }, MINUTES)

  test('goes on to where it would have come', async () => {
    for (const nth of [2, 8, 12, 20, 33, 42, 46, 50, 58]) {
      const folder = newNode()
      expect((await child(folder, 'apply', `after ${nth}`)).killed).toBe(true)
      reboot(folder)
      const report = await resume(simMachine(folder))
      expect({state: report.state, failure: report.failure}, `kill ${nth}`).toEqual({state: 'complete', failure: undefined})
      expect(timeless(folder), `kill ${nth}`).toEqual(after.tree)
    }
  }, MINUTES)
})

describe('a rollback that is killed', () => {
  test.each(['after', 'before'])('right %s each write of its journal is ended by the next one', async (when) => {
    let most = 0
    await forEach(async (nth) => {
      const folder = newNode()
      const tree = treeOf(folder)
      await apply(samplePlan(folder), simMachine(folder))
      const {killed, output} = await child(folder, 'rollback', `${when} ${nth}`)
      if (!killed) {
        expect(output).toContain('"state":"rolled-back"')
        return false
      }
      most = Math.max(most, nth)
      const isThrough = when === 'after' && nth === samplePlanSteps() + 2
      if (isThrough) await expect(rollback(simMachine(folder))).rejects.toThrow('rolled back already')
      else expect((await rollback(simMachine(folder))).state, `kill ${nth}`).toBe('rolled-back')
      await mustBeAsBefore(folder, tree, nth)
      return true
    })
    // rollback, undone of each step, rolled-back
    expect(most).toBe(samplePlanSteps() + 2)
  }, MINUTES)
})

function samplePlanSteps(): number {
  return (writes - 2) / 2
}

describe('a migration that is killed in the middle of changing files', () => {
  test('is taken back to the byte', async () => {
    const count = await forEach(async (nth) => {
      const folder = newNode()
      const tree = treeOf(folder)
      const {killed} = await child(folder, 'apply', `change ${nth}`)
      if (!killed) return false
      // Before the journal has its first entry nothing was begun.
      await rollback(simMachine(folder)).catch((error: Error) => expect(error.message).toMatch(/nothing to take back|rolled back already/))
      await mustBeAsBefore(folder, tree, nth)
      return true
    })
    expect(count).toBeGreaterThan(15)
  }, MINUTES)
})
