// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {closeSync, mkdirSync, openSync, symlinkSync, writeFileSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {readLogs} from '../../../src/logs/read.ts'
import {UserError} from '../../../src/model/user-error.ts'
import {cri, json, logFolder, readPath, readText} from './sample-logs.ts'

const folder = logFolder()

describe('a log in the CRI\'s format', () => {
  test('is printed stream by stream, in the order of the file', async () => {
    const heard = await readText(folder.path, cri('one') + cri('two') + cri('bad', {stream: 'stderr'}) + cri('three'))
    expect(heard).toMatchObject({out: 'one\ntwo\nthree\n', err: 'bad\n', order: ['out', 'err', 'out']})
  })

  test('keeps empty lines, spaces and bytes that are no UTF-8', async () => {
    const binary = Buffer.concat([Buffer.from(cri('') + cri('  a  ') + cri('\u001b[1m').trimEnd()), Buffer.from([0xff, 0xfe, 0x00, 0x0d, 0x0a])])
    expect((await readText(folder.path, binary)).out).toBe('\n  a  \n\u001b[1m\u00ff\u00fe\u0000\r\n')
  })

  test('joins the pieces of a line, also when the other stream writes in between', async () => {
    const pieces = cri('a', {tag: 'P'}) + cri('x', {stream: 'stderr'}) + cri('b', {tag: 'P:other'}) + cri('c') + cri('d')
    expect(await readText(folder.path, pieces)).toMatchObject({out: 'abc\nd\n', err: 'x\n'})
  })

  test('takes tags that are not known yet for those of a whole line', async () => {
    expect((await readText(folder.path, cri('a', {tag: 'F:x:y'}) + cri('b', {tag: 'Q'}))).out).toBe('a\nb\n')
  })

  test('shows times only at the start of a line, with nine digits', async () => {
    const lines = [
      cri('a', {tag: 'P', time: '2026-01-02T03:04:05Z'}), cri('b'), cri('c', {time: '2026-01-02T03:04:05.12+00:00'}),
      cri('d', {time: '2026-01-02T03:04:05.123456789-07:30'}),
    ]
    expect((await readText(folder.path, lines.join(''), {timestamps: true})).out).toBe(
      '2026-01-02T03:04:05.000000000Z ab\n2026-01-02T03:04:05.120000000Z c\n2026-01-02T03:04:05.123456789-07:30 d\n',
    )
  })

  test('prints a last line that has no newline as it is', async () => {
    expect((await readText(folder.path, cri('one') + cri('tw').trimEnd())).out).toBe('one\ntw')
  })

  test('streams lines that are longer than any buffer', async () => {
    const long = 'x'.repeat(3_000_000)
    const heard = await readText(folder.path, cri(long) + cri(long, {tag: 'P', stream: 'stderr'}) + cri('end', {stream: 'stderr'}) + cri('after'))
    expect(heard.out === `${long}\nafter\n` && heard.err === `${long}end\n`).toBe(true)
  })

  test('holds no long line in memory', async () => {
    const path = join(folder.path, '0.log')
    const file = openSync(path, 'w')
    writeSync(file, cri('x').trimEnd())
    for (let written = 0; written < 200; written++) writeSync(file, Buffer.alloc(1024 * 1024, 0x78))
    closeSync(file)
    const before = process.memoryUsage().arrayBuffers
    let most = 0
    const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers - before)), 1)
    let bytes = 0
    const sink = {
      write(chunk: Uint8Array, done: () => void) {
        bytes += chunk.length
        setImmediate(done)
      },
    }
    await readLogs(path, {follow: false, timestamps: false}, {stdout: sink, stderr: sink}, {isRunning: async () => true})
    clearInterval(watch)
    expect(bytes).toBe(200 * 1024 * 1024 + 1)
    expect(most).toBeLessThan(150 * 1024 * 1024)
  })
})

describe('a log in docker\'s json-file format', () => {
  test('is printed with its escapes undone', async () => {
    const texts = ['plain\n', '"q" \\ / \b\f\r\t\n', '\u003ca\u003e\u2028é\u{1f600}\n', 'ends with \\n\n', '\n']
    const heard = await readText(folder.path, texts.map((text) => json(text)).join('').replaceAll('<', String.raw`\u003c`))
    expect(Buffer.from(heard.out, 'latin1').toString()).toBe(texts.join(''))
  })

  test('joins its pieces and shows the time once', async () => {
    const lines = json('a') + json('x\n', {stream: 'stderr'}) + json('b\n') + json(String.raw`c\n`) + json('d\n')
    expect(await readText(folder.path, lines, {timestamps: true})).toMatchObject({
      out: String.raw`2026-01-02T03:04:05.500000000Z ab${'\n'}2026-01-02T03:04:05.500000000Z c\nd` + '\n',
      err: '2026-01-02T03:04:05.500000000Z x\n',
    })
  })

  test.each([
    ['attributes before the time', '{"log":"a\\n","stream":"stderr","attrs":{"tag":"x"},"time":"2026-01-02T03:04:05Z"}\n'],
    ['another order and blanks', '{ "time": "2026-01-02T03:04:05Z", "stream": "stderr", "log": "a\\n" }\n'],
  ])('is read with %s', async (_, line) => {
    expect(await readText(folder.path, line)).toMatchObject({err: 'a\n', warnings: []})
  })

  test('may have half of a surrogate pair', async () => {
    const heard = await readText(folder.path, String.raw`{"log":"\ud83d\ud83d\ude00\udc00\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}` + '\n')
    expect(Buffer.from(heard.out, 'latin1').toString()).toBe('\ufffd\u{1f600}\ufffd\n')
  })

  test('is read like JSON.parse() reads it, whatever was written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({unit: 'binary', maxLength: 40}), {minLength: 1, maxLength: 20}), async (texts) => {
        const heard = await readText(folder.path, texts.map((text) => json(`${text}\n`)).join(''))
        expect(Buffer.from(heard.out, 'latin1').equals(Buffer.from(texts.map((text) => `${text}\n`).join('')))).toBe(true)
        expect(heard.warnings).toEqual([])
      }),
      {numRuns: 100},
    )
  })

  test('may follow on the other format', async () => {
    expect((await readText(folder.path, cri('a') + json('b\n') + cri('c'))).out).toBe('a\nb\nc\n')
  })

  test('may have lines of a megabyte', async () => {
    const long = 'y\t'.repeat(700_000)
    const heard = await readText(folder.path, json(`${long}\n`) + json('z\n'))
    expect(heard.out === `${long}\nz\n`).toBe(true)
  })

  test('has no lines that are larger than all the memory rtctl would use', async () => {
    const heard = await readText(folder.path, `{"log":"${'y'.repeat(17 * 1024 * 1024)}\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}\n${json('z\n')}`)
    expect(heard.out).toBe('z\n')
    expect(heard.warnings).toHaveLength(1)
  })
})

describe('what is no line of a log', () => {
  test.each([
    ['text', 'hello\n'],
    ['a time alone', '2026-01-02T03:04:05Z\n'],
    ['a line that a crash cut off', '2026-01-02T03:04:05.12'],
    ['two lines run into one', `2026-01-02T03:04:05.1${cri('lost')}`],
    ['another stream', cri('x', {stream: 'stdin1'})],
    ['no tag', '2026-01-02T03:04:05Z stdout x\n'],
    ['an impossible time', cri('x', {time: '2026-01-02 03:04:05Z'})],
    ['a fraction without digits', cri('x', {time: '2026-01-02T03:04:05.Z'})],
    ['JSON that is cut off', '{"log":"x\\n","stream":"std\n'],
    ['JSON of another kind', '{"log":1,"stream":"stdout","time":"2026-01-02T03:04:05Z"}\n'],
    ['JSON with a raw quote', '{"log":"a"b\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}\n'],
    ['JSON with a wrong escape', '{"log":"a\\x\\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}\n'],
    ['JSON that is no object', '{"a":1}{"b"}\n'],
  ])('is passed over with one warning: %s', async (_, line) => {
    const heard = await readText(folder.path, cri('before') + line.replace(/\n?$/, '\n') + cri('after') + line)
    expect(heard.out).toBe('before\nafter\n')
    expect(heard.warnings).toEqual([expect.stringContaining(`byte ${cri('before').length} `)])
  })

  test('is passed over however long it is', async () => {
    const heard = await readText(folder.path, `${'#'.repeat(1_000_000)}\n${cri('after')}`)
    expect(heard).toMatchObject({out: 'after\n', warnings: [expect.stringContaining('byte 0 ')]})
    expect(heard.warnings[0]?.length).toBeLessThan(500)
  })

  test('does not count where it is NUL bytes before a line, which a crash leaves', async () => {
    for (const nuls of [3, 1_000_000]) {
      expect(await readText(folder.path, cri('a') + '\0'.repeat(nuls) + cri('b') + '\0'.repeat(nuls) + json('c\n'))).toMatchObject({out: 'a\nb\nc\n', warnings: []})
    }
  })

  test('never throws anything but a sentence for the user, whatever the file holds', async () => {
    const part = fc.oneof(fc.constantFrom('2026-01-02T03:04:05', '.5', 'Z', ' ', 'stdout', 'stderr', 'P', 'F', '\n', '\0', '{"log":"', '","stream":"', '","time":"', '"}', '\\'), fc.string({maxLength: 5}))
    await fc.assert(
      fc.asyncProperty(fc.array(part, {maxLength: 40}), fc.option(fc.nat(5), {nil: undefined}), async (parts, tailLines) => {
        const failure = await readText(folder.path, parts.join(''), {tailLines, timestamps: true, since: 0n}).catch((error: unknown) => error)
        if (failure instanceof Error) expect(failure).toBeInstanceOf(UserError)
      }),
      {numRuns: 200},
    )
  })
})

describe('a selection', () => {
  const lines = [
    cri('a1', {time: '2026-01-02T03:04:05Z'}), cri('e1', {stream: 'stderr', time: '2026-01-02T03:04:06Z'}), cri('a2', {tag: 'P', time: '2026-01-02T03:04:06.5Z'}),
    cri('a3', {time: '2026-01-02T03:04:07.000000001Z'}), cri('a4', {time: '2026-01-02T05:04:08+02:00'}),
  ].join('')
  const at = (text: string, ns = 0n) => BigInt(Date.parse(text)) * 1_000_000n + ns

  test.each([
    ['all', '2026-01-02T03:04:05Z', 0n, 'a1\na2a3\na4\n', 'e1\n'],
    ['a nanosecond later', '2026-01-02T03:04:05Z', 1n, 'a2a3\na4\n', 'e1\n'],
    ['a line that began in time, with all its pieces', '2026-01-02T03:04:06.500Z', 0n, 'a2a3\na4\n', ''],
    ['no line that began before', '2026-01-02T03:04:06.500Z', 1n, 'a4\n', ''],
    ['by the moment, not by the text', '2026-01-02T03:04:08.000Z', 0n, 'a4\n', ''],
    ['nothing', '2026-01-02T03:04:08.000Z', 1n, '', ''],
    ['everything after long ago', '0000-01-01T00:00:00Z', -1n, 'a1\na2a3\na4\n', 'e1\n'],
    ['nothing of the far future', '9999-12-31T23:59:59.999Z', 1_000_000n, '', ''],
  ])('by time shows %s', async (_, since, ns, out, err) => {
    expect(await readText(folder.path, lines, {since: at(since, ns)})).toMatchObject({out, err})
  })

  test('by stream shows only that one', async () => {
    expect(await readText(folder.path, lines, {stream: 'stderr'})).toMatchObject({out: '', err: 'e1\n'})
    expect(await readText(folder.path, lines, {stream: 'stdout'})).toMatchObject({out: 'a1\na2a3\na4\n', err: ''})
  })

  test.each([[0, '', ''], [1, 'a', ''], [3, 'a1\n', ''], [5, 'a1\n', 'e1'], [8, 'a1\na2', 'e1\n'], [100, 'a1\na2a3\na4\n', 'e1\n']])(
    'by size stops after %i bytes', async (limitBytes, out, err) => {
      expect(await readText(folder.path, lines, {limitBytes})).toMatchObject({out, err})
    },
  )

  test('by size counts the times that are shown', async () => {
    expect((await readText(folder.path, lines, {limitBytes: 33, timestamps: true})).out).toBe('2026-01-02T03:04:05.000000000Z a1')
  })
})

describe('a path', () => {
  test('may be a link to a link to the file', async () => {
    const real = join(folder.path, 'x-json.log')
    writeFileSync(real, json('a\n'))
    symlinkSync('x-json.log', join(folder.path, 'link'))
    symlinkSync(join(folder.path, 'link'), join(folder.path, '0.log'))
    expect((await readPath(join(folder.path, '0.log'))).out).toBe('a\n')
  })

  test('may be an empty file', async () => {
    expect((await readText(folder.path, '')).bytes).toBe(0)
    expect((await readText(folder.path, '', {tailLines: 5})).bytes).toBe(0)
  })

  test.each([
    ['missing', () => undefined, /There is no log file/],
    ['below a file', () => undefined, /There is no log file/],
    ['a directory', (path: string) => mkdirSync(path), /it is a directory/],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path]), /it is a FIFO/],
    ['a device', (path: string) => symlinkSync('/dev/zero', path), /it is a device/],
    ['a link to itself', (path: string) => symlinkSync(path, path), /lead in a circle/],
  ])('that is %s is refused with a next step', async (name, make, message) => {
    const path = join(folder.path, name === 'below a file' ? 'file/0.log' : '0.log')
    if (name === 'below a file') writeFileSync(join(folder.path, 'file'), '')
    else make(path)
    const error = await readPath(path).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({message: expect.stringMatching(message), next: expect.stringMatching(/./)})
  })

  test.each([{}, {tailLines: 3}])('to a file of another kind is refused (%o)', async (options) => {
    await expect(readText(folder.path, 'Jan 2 03:04:05 host app: text\n'.repeat(10), options)).rejects.toThrow(/is no container's log/)
  })
})

test('what a sink rejects with ends the reading', async () => {
  const path = join(folder.path, '0.log')
  writeFileSync(path, cri('a'))
  const sink = {write: (_: Uint8Array, done: (error?: Error) => void) => done(new Error('disk full'))}
  await expect(readLogs(path, {follow: false, timestamps: false}, {stdout: sink, stderr: sink}, {isRunning: async () => true})).rejects.toThrow('disk full')
})
