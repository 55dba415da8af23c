// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {expandGlob, filesBelow, pathFrom} from '../../../src/probes/files.ts'
import {hostWith} from './tree.ts'

describe('expandGlob', () => {
  it.each([
    ['/c/*.toml', ['/c/a.toml', '/c/b.toml']],
    ['/c/?.toml', ['/c/a.toml', '/c/b.toml']],
    ['/c/[a].toml', ['/c/a.toml']],
    ['/c/[^a].toml', ['/c/b.toml']],
    ['/c/[b-z].*', ['/c/b.toml']],
    ['/*/a.*l', ['/c/a.toml']],
    ['/c/none.toml', ['/c/none.toml']],
    ['/c/[a.toml', []],
    ['/x*/a', []],
  ])('%s', (pattern, paths) => {
    expect(expandGlob(hostWith({'/c/a.toml': '', '/c/b.toml': '', '/c/ab.tom': ''}), pattern)).toEqual(paths)
  })

  it('does not take long for a hostile pattern', () => {
    const host = hostWith({[`/c/${'a'.repeat(200)}`]: ''})
    expect(expandGlob(host, `/c/${'a*'.repeat(500)}b`)).toEqual([])
  })
})

describe('filesBelow', () => {
  it('walks in the order of names, directories in their place', () => {
    expect(filesBelow(hostWith({'/d/2': '', '/d/1/b': '', '/d/1/a': '', '/d/3': '', '/e': ''}), '/d')).toEqual(['/d/1/a', '/d/1/b', '/d/2', '/d/3'])
  })

  it('ends in a directory that contains itself', () => {
    expect(filesBelow(hostWith({'/d/loop': {link: '/d'}, '/d/x': ''}), '/d').length).toBeLessThan(20)
  })
})

describe('pathFrom', () => {
  it('resolves against the file that names the path', () => {
    expect([pathFrom('/a/b.toml', 'c'), pathFrom('/a/b.toml', '../x/./y'), pathFrom('/a/b', '/z//q/'), pathFrom('/a', '../../..')]).toEqual(['/a/c', '/x/y', '/z/q', '/'])
  })

  it('never leaves the root', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('..', '.', 'a', '')), (parts) => {
      expect(pathFrom('/etc/x', parts.join('/'))).toMatch(/^\/(?!.*\.\.)/)
    }))
  })
})
