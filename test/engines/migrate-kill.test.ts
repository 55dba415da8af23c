// SPDX-License-Identifier: Apache-2.0
// kill -9 in the middle of a migration on real engines. That a rollback works from every single entry of the journal is tested on
// simulated ones (test/unit/migrate): here it begins around each kind of action, since every round takes as long as a migration.
import {describe, expect, test} from 'vitest'
import {PODS} from './node/files.ts'
import {APPLY, journal, KILL_9, RESUME, ROLLBACK, rtctl} from './node/migration.ts'
import {stateOf, treeChanges, treeOf, type NodeState, type Tree} from './node/state.ts'
import {withNode} from './node/suite.ts'

/** Each run of `resume` and `rollback` writes an entry of its own first. */
const SECOND = {at: 2, command: KILL_9}

describe('a migration that is killed', {timeout: 280_000}, () => {
  const node = withNode()
  let before: NodeState
  let tree: Tree
  let migrated: {readonly state: NodeState; readonly changes: readonly string[]; readonly entries: number}

  const succeeds = async (argv: readonly string[]) => {
    const outcome = await rtctl(node(), argv)
    expect(outcome.signal ?? outcome.code, `${argv.join(' ')}\n${outcome.stdout}${outcome.stderr}`).toBe(0)
  }
  const isAsBefore = async () => {
    await node().settled()
    expect(treeChanges(node(), tree, treeOf(node()))).toEqual([])
    expect(await stateOf(node())).toEqual(before)
  }
  /** Runs it again and again, each time killed, until the journal has that entry; gives how many were killed. */
  const killedUntil = async (end: 'complete' | 'rolled-back', argv: readonly string[]) => {
    for (let killed = 1; ; killed += 1) {
      const outcome = await rtctl(node(), argv, SECOND)
      expect(outcome.signal ?? outcome.code, `${argv.join(' ')}\n${outcome.stdout}${outcome.stderr}`).toBe('SIGKILL')
      if (journal(node()).at(-1)?.kind === end) return killed
    }
  }

  test('is what the others are compared with when it is not killed', async () => {
    before = await stateOf(node())
    tree = treeOf(node())
    await succeeds(APPLY)
    migrated = {state: await stateOf(node()), changes: treeChanges(node(), tree, treeOf(node())), entries: journal(node()).length}
    expect(migrated.state).toMatchObject({criPods: PODS, dockerPods: []})
  })

  test('in its rollback, after every entry of the journal, is taken back all the same', async () => {
    const steps = journal(node()).filter(({kind}) => kind === 'intent').length
    expect(await killedUntil('rolled-back', ROLLBACK)).toBeGreaterThan(steps / 2)
    await isAsBefore()
  })

  test('after every entry of the journal, and resumed each time, ends in the same state', async () => {
    const begun = await rtctl(node(), APPLY, {at: 1, command: KILL_9})
    expect(begun.signal, begun.stderr).toBe('SIGKILL')
    expect(await killedUntil('complete', RESUME)).toBe(migrated.entries - 1)
    expect(await stateOf(node())).toEqual(migrated.state)
    expect(treeChanges(node(), tree, treeOf(node()))).toEqual(migrated.changes)
    await succeeds(ROLLBACK)
    await isAsBefore()
  })

  test.each([
    'begin ', 'intent move-images', 'intent remove-pods', 'intent stop-docker-socket', 'done remove-docker-chains', 'intent start-containerd-service',
    'intent start-kubelet',
  ])('after the entry "%s" is taken back to the byte', async (at) => {
    const killed = await rtctl(node(), APPLY, {at, command: KILL_9})
    expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
    const last = journal(node()).at(-1)
    expect(`${last?.kind} ${last !== undefined && 'step' in last ? last.step : ''}`).toBe(at)
    await succeeds(ROLLBACK)
    await isAsBefore()
  })

  test('and whose machine is switched off, is resumed after the boot', async () => {
    await rtctl(node(), APPLY, {at: 'done stop-docker-socket', command: KILL_9})
    await node().reboot('off')
    await succeeds(RESUME)
    expect(await stateOf(node())).toMatchObject({criPods: PODS, dockerPods: [], enabled: migrated.state.enabled, active: migrated.state.active})
    await succeeds(ROLLBACK)
    await isAsBefore()
  })
})
