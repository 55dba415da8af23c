// SPDX-License-Identifier: Apache-2.0
import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {openLiveHost} from '../../../src/host/live-host.ts'
import {recordHost} from '../../../src/host/recording-host.ts'
import {replaySnapshot} from '../../../src/host/snapshot-host.ts'
import type {Host} from '../../../src/model/host.ts'
import {CannotAsk} from '../../../src/model/host.ts'

let root = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rtctl-record-'))
  mkdirSync(join(root, 'etc/empty'), {recursive: true})
  mkdirSync(join(root, 'machines/web/etc'), {recursive: true})
  writeFileSync(join(root, 'etc/hostname'), 'outer')
  writeFileSync(join(root, 'machines/web/etc/hostname'), 'web')
  symlinkSync('hostname', join(root, 'etc/link'))
})

afterEach(() => rmSync(root, {recursive: true, force: true}))

function live() {
  return openLiveHost({root, proc: '/proc', askTimeoutMs: 50})
}

/** Everything that a host can be asked, with every outcome. */
async function examine(host: Host): Promise<unknown> {
  const web = host.within('/machines/web')
  return [
    host.text('/etc/hostname'),
    host.text('/etc/missing'),
    host.text('/etc'),
    host.text('/etc/../etc//hostname'),
    host.text('relative'),
    host.text('/proc/self/environ'),
    host.entries('/etc'),
    host.entries('/etc/empty'),
    host.target('/etc/link'),
    host.target('/etc/hostname'),
    host.stat('/etc/link'),
    host.stat('/missing'),
    web.text('/etc/hostname'),
    web.within('/etc').text('/hostname'),
    web.text('/proc/version'),
    host.within('/nowhere').text('/etc/hostname'),
    host.within('odd').text('/etc/hostname'),
    await host.ask('fine', async () => ({a: [1, null, 'x']})),
    await web.ask('slow', () => new Promise(() => {})),
    await host.ask('refused', () => Promise.reject(new CannotAsk('EACCES', 'no'))),
    await host.ask('gone', () => Promise.reject(new CannotAsk('absent', 'no'))),
  ]
}

test('what was recorded replays to the same answers, every outcome and every view', async () => {
  const {host, records} = recordHost(live())
  const recorded = await examine(host)
  expect(recorded).toEqual(await examine(live()))
  expect(await examine(replaySnapshot('x', records))).toEqual(recorded)
})

test('what was not recorded is not-captured, never absent', async () => {
  const replay = replaySnapshot('file.jsonl', recordHost(live()).records)
  const outcome = {state: 'unreadable', reason: 'not-captured'}
  expect(replay.text('/etc/hostname')).toEqual({...outcome, source: '/etc/hostname'})
  expect(replay.within('/a').entries('/b')).toEqual({...outcome, source: '/a/b'})
  expect(await replay.ask('q', () => Promise.reject(new Error('asked')))).toEqual({...outcome, source: 'q'})
  expect(replay.localPath('/etc/hostname')).toBeUndefined()
  expect(replay.origin).toEqual({kind: 'snapshot', file: 'file.jsonl'})
})

test('the first answer is the answer for good, also through a view', async () => {
  const {host, records} = recordHost(live())
  expect(host.text('/machines/web/etc/hostname')).toMatchObject({value: 'web'})
  writeFileSync(join(root, 'machines/web/etc/hostname'), 'changed')
  expect(host.within('/machines/web').text('/etc/hostname')).toMatchObject({value: 'web'})
  let asked = 0
  const question = () => host.ask('q', async () => ++asked)
  expect(await Promise.all([question(), question()])).toEqual([{state: 'ok', value: 1, source: 'q'}, {state: 'ok', value: 1, source: 'q'}])
  expect(records.sorted().map(({kind, key}) => `${kind} ${key}`)).toEqual(['ask q', 'text /machines/web/etc/hostname'])
})

test('records come sorted by kind and key, whatever the order of reading', () => {
  const orders = [['/b', '/a', '/B', '/a/c'], ['/a/c', '/B', '/b', '/a']]
  const sorted = orders.map((paths) => {
    const {host, records} = recordHost(live())
    for (const path of paths) {
      host.stat(path)
      host.text(path)
    }
    return records.sorted().map(({kind, key}) => `${kind} ${key}`)
  })
  expect(sorted[0]).toEqual(['stat /B', 'stat /a', 'stat /a/c', 'stat /b', 'text /B', 'text /a', 'text /a/c', 'text /b'])
  expect(sorted[1]).toEqual(sorted[0])
})

test('a path named __proto__ is a path like any other', () => {
  writeFileSync(join(root, '__proto__'), 'x')
  const {host, records} = recordHost(live())
  host.text('/__proto__')
  expect(replaySnapshot('x', records).text('/__proto__')).toEqual({state: 'ok', value: 'x', source: '/__proto__'})
})

test('it connects where the host behind it does, and has its origin', () => {
  const {host} = recordHost(live())
  expect(host.localPath('/etc/link')).toBe(join(root, 'etc/hostname'))
  expect(host.within('/machines/web').localPath('/etc/hostname')).toBe(join(root, 'machines/web/etc/hostname'))
  expect(host.origin).toEqual({kind: 'root', root, proc: '/proc'})
})

test('a refusal is recorded as a refusal', () => {
  chmodSync(root, 0o755)
  chmodSync(join(root, 'etc/hostname'), 0)
  const {host, records} = recordHost(live())
  if (process.getuid?.() === 0) process.seteuid?.(65_534)
  const outcome = host.text('/etc/hostname')
  if (process.getuid?.() === 0) process.seteuid?.(0)
  expect(outcome).toEqual({state: 'unreadable', source: '/etc/hostname', reason: 'EACCES'})
  expect(replaySnapshot('x', records).text('/etc/hostname')).toEqual(outcome)
})
