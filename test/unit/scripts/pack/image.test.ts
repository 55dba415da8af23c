// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {Readable, type Writable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {gunzipSync} from 'node:zlib'
import {extract, type Header} from 'tar-stream'
import {describe, expect, onTestFinished, test} from 'vitest'
import type {Architecture} from '../../../../scripts/pack/context.ts'
import {sourcesList} from '../../../../scripts/pack/image/debian.ts'
import {writeImage} from '../../../../scripts/pack/image/layout.ts'
import {rootLayers, type RootLayer} from '../../../../scripts/pack/image/root.ts'

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'rtctl-image-'))
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}))
  return directory
}

/** Files by path; a text that starts with `-> ` is a link. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const directory = folder()
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, path)
    mkdirSync(dirname(file), {recursive: true})
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), file)
    else writeFileSync(file, text)
  }
  return directory
}

/** Packages and tree in the shape of the real ones. */
function layersOf(architecture: Architecture): readonly RootLayer[] {
  const triplet = architecture === 'x64' ? 'x86_64-linux-gnu' : 'aarch64-linux-gnu'
  const libc6 = folderWith({
    [`usr/lib/${triplet}/libc.so.6`]: 'libc', [`usr/lib/${triplet}/libnss_files.so.2`]: 'nss', [`usr/lib/${triplet}/gconv/libc.so.6`]: 'not this',
    'usr/lib64/ld-linux-x86-64.so.2': '-> ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', 'usr/lib/ld-linux-aarch64.so.1': '-> elsewhere',
    'usr/share/doc/libc6/copyright': 'LGPL', 'usr/share/doc/libc6/changelog.gz': 'long', 'usr/bin/ldd': '#!/bin/bash',
  })
  const libelf = folderWith({[`usr/lib/${triplet}/libelf-0.192.so`]: 'elf', [`usr/lib/${triplet}/libelf.so.1`]: '-> libelf-0.192.so'})
  const tree = folderWith({
    rtctl: '#!/bin/sh', 'lib/node': 'node', 'bin/run.js': 'run', 'dist/main.js': 'main', 'dist/a/b.js': 'b', LICENSE: 'Apache', 'THIRD-PARTY-LICENSES.txt': 'MIT',
  })
  chmodSync(join(tree, 'lib/node'), 0o700)
  return rootLayers(architecture, [
    {name: 'libc6', files: libc6, control: 'Package: libc6\nVersion: 2.41\n'}, {name: 'libelf1t64', files: libelf, control: 'Package: libelf1t64\nVersion: 0.192\n'},
  ], tree)
}

const pathsOf = ({entries}: RootLayer | undefined = {createdBy: '', entries: []}) => entries.map(({path}) => path)

describe('the root directory of the image', () => {
  test('has the libraries, their licences and nothing else of the packages', () => {
    const [base] = layersOf('x64')
    const paths = pathsOf(base)
    expect(paths).toEqual(expect.arrayContaining([
      'usr/lib/x86_64-linux-gnu/libc.so.6', 'usr/lib/x86_64-linux-gnu/libelf-0.192.so', 'usr/lib/x86_64-linux-gnu/libelf.so.1', 'usr/lib64/ld-linux-x86-64.so.2',
      'usr/share/doc/libc6/copyright', 'var/lib/dpkg/status.d/libc6', 'lib64', 'etc/passwd', 'host',
    ]))
    expect(paths.join('\n')).not.toMatch(/libnss|gconv|changelog|ldd|aarch64/)
    expect(base?.createdBy).toBe('libraries of Debian: libc6 2.41, libelf1t64 0.192')
  })

  test('has the loader where the programs of its architecture look for it', () => {
    const paths = pathsOf(layersOf('arm64')[0])
    expect(paths).toEqual(expect.arrayContaining(['lib', 'usr/lib/ld-linux-aarch64.so.1', 'usr/lib/aarch64-linux-gnu/libc.so.6']))
    expect(paths).not.toContain('lib64')
  })

  test('has Node.js in a layer of its own, and rtctl without the script that needs a shell', () => {
    const [, node, rtctl] = layersOf('x64')
    expect(pathsOf(node)).toEqual(['opt', 'opt/rtctl', 'opt/rtctl/lib', 'opt/rtctl/lib/node'])
    expect(pathsOf(rtctl)).toEqual([
      'opt', 'opt/rtctl', 'opt/rtctl/LICENSE', 'opt/rtctl/THIRD-PARTY-LICENSES.txt', 'opt/rtctl/bin', 'opt/rtctl/bin/run.js', 'opt/rtctl/dist',
      'opt/rtctl/dist/a', 'opt/rtctl/dist/a/b.js', 'opt/rtctl/dist/main.js', 'usr', 'usr/bin', 'usr/bin/rtctl', 'usr/share', 'usr/share/doc',
      'usr/share/doc/rtctl', 'usr/share/doc/rtctl/LICENSE', 'usr/share/doc/rtctl/THIRD-PARTY-LICENSES.txt',
    ])
  })

  test('is not made of two files with one name', () => {
    const clash = folderWith({'usr/share/doc/x/copyright': 'a'})
    const one = {name: 'one', files: clash, control: ''}
    expect(() => rootLayers('x64', [one, {...one, name: 'two'}], folderWith({'lib/node': ''}))).toThrow('usr/share/doc/x/copyright is in the image twice')
  })
})

interface Index {
  readonly manifests: readonly {readonly digest: string; readonly size: number; readonly platform?: object; readonly annotations?: Readonly<Record<string, string>>}[]
}
interface Manifest {
  readonly config: {readonly digest: string}
  readonly layers: readonly {readonly digest: string; readonly size: number}[]
}
interface Config {
  readonly created: string
  readonly architecture: string
  readonly config: {readonly User: string; readonly Entrypoint: readonly string[]; readonly Labels: object}
  readonly rootfs: {readonly diff_ids: readonly string[]}
  readonly history: readonly {readonly created_by: string}[]
}

interface DockerManifest {
  readonly Config: string
  readonly RepoTags: readonly string[]
  readonly Layers: readonly string[]
}

const EPOCH = 1_700_000_000
const sha256 = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

async function imageOf(version = '1.2.3') {
  const directory = folder()
  const file = join(directory, 'image.tar')
  const work = join(directory, 'work')
  mkdirSync(work)
  const roots = new Map([['x64', layersOf('x64')], ['arm64', layersOf('arm64')]] as const)
  await writeImage(file, work, {version, description: 'what it does', license: 'Apache-2.0', epoch: EPOCH}, roots)
  const bytes = readFileSync(file)
  const entries = await entriesOf(bytes)
  const blob = (digest: string) => entries.get(`blobs/sha256/${digest.slice(7)}`)?.content ?? Buffer.alloc(0)
  const json = (content: Buffer | undefined): unknown => JSON.parse(String(content))
  return {directory, bytes, entries, blob, json}
}

async function entriesOf(archive: Buffer): Promise<ReadonlyMap<string, {readonly header: Header; readonly content: Buffer}>> {
  const reader = extract()
  const feeding = pipeline(Readable.from([archive]), reader as unknown as Writable)
  const entries = new Map<string, {readonly header: Header; readonly content: Buffer}>()
  for await (const entry of reader) {
    const parts: Uint8Array[] = []
    for await (const part of entry as AsyncIterable<Uint8Array>) parts.push(part)
    entries.set(entry.header.name, {header: entry.header, content: Buffer.concat(parts)})
  }
  await feeding
  return entries
}

describe('the archive of the image', () => {
  test('is an OCI image layout in which every digest and size is that of its blob', async () => {
    const {entries, blob, json} = await imageOf()
    expect(json(entries.get('oci-layout')?.content)).toEqual({imageLayoutVersion: '1.0.0'})
    for (const [name, {content}] of entries) {
      if (/^blobs\/sha256\/./.test(name)) expect(sha256(content)).toBe(`sha256:${name.slice('blobs/sha256/'.length)}`)
    }
    const [top] = (json(entries.get('index.json')?.content) as Index).manifests
    expect(top?.annotations).toEqual({'io.containerd.image.name': 'localhost/rtctl:1.2.3', 'org.opencontainers.image.ref.name': '1.2.3'})
    const {manifests} = json(blob(top?.digest ?? '')) as Index
    expect(manifests.map(({platform}) => platform)).toEqual([{architecture: 'amd64', os: 'linux'}, {architecture: 'arm64', os: 'linux', variant: 'v8'}])
    for (const {digest, size} of manifests) {
      expect(blob(digest).length).toBe(size)
      const {config, layers} = json(blob(digest)) as Manifest
      const {rootfs, history} = json(blob(config.digest)) as Config
      expect(layers.map((layer) => blob(layer.digest).length)).toEqual(layers.map((layer) => layer.size))
      expect(rootfs.diff_ids).toEqual(layers.map((layer) => sha256(gunzipSync(blob(layer.digest)))))
      expect(history).toHaveLength(layers.length)
    }
  })

  test('runs rtctl as a user without rights, and says what it is', async () => {
    const {entries, blob, json} = await imageOf()
    const [docker] = json(entries.get('manifest.json')?.content) as readonly DockerManifest[]
    expect(docker?.RepoTags).toEqual(['localhost/rtctl:1.2.3'])
    const {created, architecture, config} = json(blob(`sha256:${docker?.Config.slice('blobs/sha256/'.length)}`)) as Config
    expect({created, architecture}).toEqual({created: '2023-11-14T22:13:20Z', architecture: 'amd64'})
    expect(config).toMatchObject({User: '65532:65532', Entrypoint: ['/opt/rtctl/lib/node', '--v8-pool-size=1', '/opt/rtctl/bin/run.js'], Cmd: ['--help']})
    expect(config.Labels).toMatchObject({'org.opencontainers.image.version': '1.2.3', 'org.opencontainers.image.licenses': 'Apache-2.0'})
    expect(docker?.Layers.every((name) => entries.has(name))).toBe(true)
  })

  test('has layers in which all is of root, of one time, and with given permissions', async () => {
    const {entries, blob, json} = await imageOf()
    const [top] = (json(entries.get('index.json')?.content) as Index).manifests
    const [amd64] = (json(blob(top?.digest ?? '')) as Index).manifests
    const {layers} = json(blob(amd64?.digest ?? '')) as Manifest
    const headers = new Map<string, Header>()
    for (const layer of layers) for (const [name, {header}] of await entriesOf(gunzipSync(blob(layer.digest)))) headers.set(name, header)
    for (const {uid, gid, mtime} of headers.values()) expect({uid, gid, mtime}).toEqual({uid: 0, gid: 0, mtime: new Date(EPOCH * 1000)})
    const modes = ['opt/rtctl/lib/node', 'opt/rtctl/dist/main.js', 'usr/bin/rtctl', 'tmp/', 'etc/'].map((name) => headers.get(name)?.mode.toString(8))
    expect(modes).toEqual(['755', '644', '755', '1777', '755'])
  })

  test('has the same bytes when it is made again, and leaves no other file', async () => {
    const [first, second] = [await imageOf(), await imageOf()]
    expect(sha256(second.bytes)).toBe(sha256(first.bytes))
    expect(readdirSync(first.directory).sort()).toEqual(['image.tar', 'work'])
  })
})

describe('the sources of apt', () => {
  test('are the mirrors that the machine uses, with the release of the image', () => {
    const list = sourcesList('http://packages.example.org/apt nodistro main\nhttp://mirror.example.org/debian/ bookworm main\nhttp://mirror.example.org/security/ bookworm-security main\n')
    expect(list.split('\n').map((line) => line.replace(/^deb \[signed-by=\S+\] /, ''))).toEqual([
      'http://mirror.example.org/debian/ trixie main', 'http://mirror.example.org/debian/ trixie-updates main',
      'http://mirror.example.org/security/ trixie-security main', '',
    ])
  })

  test('are signed by Debian, and security updates lie beside the rest where the machine has no address for them', () => {
    const lines = sourcesList('http://mirror.example.org/debian bookworm main\n').trim().split('\n')
    expect(lines).toEqual([
      expect.stringContaining('http://mirror.example.org/debian trixie main'), expect.stringContaining('trixie-updates'),
      expect.stringContaining('http://mirror.example.org/debian-security trixie-security'),
    ])
    for (const line of lines) expect(line).toContain('signed-by=/usr/share/keyrings/debian-archive-keyring.gpg')
  })

  test('must be there: a machine without Debian\'s packages is told so', () => {
    expect(() => sourcesList('http://archive.example.org/ubuntu noble main\n')).toThrow('pack on Debian')
  })
})
