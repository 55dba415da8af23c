// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {execFileSync} from 'node:child_process'
import {closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {pathKey} from '../../../src/host/paths.ts'
import type {HostRecord} from '../../../src/host/records.ts'
import {Records} from '../../../src/host/records.ts'
import {readSnapshot, writeSnapshot} from '../../../src/host/snapshot-file.ts'
import type {Snapshot} from '../../../src/host/snapshot-format.ts'
import {snapshotLines} from '../../../src/host/snapshot-format.ts'
import {UserError} from '../../../src/model/user-error.ts'

let folder = ''
let file = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rtctl-snapshot-'))
  file = join(folder, 'node.jsonl')
})

afterEach(() => rmSync(folder, {recursive: true, force: true}))

function snapshotOf(records: readonly HostRecord[], rest: Partial<Snapshot> = {}): Snapshot {
  const all = new Records()
  for (const {kind, key, outcome} of records) all.set(kind, key, outcome)
  return {rtctl: '0.1.0', capturedAt: '2026-01-02T03:04:05.000Z', hostname: 'node-1', records: all, redacted: [], ...rest}
}

const SAMPLE = snapshotOf(
  [
    {kind: 'text', key: '/etc/hostname', outcome: {state: 'ok', value: 'node-1\n', source: '/etc/hostname'}},
    {kind: 'entries', key: '/etc', outcome: {state: 'ok', value: ['a', 'b'], source: '/etc'}},
    {kind: 'text', key: '/etc/shadow', outcome: {state: 'unreadable', source: '/etc/shadow', reason: 'EACCES', detail: 'why'}},
    {kind: 'target', key: '/x', outcome: {state: 'absent', source: '/x'}},
    {kind: 'stat', key: '/', outcome: {state: 'ok', value: {type: 'directory', size: 1, inode: 2, device: '8:1', mode: 0o755, uid: 0}, source: '/'}},
    {kind: 'ask', key: 'docker GET /info', outcome: {state: 'ok', value: {a: null}, source: 'docker GET /info'}},
  ],
  {redacted: [{source: '/b', rule: 'env', count: 2}, {source: '/a', rule: 'pem', count: 1}]},
)

function textOf(snapshot: Snapshot): string {
  return [...snapshotLines(snapshot)].join('')
}

/** A file with the given lines between header and trailer, with the right number and hash. */
function put(lines: readonly unknown[], header: object = {}): void {
  const first = {format: 'rtctl-snapshot', version: 1, rtctl: '0.1.0', capturedAt: 'now', ...header}
  const body = [first, ...lines].map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join('')
  const trailer = {end: true, records: lines.length, sha256: createHash('sha256').update(body).digest('hex'), redacted: []}
  writeFileSync(file, `${body}${JSON.stringify(trailer)}\n`)
}

/** What reading the file complains of. */
function complaint(): UserError {
  try {
    readSnapshot(file)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('it was read')
}

describe('a snapshot file', () => {
  test('is plain text: a header, records sorted by kind and key, a trailer with number, hash and redactions', () => {
    const lines = textOf(SAMPLE).trimEnd().split('\n')
    const body = lines.slice(0, -1).map((line) => `${line}\n`).join('')
    expect(lines).toEqual([
      '{"format":"rtctl-snapshot","version":1,"rtctl":"0.1.0","capturedAt":"2026-01-02T03:04:05.000Z","hostname":"node-1"}',
      '{"kind":"ask","key":"docker GET /info","state":"ok","value":{"a":null}}',
      '{"kind":"entries","key":"/etc","state":"ok","value":["a","b"]}',
      '{"kind":"stat","key":"/","state":"ok","value":{"type":"directory","size":1,"inode":2,"device":"8:1","mode":493,"uid":0}}',
      '{"kind":"target","key":"/x","state":"absent"}',
      '{"kind":"text","key":"/etc/hostname","state":"ok","value":"node-1\\n"}',
      '{"kind":"text","key":"/etc/shadow","state":"unreadable","reason":"EACCES","detail":"why"}',
      `{"end":true,"records":6,"sha256":"${createHash('sha256').update(body).digest('hex')}","redacted":[{"source":"/a","rule":"pem","count":1},{"source":"/b","rule":"env","count":2}]}`,
    ])
  })

  test('holds no character that drives a terminal', () => {
    const odd = '\u001b[31m\u0000\u007f\u009b\u202e\u2028\ufeff\ud800'
    const text = textOf(snapshotOf([{kind: 'text', key: `/${odd}`.replace('\0', ''), outcome: {state: 'ok', value: odd, source: ''}}]))
    expect(text).toMatch(/^[\n\u0020-\u007e]*$/)
  })

  test('gives back what was written', () => {
    writeSnapshot(file, SAMPLE)
    const read = readSnapshot(file)
    expect(read.records.sorted()).toEqual(SAMPLE.records.sorted())
    expect({...read, records: 0, redacted: 0}).toEqual({...SAMPLE, records: 0, redacted: 0})
    expect(read.redacted.map(({source}) => source)).toEqual(['/a', '/b'])
  })
})

const name = fc.oneof(fc.string({minLength: 1}), fc.string({unit: 'binary', minLength: 1}), fc.constantFrom('__proto__', 'constructor', '\ud800', '\udc00x', '\u2028', '..a', 'é'))
const path = fc.array(name, {maxLength: 4}).map((parts) => pathKey('', `/${parts.join('/')}`)).filter((key) => key !== undefined)
const reason = fc.constantFrom('EACCES', 'EIO', 'timeout', 'too-large', 'malformed', 'unsupported', 'not-captured')
const odd = fc.oneof(fc.string(), fc.string({unit: 'binary'}), fc.constantFrom('\ud800', '\udfff\ud800', '\0\n\r"\\', '\u2028'))
const stat = fc.record({type: fc.constantFrom('file', 'directory', 'socket', 'other'), size: fc.nat(), inode: fc.nat(), device: fc.string(), mode: fc.nat(), uid: fc.nat()})

function recordOf(kind: HostRecord['kind'], key: fc.Arbitrary<string>, value: fc.Arbitrary<unknown>): fc.Arbitrary<HostRecord> {
  const outcome = fc.oneof(
    value.map((some) => ({state: 'ok', value: some})),
    fc.constant({state: 'absent'}),
    fc.record({state: fc.constant('unreadable'), reason, detail: odd}, {requiredKeys: ['state', 'reason']}),
  )
  return fc.tuple(key, outcome).map(([source, rest]) => ({kind, key: source, outcome: {...rest, source}}) as HostRecord)
}

const anyRecord = fc.oneof(
  recordOf('text', path, odd),
  recordOf('target', path, odd),
  recordOf('entries', path, fc.array(odd)),
  recordOf('stat', path, stat),
  recordOf('ask', odd.filter((key) => key !== ''), fc.jsonValue().map((answer) => JSON.parse(JSON.stringify(answer)) as unknown)),
)

test('any records survive being written and read, however odd their keys and values', () => {
  fc.assert(
    fc.property(fc.array(anyRecord), (records) => {
      const snapshot = snapshotOf(records)
      writeSnapshot(file, snapshot)
      expect(readSnapshot(file).records.sorted()).toEqual(snapshot.records.sorted())
    }),
    {numRuns: 200},
  )
})

test('a snapshot cut off after any byte is refused', () => {
  const bytes = Buffer.from(textOf(SAMPLE))
  for (let length = 0; length < bytes.length; length++) {
    writeFileSync(file, bytes.subarray(0, length))
    const {message, exitCode, next} = complaint()
    expect(message, `${length}`).toMatch(/not an rtctl snapshot|damaged/)
    expect(exitCode).toBe(2)
    expect(next).not.toBe('')
  }
})

test('a snapshot with any byte before its last line changed is refused', () => {
  const bytes = Buffer.from(textOf(SAMPLE))
  const trailer = bytes.lastIndexOf('{"end"')
  fc.assert(
    fc.property(fc.nat(trailer - 1), fc.integer({min: 1, max: 255}), (at, change) => {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ change
      writeFileSync(file, changed)
      expect(complaint().exitCode).toBe(2)
    }),
    {numRuns: 500},
  )
})

test('any other file is refused without a crash', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({maxLength: 300}), fc.jsonValue().map((value) => Buffer.from(`${JSON.stringify(value)}\n`))), (bytes) => {
      writeFileSync(file, bytes)
      expect(complaint().message).toMatch(/is not an rtctl snapshot/)
    }),
    {numRuns: 300},
  )
})

describe('reading refuses', () => {
  const ok = {kind: 'text', key: '/a', state: 'ok', value: 'x'}

  test.each([
    ['a key that climbs', {...ok, key: '/../etc/shadow'}, /line 2 has a path that is not absolute and normal/],
    ['a key with .. inside', {...ok, key: '/a/../b'}, /line 2 has a path/],
    ['a relative key', {...ok, key: 'a'}, /line 2 has a path/],
    ['a key with a NUL', {...ok, key: '/a\0b'}, /line 2 has a path/],
    ['a key that is too long', {...ok, key: `/${'a'.repeat(5000)}`}, /line 2 has a path/],
    ['no key', {kind: 'text', state: 'absent'}, /line 2 has no key/],
    ['an unknown kind', {...ok, kind: 'write'}, /line 2 has an unknown kind/],
    ['a kind of every object', {...ok, kind: '__proto__'}, /line 2 has an unknown kind/],
    ['a text that is a number', {...ok, value: 1}, /line 2 has no valid outcome/],
    ['a text without value', {kind: 'text', key: '/a', state: 'ok'}, /line 2 has no valid outcome/],
    ['an answer without value', {kind: 'ask', key: 'a', state: 'ok'}, /line 2 has no valid outcome/],
    ['names that are no strings', {...ok, kind: 'entries', value: [1]}, /line 2 has no valid outcome/],
    ['an incomplete stat', {...ok, kind: 'stat', value: {type: 'file', size: 1}}, /line 2 has no valid outcome/],
    ['an unknown reason', {kind: 'text', key: '/a', state: 'unreadable', reason: 'mood'}, /line 2 has no valid outcome/],
    ['a line that is no JSON', 'nonsense', /line 2 is no JSON object/],
    ['an empty line', '', /line 2 is no JSON object/],
  ])('%s', (_, line, message) => {
    put([line])
    expect(complaint()).toMatchObject({message: expect.stringMatching(message), exitCode: 2})
  })

  test('a key that comes twice', () => {
    put([ok, ok])
    expect(complaint().message).toContain('line 3 repeats a key')
  })

  test('a newer version, and says which rtctl wrote it and to upgrade', () => {
    put([], {version: 2, rtctl: '9.8.7', somethingNew: true})
    expect(complaint()).toMatchObject({
      message: `${file} was written by rtctl 9.8.7 as snapshot version 2; this rtctl reads version 1`,
      next: 'Upgrade rtctl to 9.8.7 or newer.',
      exitCode: 2,
    })
  })

  test('a wrong number of records, and something after the end', () => {
    const text = textOf(SAMPLE)
    writeFileSync(file, text.replace('"records":6', '"records":5'))
    expect(complaint().message).toContain('it has 6 records instead of 5')
    writeFileSync(file, `${text}{}\n`)
    expect(complaint().message).toContain('something follows its last line')
    writeFileSync(file, `${text}x`)
    expect(complaint().message).toContain('something follows its last line')
  })

  test('what is no file, is not there, or is a FIFO that nobody writes to', () => {
    expect(complaint().message).toContain('could not be opened: ENOENT')
    mkdirSync(file)
    expect(complaint().message).toContain('is not an rtctl snapshot: it is a directory')
    rmSync(file, {recursive: true})
    execFileSync('mkfifo', [file])
    expect(complaint().message).toContain('is not an rtctl snapshot: it is no regular file')
  })

  test('a file of 2 GiB by its size alone', () => {
    closeSync(openSync(file, 'w'))
    truncateSync(file, 2 ** 31)
    const before = process.memoryUsage.rss()
    expect(complaint().message).toContain('larger than a snapshot can be (512 MiB)')
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024)
  })

  test('a first line that never ends after 64 KiB, and any other after 16 MiB', () => {
    closeSync(openSync(file, 'w'))
    truncateSync(file, 400 * 1024 * 1024)
    expect(complaint().message).toContain('is not an rtctl snapshot: its first line is too long')
    put([{...ok, value: 'x'.repeat(16 * 1024 * 1024)}])
    expect(complaint().message).toContain('a line is longer than 16 MiB')
  })

  test('nothing because a value is nested deeper than a call stack', () => {
    put([`{"kind":"ask","key":"q","state":"ok","value":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`])
    expect(() => readSnapshot(file)).not.toThrow(RangeError)
  })
})

describe('writing', () => {
  test('makes a file that only its owner may read, and leaves nothing else behind', () => {
    writeSnapshot(file, SAMPLE)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual(['node.jsonl'])
  })

  test('replaces an older snapshot', () => {
    writeFileSync(file, 'old', {mode: 0o644})
    writeSnapshot(file, SAMPLE)
    expect(readFileSync(file, 'utf8')).toBe(textOf(SAMPLE))
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  test.each([
    ['a symbolic link', () => symlinkSync(join(folder, 'victim'), file), /is a symbolic link; the snapshot was not written/],
    ['a directory', () => mkdirSync(file), /is a directory/],
    ['a FIFO', () => execFileSync('mkfifo', [file]), /is no regular file/],
  ])('refuses to write to %s, and writes nothing', (_, prepare, message) => {
    writeFileSync(join(folder, 'victim'), 'untouched')
    prepare()
    expect(() => writeSnapshot(file, SAMPLE)).toThrow(message)
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('untouched')
    expect(readdirSync(folder).sort()).toEqual(['node.jsonl', 'victim'])
  })

  test('into a folder that is not there is a clear error', () => {
    expect(() => writeSnapshot(join(folder, 'missing/x.jsonl'), SAMPLE)).toThrow(/could not be written to .*: ENOENT/)
  })

  test('that fails half-way leaves the older file and no temporary one', () => {
    writeFileSync(file, 'old')
    const broken = snapshotOf([{kind: 'ask', key: 'q', outcome: {state: 'ok', value: 1n, source: 'q'}}])
    expect(() => writeSnapshot(file, broken)).toThrow(/BigInt/)
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(folder)).toEqual(['node.jsonl'])
  })
})
