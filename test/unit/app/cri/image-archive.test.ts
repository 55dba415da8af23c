// SPDX-License-Identifier: Apache-2.0
import {chmodSync, existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {gzipSync, zstdCompressSync} from 'node:zlib'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {loadImages, saveImages, tagImage} from '../../../../src/app/cri/image-archive.ts'
import {imageTool} from '../../../../src/app/cri/image-archive-tool.ts'
import {openLiveHost} from '../../../../src/host/live-host.ts'
import {temporaryFolder} from '../../cri/fake-cri.ts'
import type {LiveCri} from './live-cri.ts'
import {liveCri} from './live-cri.ts'
import {tar} from './tar.ts'

const ID = `sha256:${'a'.repeat(64)}`

let folder: ReturnType<typeof temporaryFolder>
let cri: LiveCri
/** name → id, as the CRI has it */
let images: Map<string, string>

beforeEach(async () => {
  folder = temporaryFolder()
  images = new Map()
  const tagsOf = (id: string) => [...images].flatMap(([name, other]) => (other === id ? [name] : []))
  cri = await liveCri({
    ListImages: () => ({images: [...new Set(images.values())].map((id) => ({id, repoTags: tagsOf(id)}))}),
    ImageStatus: ({image: {image}}: {image: {image: string}}) => {
      const id = images.get(image) ?? [...images.values()].find((one) => one === image)
      return id === undefined ? {} : {image: {id, repoTags: tagsOf(id)}}
    },
  })
})
afterEach(() => {
  cri.stop()
  folder.remove()
})

/** A program in the place of ctr: it notes its arguments and what it gets; asked for help it tells its flags. */
function ctr(script = 'cat > "$0.input"', help = '   --local  export it itself') {
  const program = join(folder.path, 'ctr')
  writeFileSync(program, `#!/bin/sh\ncase "$*" in *--help) echo "${help}"; exit;; esac\necho "$@" >> "$0.args"\n${script}\n`)
  chmodSync(program, 0o755)
  return {kind: 'ctr', program, socket: '/run/x.sock'} as const
}

const archive = (bytes: Buffer) => {
  const path = join(folder.path, 'images.tar')
  writeFileSync(path, bytes)
  return path
}
const saved = tar({'manifest.json': JSON.stringify([{RepoTags: ['app:1']}])})
const noted = (what: 'args' | 'input') => readFileSync(join(folder.path, `ctr.${what}`))

describe('loading images', () => {
  test.each([['as it is', saved], ['gzip', gzipSync(saved)], ['zstd', zstdCompressSync(saved)]])('gives ctr the tar file, %s', async (_, bytes) => {
    images.set('docker.io/library/app:1', ID)
    const progress: number[] = []
    const loaded = await loadImages(cri.connection, ctr(), archive(bytes), {onProgress: (done, size) => progress.push(done, size ?? -1)})
    expect(loaded).toEqual([{name: 'docker.io/library/app:1', id: ID}])
    expect(noted('args').toString()).toBe('--address /run/x.sock --namespace k8s.io images import -\n')
    expect(noted('input')).toEqual(saved)
    expect(progress).toEqual([bytes.length, bytes.length])
  })

  test('waits for the CRI to see them', async () => {
    setTimeout(() => images.set('docker.io/library/app:1', ID), 500)
    expect(await loadImages(cri.connection, ctr(), archive(saved))).toHaveLength(1)
  })

  test('fails where the CRI does not see them', async () => {
    await expect(loadImages(cri.connection, ctr(), archive(saved))).rejects.toThrow('The image docker.io/library/app:1 was loaded, but the runtime does not answer for it')
  }, 10_000)

  test('fails with the words of ctr', async () => {
    await expect(loadImages(cri.connection, ctr('echo "ctr: no space left" >&2; exit 1'), archive(saved))).rejects.toThrow('could not load it: ctr: no space left.')
  })

  test('fails where there is no name', async () => {
    await expect(loadImages(cri.connection, ctr(), archive(tar({'manifest.json': '[{"RepoTags": null}]'})))).rejects.toThrow('gives them no name')
  })

  test.each([['nothing', Buffer.alloc(0)], ['noise', Buffer.from('x'.repeat(5000))]])('gives ctr nothing of %s', async (_, bytes) => {
    await expect(loadImages(cri.connection, ctr(), archive(bytes))).rejects.toThrow('This is no archive of images.')
    expect(existsSync(join(folder.path, 'ctr.input')) ? noted('input').length : 0).toBe(0)
  })

  test('says when what is compressed is broken', async () => {
    await expect(loadImages(cri.connection, ctr(), archive(gzipSync(saved).subarray(0, -20)))).rejects.toThrow('The archive is broken')
  })
})

describe('saving images', () => {
  const target = () => join(folder.path, 'out.tar')
  const writes = (bytes: Buffer) => {
    writeFileSync(join(folder.path, 'whole.tar'), bytes)
    return ctr(`cat "${join(folder.path, 'whole.tar')}"`)
  }

  test('asks ctr for this platform, by the names that the runtime has', async () => {
    images.set('docker.io/library/app:1', ID).set('docker.io/lab/app:2', ID)
    const tool = writes(saved)
    expect(await saveImages(cri.connection, tool, [ID, 'docker.io/lab/app:2'], target())).toEqual([
      {name: 'docker.io/library/app:1', id: ID}, {name: 'docker.io/lab/app:2', id: ID},
    ])
    expect(noted('args').toString()).toMatch(/images export --local --platform linux\/\w+ - docker\.io\/library\/app:1 docker\.io\/lab\/app:2\n$/)
    expect(readFileSync(target())).toEqual(saved)
  })

  test('asks a ctr that knows no other way than its own for no way', async () => {
    images.set('app', ID)
    writeFileSync(join(folder.path, 'whole.tar'), saved)
    await saveImages(cri.connection, ctr(`cat "${join(folder.path, 'whole.tar')}"`, '   --platform value'), ['app'], target())
    expect(noted('args').toString()).toMatch(/images export --platform/)
  })

  test('leaves no file where the archive was cut off, or ctr failed', async () => {
    images.set('app', ID)
    const before = readdirSync(folder.path).length
    await expect(saveImages(cri.connection, writes(saved.subarray(0, 700)), ['app'], target())).rejects.toThrow('ended before the archive did, after 700 bytes')
    await expect(saveImages(cri.connection, ctr('echo no >&2; exit 2'), ['app'], target())).rejects.toThrow('could not save it: no.')
    expect(readdirSync(folder.path).filter((name) => name.includes('partial') || name === 'out.tar')).toEqual([])
    expect(before).toBe(0)
  })

  test('can be interrupted, and leaves no file', async () => {
    images.set('app', ID)
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    const saving = saveImages(cri.connection, ctr('exec sleep 60'), ['app'], target(), {signal: stop.signal})
    await expect(saving).rejects.toMatchObject({message: 'Interrupted.', exitCode: 130})
    expect(readdirSync(folder.path).sort()).toEqual(['ctr', 'ctr.args'])
  })

  test('is refused of an image that is not there', async () => {
    await expect(saveImages(cri.connection, ctr(), ['nope'], target())).rejects.toThrow('The runtime has no image nope.')
  })
})

describe('naming an image', () => {
  test('gives ctr whole names, and asks the CRI for the new one', async () => {
    images.set('docker.io/library/app:1', ID)
    setTimeout(() => images.set('docker.io/library/new:latest', ID), 300)
    expect(await tagImage(cri.connection, ctr(''), 'docker.io/library/app:1', 'new')).toEqual({name: 'docker.io/library/new:latest', id: ID})
    expect(noted('args').toString()).toMatch(/images tag --force docker\.io\/library\/app:1 docker\.io\/library\/new:latest\n$/)
  })

  test('is not done before the name is that of this image', async () => {
    images.set('app', ID).set('docker.io/library/new:latest', `sha256:${'b'.repeat(64)}`)
    await expect(tagImage(cri.connection, ctr(''), 'app', 'new')).rejects.toThrow('docker.io/library/new:latest was made, but')
  }, 10_000)

  test('is refused of what can be no name, before anything is run', async () => {
    await expect(tagImage(cri.connection, ctr(''), 'app', 'A b')).rejects.toThrow('"A b" can be no image\'s name.')
    expect(existsSync(join(folder.path, 'ctr.args'))).toBe(false)
  })
})

describe('skopeo', () => {
  /** It notes how it was run, and does what is told. */
  const skopeo = (script = '') => {
    const program = join(folder.path, 'ctr')
    writeFileSync(program, `#!/bin/sh\necho "$@" >> "$0.args"\n${script}\n`)
    chmodSync(program, 0o755)
    return {kind: 'skopeo', program} as const
  }
  const BARE = 'a'.repeat(64)

  test('copies each image of an archive by its name, and ids are as with containerd', async () => {
    images.set('docker.io/library/app:1', BARE).set('docker.io/shop/web:2', BARE)
    const path = archive(tar({'manifest.json': JSON.stringify([{RepoTags: ['app:1', 'shop/web:2']}])}))
    expect(await loadImages(cri.connection, skopeo(), path)).toEqual([{name: 'docker.io/library/app:1', id: ID}, {name: 'docker.io/shop/web:2', id: ID}])
    expect(noted('args').toString().trim().split('\n')).toEqual(['docker.io/library/app:1', 'docker.io/shop/web:2'].map((name) => (
      `copy --quiet docker-archive:${path}:${name} containers-storage:${name}`
    )))
  })

  test('is given a file of what it cannot read, which is gone then', async () => {
    images.set('docker.io/library/app:1', BARE)
    await loadImages(cri.connection, skopeo('f=${3#docker-archive:}; cat "${f%:docker*}" > "$0.input"'), archive(gzipSync(saved)))
    expect(noted('input')).toEqual(saved)
    expect(existsSync(noted('args').toString().split(':')[1] ?? '')).toBe(false)
  })

  test('a name that the runtime makes up for images without one counts for nothing', async () => {
    const nameless = archive(tar({'manifest.json': '[{"RepoTags": null}]'}))
    setTimeout(() => images.set('<none>:<none>', BARE), 0)
    await expect(loadImages(cri.connection, skopeo('sleep 0.3'), nameless)).rejects.toThrow('gives them no name')
  })

  test('saves an image by its id, into an output that it can open', async () => {
    images.set('docker.io/library/app:1', BARE)
    writeFileSync(join(folder.path, 'whole.tar'), saved)
    const chunks: Uint8Array[] = []
    const into = async (chunk: Uint8Array) => { chunks.push(chunk) }
    await saveImages(cri.connection, skopeo(`cat "${join(folder.path, 'whole.tar')}" > /dev/stdout`), ['docker.io/library/app:1'], into)
    expect(Buffer.concat(chunks)).toEqual(saved)
    expect(noted('args').toString()).toBe(`copy --quiet containers-storage:@${BARE} docker-archive:/dev/stdout:docker.io/library/app:1\n`)
  })

  test('that fails leaves no file, and its words are told', async () => {
    images.set('docker.io/library/app:1', BARE)
    const target = join(folder.path, 'out.tar')
    const fails = skopeo('echo \'time="now" level=fatal msg="no room"\' >&2; exit 1')
    await expect(saveImages(cri.connection, fails, ['docker.io/library/app:1'], target)).rejects.toThrow('could not save it: no room.')
    expect(existsSync(target)).toBe(false)
    await expect(saveImages(cri.connection, fails, ['docker.io/library/app:1', BARE], target)).rejects.toThrow('skopeo saves one image into an archive.')
  })

  test('can be interrupted while it saves', async () => {
    images.set('docker.io/library/app:1', BARE)
    const stop = new AbortController()
    setTimeout(() => stop.abort(), 200)
    const saving = saveImages(cri.connection, skopeo('exec sleep 60'), ['docker.io/library/app:1'], join(folder.path, 'out.tar'), {signal: stop.signal})
    await expect(saving).rejects.toMatchObject({exitCode: 130})
  })

  test('names an image by its id', async () => {
    images.set('docker.io/library/app:1', BARE)
    setTimeout(() => images.set('docker.io/library/new:latest', BARE), 300)
    expect(await tagImage(cri.connection, skopeo(), BARE, 'new')).toEqual({name: 'docker.io/library/new:latest', id: ID})
    expect(noted('args').toString()).toBe(`copy --quiet containers-storage:@${BARE} containers-storage:docker.io/library/new:latest\n`)
  })
})

describe('the program for the images', () => {
  const tool = async (runtimeName: string, address: Parameters<typeof imageTool>[2] = {kind: 'unix', path: '/run/none.sock'}) => {
    const runtime = await liveCri({
      Version: () => ({runtimeName}),
      ImageFsInfo: () => ({imageFilesystems: [{fsId: {mountpoint: '/data/containers/overlay-images'}}]}),
    })
    try {
      return await imageTool(runtime.connection, runtime.connection, address, openLiveHost({root: folder.path, askTimeoutMs: 1000}))
    } finally {
      runtime.stop()
    }
  }

  test('is refused of dockerd with its own words', async () => {
    await expect(tool('docker')).rejects.toMatchObject({message: expect.stringContaining('The images of docker cannot be moved'), next: expect.stringContaining('docker load')})
  })

  test('is refused where there is none, over tcp, and of a CRI-O with another storage', async () => {
    await expect(tool('containerd')).rejects.toThrow('There is no `ctr`')
    await expect(tool('containerd', {kind: 'tcp', host: 'h', port: 1})).rejects.toThrow('over tcp')
    await expect(tool('cri-o')).rejects.toThrow('keeps its images in /data/containers/overlay-images')
  })
})
