// SPDX-License-Identifier: Apache-2.0
import {execFileSync} from 'node:child_process'
import {cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {overlayChanges} from '../../../src/host/overlay-changes.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rtctl-overlay-'))
  for (const layer of ['upper', 'top', 'bottom', 'merged']) mkdirSync(join(root, layer))
})
afterEach(() => rmSync(root, {recursive: true, force: true}))

const put = (layer: string, ...paths: readonly string[]) => {
  for (const path of paths) {
    const file = join(root, layer, path)
    mkdirSync(path.endsWith('/') ? file : dirname(file), {recursive: true})
    if (!path.endsWith('/')) writeFileSync(file, path)
  }
}
/** What the kernel leaves of a deleted file; may be made by anybody. */
const whiteout = (layer: string, path: string) => execFileSync('mknod', [join(root, layer, path), 'c', '0', '0'])
const changes = () => [...overlayChanges({upper: join(root, 'upper'), lowers: [join(root, 'top'), join(root, 'bottom')], merged: join(root, 'merged')})]
  .map(({kind, path}) => `${kind} ${path}`)

describe('the changes of an overlay', () => {
  test('are what was added, changed and deleted, and the folders on the way', () => {
    put('bottom', 'etc/passwd', 'bin/ls', 'usr/a')
    put('upper', 'etc/passwd', 'etc/new', 'srv/www/index.html', 'bin/')
    whiteout('upper', 'bin/ls')
    put('merged', 'etc/passwd', 'etc/new', 'srv/www/index.html', 'bin/', 'usr/a')
    expect(changes()).toEqual(['C /bin', 'D /bin/ls', 'C /etc', 'A /etc/new', 'C /etc/passwd', 'A /srv', 'A /srv/www', 'A /srv/www/index.html'])
  })

  test('take a file that a layer between deleted for a new one', () => {
    put('bottom', 'a/file')
    put('top', 'a/')
    whiteout('top', 'a/file')
    put('upper', 'a/file')
    put('merged', 'a/file')
    expect(changes()).toEqual(['C /a', 'A /a/file'])
  })

  test('take all for deleted that a folder made anew hides', () => {
    put('top', 'data/one', 'data/two')
    put('bottom', 'data/three')
    put('upper', 'data/mine')
    put('merged', 'data/mine')
    expect(changes()).toEqual(['C /data', 'A /data/mine', 'D /data/one', 'D /data/three', 'D /data/two'])
  })

  test('take nothing for deleted that the mount still shows', () => {
    put('top', 'data/one', 'data/two')
    put('upper', 'data/mine')
    put('merged', 'data/mine', 'data/one', 'data/two')
    expect(changes()).toEqual(['C /data', 'A /data/mine'])
  })

  test('follow no symlink, neither above nor below', () => {
    mkdirSync(join(root, 'elsewhere'))
    writeFileSync(join(root, 'elsewhere/secret'), '')
    symlinkSync(join(root, 'elsewhere'), join(root, 'upper/link'))
    symlinkSync(join(root, 'elsewhere'), join(root, 'top/dir'))
    put('upper', 'dir/secret')
    cpSync(join(root, 'upper'), join(root, 'merged'), {recursive: true, verbatimSymlinks: true})
    expect(changes()).toEqual(['C /dir', 'A /dir/secret', 'A /link'])
  })

  test('see a layer below that is a link itself, as CRI-O names its layers', () => {
    put('real', 'etc/passwd')
    rmSync(join(root, 'bottom'), {recursive: true})
    symlinkSync('real', join(root, 'bottom'))
    put('upper', 'etc/passwd')
    expect(changes()).toEqual(['C /etc', 'C /etc/passwd'])
  })

  test('fail where the upper layer is not there', () => {
    rmSync(join(root, 'upper'), {recursive: true})
    expect(changes).toThrow('ENOENT')
  })
})
