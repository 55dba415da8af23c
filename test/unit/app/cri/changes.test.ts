// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, afterEach, describe, expect, test} from 'vitest'
import {containerChanges, overlayLayers, parseMounts} from '../../../../src/app/cri/changes.ts'
import {openLiveHost} from '../../../../src/host/live-host.ts'
import {temporaryFolder} from '../../cri/fake-cri.ts'
import type {LiveCri} from './live-cri.ts'
import {liveCri} from './live-cri.ts'

const overlay = (options: string) => overlayLayers({point: '/', type: 'overlay', options})

describe('a line of mountinfo', () => {
  test('gives where, what and how, with and without optional fields', () => {
    const text = '92 59 0:48 / / rw,relatime master:3 - overlay overlay rw,upperdir=/u\n93 92 0:5 / /my\\040data rw - tmpfs tmpfs rw\nnonsense\n'
    expect(parseMounts(text)).toEqual([{point: '/', type: 'overlay', options: 'rw,upperdir=/u'}, {point: '/my data', type: 'tmpfs', options: 'rw'}])
  })

  test('never makes the reader fail, whatever stands there', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (line, options) => {
      for (const mount of parseMounts(`${line}\n1 2 3:4 / / rw - overlay o upperdir=${options}`)) overlayLayers(mount)
    }))
  })
})

describe('the layers of an overlay', () => {
  test('are its directories, the topmost first', () => {
    expect(overlay('rw,lowerdir=/s/2/fs:/s/1/fs,upperdir=/s/3/fs,workdir=/s/3/work')).toEqual({upper: '/s/3/fs', lowers: ['/s/2/fs', '/s/1/fs']})
  })

  test('may be relative to the folder of all layers, where containerd and CRI-O put many', () => {
    expect(overlay('rw,lowerdir=2/fs:1/fs,upperdir=/s/3/fs')?.lowers).toEqual(['/s/2/fs', '/s/1/fs'])
    expect(overlay('rw,lowerdir=l/AB:l/CD,upperdir=/var/lib/containers/storage/overlay/9/diff')?.lowers[0]).toBe('/var/lib/containers/storage/overlay/l/AB')
  })

  test('may be an option each, hold escaped colons and commas, and end with layers of data only', () => {
    expect(overlay('rw,lowerdir+=/a,lowerdir+=/b,upperdir=/s/3/fs')?.lowers).toEqual(['/a', '/b'])
    expect(overlay(String.raw`rw,lowerdir=/a\:b:/c\,d::/data,upperdir=/s/3/fs`)?.lowers).toEqual(['/a:b', '/c,d'])
  })

  test('are none of another mount, nor of one that is read only', () => {
    expect(overlayLayers({point: '/', type: 'btrfs', options: 'rw,upperdir=/x'})).toBeUndefined()
    expect(overlay('ro,lowerdir=/a:/b')).toBeUndefined()
  })
})

describe('the changes of a container', () => {
  let cri: LiveCri | undefined
  const folder = temporaryFolder()
  afterAll(() => folder.remove())
  afterEach(() => cri?.stop())

  /** A runtime whose container has a process 42 on a host in a folder. */
  async function changes(files: Readonly<Record<string, string>>, info: unknown = {pid: 42}) {
    cri?.stop()
    cri = await liveCri({ContainerStatus: () => ({status: {id: 'abcdef'}, info: new Map([['info', JSON.stringify(info)]])})})
    const root = join(folder.path, String(Math.random()))
    mkdirSync(join(root, 'proc/42'), {recursive: true})
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, 'proc/42', name), text)
    return [...(await containerChanges(cri.connection, openLiveHost({root, askTimeoutMs: 1000}), 'abc'))]
  }
  const cgroup = '0::/kubepods/cri-containerd-abcdef.scope\n'

  test('leave out what the runtime made to mount something on', async () => {
    const upper = join(folder.path, 'layers/3/fs')
    const lower = join(folder.path, 'layers/1/fs')
    mkdirSync(join(upper, 'etc'), {recursive: true})
    mkdirSync(join(lower, 'etc'), {recursive: true})
    for (const name of ['hosts', 'mine']) writeFileSync(join(upper, 'etc', name), '')
    const mountinfo = `1 0 0:1 / / rw - overlay o rw,lowerdir=${lower},upperdir=${upper}\n2 1 0:2 / /etc/hosts rw - ext4 /dev/vda rw\n`
    expect(await changes({cgroup, mountinfo})).toEqual([{kind: 'C', path: '/etc'}, {kind: 'A', path: '/etc/mine'}])
  })

  test('are refused with the reason where there is no process', async () => {
    await expect(changes({}, {pid: 0})).rejects.toThrow('it does not run')
    await expect(changes({}, 'nonsense')).rejects.toThrow('it does not run')
  })

  test('are refused where the process is another one', async () => {
    await expect(changes({cgroup: '0::/user.slice\n', mountinfo: ''})).rejects.toThrow('Process 42 here is not that of container abcdef')
    await expect(changes({mountinfo: ''})).rejects.toThrow('There is no /proc/42/cgroup')
  })

  test('are refused of another file system', async () => {
    const mountinfo = '1 0 0:1 / / rw - zfs pool rw\n'
    await expect(changes({cgroup, mountinfo})).rejects.toThrow('a mount of type zfs')
  })

  test('say when the layer cannot be read', async () => {
    const mountinfo = '1 0 0:1 / / rw - overlay o rw,lowerdir=/nope/1/fs,upperdir=/nope/2/fs\n'
    await expect(changes({cgroup, mountinfo})).rejects.toThrow('The layer /nope/2/fs cannot be read: ENOENT.')
  })
})
