// SPDX-License-Identifier: Apache-2.0
import {appendFileSync, copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as pause} from 'node:timers/promises'
import {describe, expect, test, vi} from 'vitest'
import {readLogs} from '../../../src/logs/read.ts'
import {UserError} from '../../../src/model/user-error.ts'
import type {Wanted} from './sample-logs.ts'
import {cri, Heard, json, logFolder} from './sample-logs.ts'

const folder = logFolder()
const at = (name: string) => join(folder.path, name)

/** A container whose log is followed. */
class Followed {
  readonly heard = new Heard()
  readonly abort = new AbortController()
  readonly done: Promise<void>
  running = true
  asked = 0
  ended = false

  constructor(path: string, options: Wanted = {}, sinks = this.heard) {
    const context = {
      isRunning: async () => {
        this.asked++
        return this.running
      },
      signal: this.abort.signal,
      onWarning: (text: string) => this.heard.warnings.push(text),
    }
    this.done = readLogs(path, {follow: true, timestamps: false, ...options}, sinks, context).finally(() => (this.ended = true))
    this.done.catch(() => undefined)
  }

  async hears(out: string): Promise<void> {
    await vi.waitUntil(() => this.heard.out.length >= out.length || this.ended, {timeout: 4000, interval: 5})
    if (this.heard.out !== out) throw new Error(`heard ${JSON.stringify(this.heard.out)} in place of ${JSON.stringify(out)}`)
  }

  /** Ends the container, and waits until all of its log was heard. */
  async stops(): Promise<string> {
    this.running = false
    await this.done
    return this.heard.out
  }
}

describe('following a log', () => {
  test('prints what is there and what is added, and ends with the container', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    appendFileSync(at('0.log'), cri('b'))
    await log.hears('a\nb\n')
    expect(log.ended).toBe(false)
    log.running = false
    appendFileSync(at('0.log'), cri('c') + cri('d').trimEnd())
    expect(await log.stops()).toBe('a\nb\nc\nd')
  })

  test('hears of an addition at once, without waiting for the next look', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    const start = performance.now()
    appendFileSync(at('0.log'), cri('b'))
    await log.hears('a\nb\n')
    expect(performance.now() - start).toBeLessThan(500)
    await log.stops()
  })

  test('asks whether the container runs about once a second, however much it writes', async () => {
    writeFileSync(at('0.log'), cri('0'))
    const log = new Followed(at('0.log'))
    for (let index = 1; index < 40; index++) {
      appendFileSync(at('0.log'), cri(String(index)))
      await pause(10)
    }
    expect(log.asked).toBeLessThanOrEqual(2)
    log.running = false
    expect((await log.stops()).split('\n')).toHaveLength(41)
  })

  test('of a container that has ended prints it and ends', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    log.running = false
    expect(await log.stops()).toBe('a\n')
  })

  test('waits for the end of a line', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    const line = cri('whole')
    appendFileSync(at('0.log'), line.slice(0, 20))
    await pause(50)
    appendFileSync(at('0.log'), line.slice(20, -2))
    await pause(50)
    expect(log.heard.out).toBe('a\n')
    appendFileSync(at('0.log'), line.slice(-2))
    await log.hears('a\nwhole\n')
    await log.stops()
    expect(log.heard.warnings).toEqual([])
  })

  test('begins with the last lines', async () => {
    writeFileSync(at('0.log'), cri('a') + cri('b') + cri('c'))
    const none = new Followed(at('0.log'), {tailLines: 0})
    const one = new Followed(at('0.log'), {tailLines: 1})
    await one.hears('c\n')
    appendFileSync(at('0.log'), cri('d'))
    await one.hears('c\nd\n')
    await none.hears('d\n')
    await Promise.all([one.stops(), none.stops()])
  })

  test('ends at the limit', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'), {limitBytes: 4})
    await log.hears('a\n')
    appendFileSync(at('0.log'), cri('bcd'))
    await log.done
    expect(log.heard.out).toBe('a\nbc')
  })

  test('ends when it is told to, without an error, also while nobody takes the output', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    log.abort.abort()
    await log.done
    const stuck = new Heard()
    Object.assign(stuck, {stdout: {write: () => undefined}})
    const stopped = new Followed(at('0.log'), {}, stuck)
    await pause(20)
    stopped.abort.abort()
    await stopped.done
  })

  test('passes on what went wrong when it asked', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const heard = new Heard()
    const isRunning = () => Promise.reject(new Error('no runtime'))
    await expect(readLogs(at('0.log'), {follow: true, timestamps: false}, heard, {isRunning})).rejects.toThrow('no runtime')
    expect(heard.out).toBe('a\n')
  })
})

describe('a rotation while following', () => {
  test('by rename is followed, and the old file is read to its end', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'), {tailLines: 5})
    await log.hears('a\n')
    renameSync(at('0.log'), at('0.log.20260101-000000'))
    appendFileSync(at('0.log.20260101-000000'), cri('b'))
    writeFileSync(at('0.log'), '')
    appendFileSync(at('0.log.20260101-000000'), cri('c') + cri('d', {tag: 'P'}))
    writeFileSync(at('0.log'), cri('e') + json('f\n'))
    await log.hears('a\nb\nc\nde\nf\n')
    appendFileSync(at('0.log'), cri('g'))
    expect(await log.stops()).toBe('a\nb\nc\nde\nf\ng\n')
  })

  test('reads old lines that a runtime still writes after it made the new file', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    renameSync(at('0.log'), at('0.log.1'))
    writeFileSync(at('0.log'), cri('c'))
    await pause(40)
    appendFileSync(at('0.log.1'), cri('b'))
    expect(await log.stops()).toBe('a\nb\nc\n')
  })

  test('again and again loses nothing and shows nothing twice', async () => {
    writeFileSync(at('0.log'), '')
    const log = new Followed(at('0.log'))
    let text = ''
    for (let index = 0; index < 300; index++) {
      if (index % 50 === 49) {
        renameSync(at('0.log'), at(`0.log.20260101-${String(index).padStart(6, '0')}`))
        if (index % 100 === 99) await pause(5)
      }
      appendFileSync(at('0.log'), cri(String(index)))
      text += `${index}\n`
      if (index % 7 === 0) await pause(2)
    }
    expect(await log.stops()).toBe(text)
  })

  test('happens several times before it is seen: what stood there in between is read too', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    for (const [index, name] of ['0.log.20260101-000001', '0.log.20260101-000002', '0.log.20260101-000003'].entries()) {
      renameSync(at('0.log'), at(name))
      writeFileSync(at('0.log'), cri(`b${index}`))
      const until = performance.now() + 15
      while (performance.now() < until) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
    writeFileSync(at('0.log.20250101-000000.gz'), 'compressed')
    writeFileSync(at('0.log.bak'), cri('never'))
    expect(await log.stops()).toBe('a\nb0\nb1\nb2\n')
  })

  test('by copying and cutting it off is followed, also when it is soon longer than before', async () => {
    writeFileSync(at('0.log'), cri('a') + cri('b'))
    const log = new Followed(at('0.log'))
    await log.hears('a\nb\n')
    copyFileSync(at('0.log'), at('0.log.1'))
    truncateSync(at('0.log'))
    appendFileSync(at('0.log'), cri('c', {time: '2026-01-02T03:04:06Z'}))
    await log.hears('a\nb\nc\n')
    truncateSync(at('0.log'))
    appendFileSync(at('0.log'), cri('a much longer line', {time: '2026-01-02T03:04:07Z'}))
    expect(await log.stops()).toBe('a\nb\nc\na much longer line\n')
  })

  test('that removes the file is followed when it is made anew', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    rmSync(at('0.log'))
    await pause(50)
    expect(log.ended).toBe(false)
    writeFileSync(at('0.log'), cri('b'))
    await log.hears('a\nb\n')
    await log.stops()
  })

  test('that removes the file for good ends with the container', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    rmSync(at('0.log'))
    expect(await log.stops()).toBe('a\n')
  })

  test('is followed behind a link, as dockershim makes them', async () => {
    mkdirSync(at('docker'))
    writeFileSync(at('docker/x-json.log'), json('a\n'))
    symlinkSync(at('docker/x-json.log'), at('0.log'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    renameSync(at('docker/x-json.log'), at('docker/x-json.log.1'))
    writeFileSync(at('docker/x-json.log'), json('b\n'))
    await log.hears('a\nb\n')
    await log.stops()
  })

  test('that puts a directory in its place is an error with a next step', async () => {
    writeFileSync(at('0.log'), cri('a'))
    const log = new Followed(at('0.log'))
    await log.hears('a\n')
    rmSync(at('0.log'))
    mkdirSync(at('0.log'))
    await expect(log.done).rejects.toThrow(UserError)
  })
})

test('a log that cannot be watched is looked at from time to time', async () => {
  vi.resetModules()
  vi.doMock('node:fs', async (original) => ({
    ...(await original<typeof import('node:fs')>()),
    watch: () => {
      throw Object.assign(new Error('no space left'), {code: 'ENOSPC'})
    },
  }))
  const {readLogs: readUnwatched} = await import('../../../src/logs/read.ts')
  vi.doUnmock('node:fs')
  writeFileSync(at('0.log'), cri('a'))
  const heard = new Heard()
  let running = true
  const done = readUnwatched(at('0.log'), {follow: true, timestamps: false}, heard, {isRunning: async () => running})
  await pause(30)
  appendFileSync(at('0.log'), cri('b'))
  await expect.poll(() => heard.out, {timeout: 1000}).toBe('a\nb\n')
  running = false
  await done
})
