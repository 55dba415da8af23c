// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {readArchive, writeArchive} from '../../../src/host/archive-file.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-archive-'))
})
afterEach(() => rmSync(folder, {recursive: true, force: true}))

const at = (name: string) => join(folder, name)
const fill = (...texts: readonly string[]) => async (write: (chunk: Uint8Array) => Promise<void>) => {
  for (const text of texts) await write(Buffer.from(text))
}

describe('writing an archive', () => {
  test('makes a file of its owner alone, and replaces one that was there', async () => {
    await writeArchive(at('a.tar'), fill('one', 'two'))
    expect(readFileSync(at('a.tar'), 'utf8')).toBe('onetwo')
    expect(statSync(at('a.tar')).mode & 0o777).toBe(0o600)
    await writeArchive(at('a.tar'), fill('new'))
    expect(readFileSync(at('a.tar'), 'utf8')).toBe('new')
    expect(readdirSync(folder)).toEqual(['a.tar'])
  })

  test('leaves the old file, and nothing else, when it fails', async () => {
    writeFileSync(at('a.tar'), 'old')
    const failing = writeArchive(at('a.tar'), async (write) => {
      await write(Buffer.from('half'))
      throw new Error('no more')
    })
    await expect(failing).rejects.toThrow('no more')
    expect(readdirSync(folder)).toEqual(['a.tar'])
    expect(readFileSync(at('a.tar'), 'utf8')).toBe('old')
  })

  test('follows a link to the file that it replaces', async () => {
    writeFileSync(at('real.tar'), 'old')
    symlinkSync('real.tar', at('link.tar'))
    await writeArchive(at('link.tar'), fill('new'))
    expect(lstatSync(at('link.tar')).isSymbolicLink()).toBe(true)
    expect(readFileSync(at('real.tar'), 'utf8')).toBe('new')
  })

  test('replaces no directory, no device and no FIFO', async () => {
    execFileSync('mkfifo', [at('fifo')])
    await expect(writeArchive(folder, fill('x'))).rejects.toThrow('is a directory')
    await expect(writeArchive(at('fifo'), fill('x'))).rejects.toThrow('is no regular file')
    await expect(writeArchive('/dev/null', fill('x'))).rejects.toThrow('/dev/null is no regular file')
  })

  test('names the path where there is no folder', async () => {
    await expect(writeArchive(at('no/a.tar'), fill('x'))).rejects.toThrow(`${at('no/a.tar')} cannot be written: ENOENT.`)
  })
})

describe('reading an archive', () => {
  test('gives its bytes and how many they are', async () => {
    writeFileSync(at('a.tar'), 'x'.repeat(3_000_000))
    const {size, chunks} = readArchive(at('a.tar'))
    let bytes = 0
    for await (const chunk of chunks) bytes += chunk.length
    expect([size, bytes]).toEqual([3_000_000, 3_000_000])
  })

  test('says what is wrong with the path', () => {
    expect(() => readArchive(at('nope'))).toThrow(`There is no file ${at('nope')}.`)
    expect(() => readArchive(folder)).toThrow('is a directory')
  })
})
