// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'

/** The image of all test containers, as Docker names it; containerd puts `docker.io/` in front. */
export const busyboxImage = 'rtctl-test/busybox:1'
/** The image of pod sandboxes. */
export const pauseImage = 'rtctl-test/pause:1'

interface TarEntry {
  readonly name: string
  readonly type: 'file' | 'directory' | 'symlink'
  readonly mode: number
  readonly content?: Buffer
  readonly target?: string
}

/** An uncompressed ustar archive (POSIX.1-1988 `pax`, section "ustar Interchange Format") with fixed times and owners. */
export function tar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(entry => {
    const content = entry.content ?? Buffer.alloc(0)
    return [tarHeader(entry, content.length), content, Buffer.alloc(-content.length & 511)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

function tarHeader(entry: TarEntry, size: number): Buffer {
  const header = Buffer.alloc(512)
  const octal = (value: number, offset: number, width: number) => header.write(value.toString(8).padStart(width, '0'), offset)
  header.write(entry.name, 0)
  octal(entry.mode, 100, 7)
  octal(0, 108, 7)
  octal(0, 116, 7)
  octal(size, 124, 11)
  octal(0, 136, 11)
  header.write({file: '0', symlink: '2', directory: '5'}[entry.type], 156)
  header.write(entry.target ?? '', 157)
  header.write('ustar\x0000', 257)
  // the checksum counts its own field as spaces
  header.write('        ', 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return header
}

/** An image to be written: its name, and how its containers are run. */
export interface ImageSource {
  readonly tag: string
  readonly config: object
}

const testImages: readonly ImageSource[] = [
  {tag: busyboxImage, config: {Cmd: ['sh']}},
  {tag: pauseImage, config: {Entrypoint: ['/bin/sleep', '2147483647']}},
]

/**
 * Writes a docker-archive with both test images, or others, made of one static busybox: `docker load` and `ctr images import`
 * take it. There is no compiler on a bare machine, so the pause process is busybox's `sleep`.
 */
export function writeImages(busybox: string, file: string, images = testImages): void {
  const layer = tar(rootFileSystem(readFileSync(busybox)))
  const entries: TarEntry[] = [{name: 'layer.tar', type: 'file', mode: 0o644, content: layer}]
  const manifest = images.map(({tag, config}) => {
    const content = imageConfig(config, sha256(layer))
    const name = `${sha256(content)}.json`
    entries.push({name, type: 'file', mode: 0o644, content})
    return {Config: name, RepoTags: [tag], Layers: ['layer.tar']}
  })
  entries.push({name: 'manifest.json', type: 'file', mode: 0o644, content: Buffer.from(JSON.stringify(manifest))})
  writeFileSync(file, tar(entries))
}

function rootFileSystem(busybox: Buffer): TarEntry[] {
  const folders = ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'www'].map(name => ({name: `${name}/`, type: 'directory', mode: 0o755} as const))
  const applets = ['cat', 'httpd', 'kill', 'sh', 'sleep', 'tar', 'test', 'true'].map(name => (
    {name: `bin/${name}`, type: 'symlink', mode: 0o777, target: 'busybox'} as const
  ))
  return [
    ...folders,
    {name: 'bin/busybox', type: 'file', mode: 0o755, content: busybox},
    ...applets,
    {name: 'etc/passwd', type: 'file', mode: 0o644, content: Buffer.from('root:x:0:0:root:/:/bin/sh\n')},
    {name: 'www/index.html', type: 'file', mode: 0o644, content: Buffer.from('a test page\n')},
  ]
}

function imageConfig(config: object, layerDigest: string): Buffer {
  const architecture = ({x64: 'amd64', arm64: 'arm64'} as Record<string, string>)[process.arch] ?? process.arch
  return Buffer.from(JSON.stringify({
    architecture, os: 'linux', config,
    rootfs: {type: 'layers', diff_ids: [`sha256:${layerDigest}`]},
    history: [{created_by: 'the engine tests of rtctl'}],
  }))
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
