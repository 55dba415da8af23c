// SPDX-License-Identifier: Apache-2.0
import {createHash, randomBytes} from 'node:crypto'
import {existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import fc from 'fast-check'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {type Header, pack} from 'tar-stream'
import {localTarget, packFrom, unpackTo} from '../../../src/host/tar-files.ts'
import {temporaryFolder} from '../cri/fake-cri.ts'

const QUIET = {bare: false, onSkipped: () => undefined}

let folder: ReturnType<typeof temporaryFolder>
beforeEach(() => {
  folder = temporaryFolder()
})
afterEach(() => folder.remove())

const at = (...parts: readonly string[]) => join(folder.path, ...parts)

type Entry = Partial<Header> & Pick<Header, 'name'> & {readonly content?: string}

function archiveOf(...entries: readonly Entry[]): Readable {
  const archive = pack()
  for (const {content, ...header} of entries) archive.entry(header, content ?? '')
  archive.finalize()
  return Readable.from(archive as AsyncIterable<Uint8Array>, {objectMode: false})
}

async function unpack(...entries: readonly Entry[]) {
  const skipped: string[] = []
  const copied = await unpackTo(archiveOf(...entries), at('target'), {bare: false, onSkipped: (name, reason) => skipped.push(`${name}: ${reason}`)})
  return {copied, skipped}
}

/** Everything below the folder, without the folder itself. */
function everything(): string[] {
  return readdirSync(folder.path, {recursive: true}).map(String).toSorted()
}

describe('an archive from a container', () => {
  test('becomes the target, with its modes but for what gives rights to others', async () => {
    const {copied, skipped} = await unpack(
      {name: 'app', type: 'directory'}, {name: 'app/run', mode: 0o4755, content: 'hello'}, {name: './app/deep/er/file', content: 'x'}, {name: 'app/link', type: 'symlink', linkname: 'run'},
    )
    expect([copied, skipped]).toEqual([{files: 2, bytes: 6}, []])
    expect(readFileSync(at('target/run'), 'utf8')).toBe('hello')
    expect(statSync(at('target/run')).mode & 0o7777).toBe(0o755)
    expect(readFileSync(at('target/deep/er/file'), 'utf8')).toBe('x')
    expect(lstatSync(at('target/link')).isSymbolicLink()).toBe(true)
  })

  test.each<[string, Entry]>([
    ['an absolute name', {name: '/etc/evil', content: 'x'}],
    ['a name that climbs', {name: 'app/../../evil', content: 'x'}],
    ['a name that begins above', {name: '../evil', content: 'x'}],
    ['an absolute link', {name: 'app/link', type: 'symlink', linkname: '/etc/passwd'}],
    ['a link that climbs', {name: 'app/link', type: 'symlink', linkname: '../../outside'}],
    ['a link that could climb by another one', {name: 'app/link', type: 'symlink', linkname: 'sub/../x'}],
    ['a name that is no UTF-8', {name: 'app/\ufffd', content: 'x'}],
    ['a hard link', {name: 'app/link', type: 'link', linkname: '/etc/passwd'}],
    ['a hard link to what is not there', {name: 'app/link', type: 'link', linkname: 'app/none'}],
    ['a device', {name: 'app/disk', type: 'block-device', devmajor: 8, devminor: 0}],
    ['a pipe', {name: 'app/pipe', type: 'fifo'}],
  ])('leaves out %s, and says so', async (_, entry) => {
    const {skipped} = await unpack({name: 'app', type: 'directory'}, entry)
    expect(skipped).toHaveLength(1)
    expect(everything()).toEqual(['target'])
  })

  test('is not led astray by a link that it brought itself, nor by one that was there', async () => {
    mkdirSync(at('outside'))
    await expect(unpack({name: 'app', type: 'directory'}, {name: 'app/sub', type: 'directory'}, {name: 'app/way', type: 'symlink', linkname: 'sub'}, {name: 'app/way/file', content: 'x'})).rejects.toThrow(/is no folder/)
    symlinkSync(at('outside'), at('target/there'))
    await expect(unpack({name: 'app/there/file', content: 'x'})).rejects.toThrow(/is no folder/)
    expect(readdirSync(at('outside'))).toEqual([])
  })

  test('keeps modes of folders, follows hard links, and takes a root without a name', async () => {
    await unpack({name: 'app', type: 'directory', mode: 0o700}, {name: 'app/file', content: 'x'}, {name: 'app/same', type: 'link', linkname: 'app/file'})
    expect(statSync(at('target')).mode & 0o777).toBe(0o700)
    expect(readFileSync(at('target/same'), 'utf8')).toBe('x')
    await unpackTo(archiveOf({name: './bin/file', content: 'b'}, {name: './etc/file', content: 'e'}), at('root'), {...QUIET, bare: true})
    expect([readFileSync(at('root/bin/file'), 'utf8'), readFileSync(at('root/etc/file'), 'utf8')]).toEqual(['b', 'e'])
  })

  test('replaces files, and nothing else', async () => {
    mkdirSync(at('target/file'), {recursive: true})
    writeFileSync(at('target/other'), 'mine')
    writeFileSync(at('target/other.part'), 'mine')
    await expect(unpack({name: 'app/file', content: 'x'})).rejects.toThrow(/is no file/)
    await unpack({name: 'app/other', content: 'theirs'})
    expect(readFileSync(at('target/other'), 'utf8')).toBe('theirs')
    expect(everything()).toEqual(['target', 'target/file', 'target/other', 'target/other.part'])
  })

  test('that is cut off fails, and leaves no half file', async () => {
    const whole = Buffer.concat(await archiveOf({name: 'app', content: 'x'.repeat(10_000)}).toArray() as Buffer[])
    await expect(unpackTo(Readable.from([whole.subarray(0, 3000)]), at('target'), QUIET)).rejects.toThrow()
    expect(everything()).toEqual([])
  })

  test('of any names writes nothing beside the target', async () => {
    const part = fc.oneof(fc.constantFrom('..', '.', '', 'a', 'b', '\u001b[31m'), fc.string({maxLength: 5}).filter((text) => !text.includes('\0')))
    await fc.assert(fc.asyncProperty(fc.array(part, {minLength: 1, maxLength: 5}), async (parts) => {
      const own = temporaryFolder()
      try {
        await unpackTo(archiveOf({name: parts.join('/') || 'x', content: 'x'}), join(own.path, 'target'), QUIET).catch(() => undefined)
        expect(readdirSync(own.path).every((name) => name.startsWith('target'))).toBe(true)
      } finally {
        own.remove()
      }
    }), {numRuns: 200})
  })
})

test('what is packed and unpacked again is the same', async () => {
  const content = randomBytes(3_000_000)
  mkdirSync(at('source/sub'), {recursive: true})
  writeFileSync(at('source/sub/big'), content, {mode: 0o640})
  writeFileSync(at('source/empty'), '')
  symlinkSync('sub/big', at('source/link'))
  const {archive, copied} = await packFrom(at('source'), 'named', () => undefined)
  await unpackTo(archive, at('target'), QUIET)
  expect(await copied).toEqual({files: 2, bytes: 3_000_000})
  const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  expect(hash(readFileSync(at('target/link')))).toBe(hash(content))
  expect(statSync(at('target/sub/big')).mode & 0o777).toBe(0o640)
  expect(existsSync(at('target/empty'))).toBe(true)
})

test('a copy goes into a folder that is there, else to the path itself', () => {
  mkdirSync(at('there'))
  expect(localTarget(at('there'), 'app')).toBe(at('there/app'))
  expect(localTarget(at('new'), 'app')).toBe(at('new'))
  expect(() => localTarget(`${at('new')}/`, 'app')).toThrow(/there is no folder/)
  expect(() => localTarget(at('none/new'), 'app')).toThrow(/there is no folder/)
})
