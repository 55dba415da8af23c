// SPDX-License-Identifier: Apache-2.0
import {ftruncateSync, openSync, closeSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {cri, json, logFolder, readPath, readText} from './sample-logs.ts'

const folder = logFolder()

describe('the last lines', () => {
  const lines = cri('a') + cri('b', {tag: 'P'}) + cri('e', {stream: 'stderr'}) + cri('c', {tag: 'P'}) + cri('d') + cri('f')

  test.each([
    [0, '', ''], [1, 'f\n', ''], [2, 'bcd\nf\n', ''], [3, 'bcd\nf\n', 'e\n'], [4, 'a\nbcd\nf\n', 'e\n'], [1000, 'a\nbcd\nf\n', 'e\n'],
  ])('are counted whole, pieces joined: %i', async (tailLines, out, err) => {
    expect(await readText(folder.path, lines, {tailLines})).toMatchObject({out, err})
  })

  test('of one stream are counted in that stream', async () => {
    expect(await readText(folder.path, lines, {tailLines: 1, stream: 'stderr'})).toMatchObject({out: '', err: 'e\n'})
    expect(await readText(folder.path, lines, {tailLines: 2, stream: 'stdout'})).toMatchObject({out: 'bcd\nf\n', err: ''})
  })

  test('include one that is not finished', async () => {
    expect((await readText(folder.path, cri('a') + cri('b') + cri('c', {tag: 'P'}), {tailLines: 1})).out).toBe('c')
    expect((await readText(folder.path, cri('a') + cri('b') + cri('c').trimEnd(), {tailLines: 2})).out).toBe('b\nc')
  })

  test('are found in docker\'s format', async () => {
    const log = json('a\n') + json('b') + json('x\n', {stream: 'stderr'}) + json('c\n') + json(String.raw`d\n`) + json('e\n')
    expect(await readText(folder.path, log, {tailLines: 2})).toMatchObject({out: `bc\n${String.raw`d\n`}e\n`, err: ''})
  })

  test('do not count what is no line of a log', async () => {
    expect((await readText(folder.path, `${cri('a')}${cri('b')}rubbish\n\n\0\0\0${cri('c')}more rubbish\n`, {tailLines: 2})).out).toBe('b\nc\n')
  })

  test('are whole when they are longer than what is read at once', async () => {
    const long = 'x'.repeat(300_000)
    const heard = await readText(folder.path, cri('a') + cri(long) + json(`${long}\n`) + cri('z'), {tailLines: 3})
    expect(heard.out === `${long}\n${long}\nz\n`).toBe(true)
  })

  test('of a file of many gigabytes are found without reading it', async () => {
    const path = join(folder.path, '0.log')
    const file = openSync(path, 'w')
    ftruncateSync(file, 50 * 1024 ** 3)
    const end = `\n${Array.from({length: 20}, (_, index) => cri(`line ${index}`)).join('')}`
    writeSync(file, end, 50 * 1024 ** 3)
    closeSync(file)
    expect((await readPath(path, {tailLines: 2})).out).toBe('line 18\nline 19\n')
  }, 2000)

  test('are the end of all lines, however the streams are mixed', async () => {
    const piece = fc.record({stream: fc.constantFrom('stdout', 'stderr'), tag: fc.constantFrom('P', 'F', 'F'), length: fc.oneof(fc.nat(8), fc.constantFrom(20_000, 70_000)), docker: fc.boolean()})
    await fc.assert(
      fc.asyncProperty(fc.array(piece, {maxLength: 30}), fc.integer({min: 1, max: 12}), fc.option(fc.constantFrom('stdout' as const, 'stderr' as const), {nil: undefined}), async (pieces, tailLines, only) => {
        const file = pieces.map(({stream, tag, length, docker}, index) => {
          const text = `${index}:${'x'.repeat(length)}`
          return docker ? json(tag === 'F' ? `${text}\n` : text, {stream}) : cri(text, {stream, tag})
        }).join('')
        const heard = await readText(folder.path, file, {tailLines, stream: only})
        expect({out: heard.out, err: heard.err}).toEqual(expected(pieces, tailLines, only))
      }),
      {numRuns: 150},
    )
  })
})

interface TestPiece {readonly stream: string; readonly tag: string; readonly length: number}

/** The same, the plain way: join all lines, keep the last ones. */
function expected(pieces: readonly TestPiece[], count: number, only: string | undefined) {
  const lines: {stream: string; text: string; end: number}[] = []
  const open = new Map<string, {stream: string; text: string; end: number}>()
  for (const [index, {stream, tag, length}] of pieces.entries()) {
    if (only !== undefined && stream !== only) continue
    const line = open.get(stream) ?? {stream, text: '', end: 0}
    if (!open.has(stream)) lines.push(line)
    open.set(stream, line)
    line.text += `${index}:${'x'.repeat(length)}${tag === 'F' ? '\n' : ''}`
    line.end = index
    if (tag === 'F') open.delete(stream)
  }
  const last = lines.toSorted((a, b) => a.end - b.end).slice(-count)
  const textOf = (stream: string) => last.filter((line) => line.stream === stream).map((line) => line.text).join('')
  return {out: textOf('stdout'), err: textOf('stderr')}
}
