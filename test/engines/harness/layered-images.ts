// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {closeSync, openSync, readFileSync, writeSync} from 'node:fs'
import {join} from 'node:path'
import type {Engines} from './engines.ts'
import {tar} from './images.ts'
import {packages} from './packages.ts'

/** An image of a busybox and of layers with files of no meaning. */
export interface LayeredImage {
  readonly tag: string
  /** layers upon busybox, the lowest first: those of the same name are the same in all images */
  readonly layers: readonly FillLayer[]
  readonly architecture?: string
}

export interface FillLayer {
  readonly name: string
  readonly files: number
  /** of each file */
  readonly bytes: number
}

/** Makes images and loads them into Docker. @returns bytes of each layer by its name, busybox's by '' */
export async function loadLayered(engines: Engines, images: readonly LayeredImage[]): Promise<ReadonlyMap<string, number>> {
  const archive = join(engines.directory, 'layered.tar')
  const sizes = await writeLayered(engines, archive, images)
  await engines.docker('load', '-q', '-i', archive)
  return sizes
}

/** Images `NAME-1` to `NAME-COUNT` as a registry of one team has them: one base, some frameworks upon it, small layers of their own. */
export function manyImages(name: string, count: number, scale: number): readonly LayeredImage[] {
  const layer = (layerName: string, files: number): FillLayer => ({name: `${name}-${layerName}`, files: Math.ceil(files * scale), bytes: 20_000})
  return Array.from({length: count}, (_, index) => ({
    tag: `rtctl-test/${name}-${index + 1}:1`,
    layers: [layer('base', 3000), layer(`framework-${index % 4}`, 1500), layer(`app-${index}`, 150)],
  }))
}

async function writeLayered(engines: Engines, archive: string, images: readonly LayeredImage[]): Promise<ReadonlyMap<string, number>> {
  const busybox = readFileSync((await packages()).program(engines.suite, 'busybox'))
  const descriptor = openSync(archive, 'w')
  const written = new Map<string, {readonly diffId: string; readonly size: number}>()
  // without the blocks of zeros that end an archive
  const add = (name: string, content: Buffer) => writeSync(descriptor, tar([{name, type: 'file', mode: 0o644, content}]).subarray(0, -1024))
  const layerOf = (name: string, make: () => Buffer) => {
    const known = written.get(name)
    if (known !== undefined) return known
    const bytes = make()
    const layer = {diffId: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, size: bytes.length}
    add(fileOf(name), bytes)
    written.set(name, layer)
    return layer
  }
  const manifest = images.map((image) => {
    const layers = [layerOf('', () => busyboxLayer(busybox)), ...image.layers.map((fill) => layerOf(fill.name, () => fillLayer(fill)))]
    const config = configOf(image, layers.map(({diffId}) => diffId))
    const name = `${createHash('sha256').update(config).digest('hex')}.json`
    add(name, config)
    return {Config: name, RepoTags: [image.tag], Layers: ['', ...image.layers.map((fill) => fill.name)].map(fileOf)}
  })
  add('manifest.json', Buffer.from(JSON.stringify(manifest)))
  writeSync(descriptor, Buffer.alloc(1024))
  closeSync(descriptor)
  return new Map([...written].map(([name, {size}]) => [name, size]))
}

const fileOf = (name: string) => `layer-${createHash('sha256').update(name).digest('hex').slice(0, 20)}.tar`

function configOf({tag, architecture}: LayeredImage, diffIds: readonly string[]): Buffer {
  const own = ({x64: 'amd64', arm64: 'arm64'} as Record<string, string>)[process.arch] ?? process.arch
  return Buffer.from(JSON.stringify({
    architecture: architecture ?? own, os: 'linux', config: {Cmd: ['sh'], Env: [`IMAGE=${tag}`]},
    rootfs: {type: 'layers', diff_ids: diffIds}, history: diffIds.map((_, index) => ({created_by: `step ${index}`})),
  }))
}

function busyboxLayer(busybox: Buffer): Buffer {
  const applets = ['cat', 'sh', 'sleep', 'wc'].map((name) => ({name: `bin/${name}`, type: 'symlink', mode: 0o777, target: 'busybox'} as const))
  return tar([
    ...['bin/', 'dev/', 'etc/', 'proc/', 'sys/', 'tmp/', 'data/'].map((name) => ({name, type: 'directory', mode: 0o755} as const)),
    {name: 'bin/busybox', type: 'file', mode: 0o755, content: busybox}, ...applets,
  ])
}

/** Files with bytes that no two of them share. */
function fillLayer({name, files, bytes}: FillLayer): Buffer {
  return tar(Array.from({length: files}, (_, index) => {
    const block = createHash('sha512').update(`${name} ${index}`).digest()
    return {name: `data/${name}-${index}`, type: 'file', mode: 0o644, content: Buffer.alloc(bytes, block)}
  }))
}
