// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {tar} from '../../engines/harness/images.ts'

type Entry = Parameters<typeof tar>[0][number]

/** What an image's containers run, and its layers from the bottom. */
interface Image {
  readonly name: string
  readonly config: object
  readonly layers: readonly Buffer[]
}

/** An image that only registries of the tests have, under the name that they have it by. */
export const PULLED = 'lab/pulled:1'

/**
 * Writes a docker-archive for each image of the node, made of busybox, and one for the registries: `lab_tools_1.tar`, `pulled.tar`.
 *
 * @param busybox a static one
 * @param dial program that `dial.go` makes
 */
export function writeLabImages(busybox: string, dial: string, into: string): void {
  const system = tar(rootFileSystem(busybox))
  const withDial = tar([{name: 'bin/dial', type: 'file', mode: 0o755, content: readFileSync(dial)}])
  const page = (text: string) => tar([{name: 'www/index.html', type: 'file', mode: 0o644, content: Buffer.from(`${text}\n`)}])
  // as pid 1 it gets no signal that it has no trap for
  const pause = {Entrypoint: ['/bin/sh', '-c', "trap 'exit 0' TERM INT; while :; do sleep 3600 & wait $!; done"]}
  const server = {Cmd: ['httpd', '-f', '-p', '8081', '-h', '/www']}
  const images: readonly Image[] = [
    {name: 'lab/pause:3.2', config: pause, layers: [system]},
    {name: 'lab/tools:1', config: {Cmd: ['sh']}, layers: [system, withDial]},
    {name: 'lab/invoice:7', config: server, layers: [system, withDial, page('no registry has this image')]},
    {name: PULLED, config: server, layers: [tar([...rootFileSystem(busybox), {name: 'www/pulled', type: 'file', mode: 0o644, content: Buffer.from('yes\n')}])]},
  ]
  mkdirSync(into, {recursive: true})
  for (const image of images) writeFileSync(join(into, fileNameOf(image.name)), archiveOf(image))
}

/** Name of the docker-archive of an image: `lab_tools_1.tar`. */
export function fileNameOf(image: string): string {
  return `${image.replaceAll(/[/:]/g, '_')}.tar`
}

function rootFileSystem(busybox: string): Entry[] {
  const folders = ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'www'].map((name): Entry => ({name: `${name}/`, type: 'directory', mode: 0o755}))
  const applets = execFileSync(busybox, ['--list'], {encoding: 'utf8'}).split('\n').filter((name) => name !== '' && name !== 'busybox')
  return [
    ...folders,
    {name: 'bin/busybox', type: 'file', mode: 0o755, content: readFileSync(busybox)},
    ...applets.map((name): Entry => ({name: `bin/${name}`, type: 'symlink', mode: 0o777, target: 'busybox'})),
    {name: 'etc/passwd', type: 'file', mode: 0o644, content: Buffer.from('root:x:0:0:root:/:/bin/sh\n')},
    {name: 'www/index.html', type: 'file', mode: 0o644, content: Buffer.from('a page of the lab\n')},
  ]
}

function archiveOf({name, config, layers}: Image): Buffer {
  const digests = layers.map((layer) => createHash('sha256').update(layer).digest('hex'))
  const description = Buffer.from(JSON.stringify({
    architecture: {x64: 'amd64', arm64: 'arm64'}[process.arch as 'x64' | 'arm64'], os: 'linux',
    config: {Env: ['PATH=/bin'], ...config},
    rootfs: {type: 'layers', diff_ids: digests.map((digest) => `sha256:${digest}`)},
    history: layers.map(() => ({created_by: 'the lab of rtctl'})),
  }))
  const id = createHash('sha256').update(description).digest('hex')
  const manifest = [{Config: `${id}.json`, RepoTags: [name], Layers: digests.map((digest) => `${digest}.tar`)}]
  return tar([
    {name: 'manifest.json', type: 'file', mode: 0o644, content: Buffer.from(JSON.stringify(manifest))},
    {name: `${id}.json`, type: 'file', mode: 0o644, content: description},
    ...layers.map((layer, index): Entry => ({name: `${digests[index]}.tar`, type: 'file', mode: 0o644, content: layer})),
  ])
}
