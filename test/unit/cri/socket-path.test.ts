// SPDX-License-Identifier: Apache-2.0
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {connectPath, connectProblem} from '../../../src/cri/socket-path.ts'
import {serveRaw, temporaryFolder} from './fake-cri.ts'

test('a short path is taken as it is, counted in bytes', () => {
  expect(connectPath('/run/containerd/containerd.sock').path).toBe('/run/containerd/containerd.sock')
  const folder = temporaryFolder()
  try {
    const path = join(folder.path, 'é'.repeat(40), 'é'.repeat(3))
    expect(() => connectPath(path)).toThrow('ENOENT')
  } finally {
    folder.remove()
  }
})

test.runIf(process.platform === 'linux')('the handle of a long path is given back', () => {
  const folder = temporaryFolder()
  try {
    const before = readdirSync('/proc/self/fd').length
    const {path, release} = connectPath(`${folder.path}/${'./'.repeat(60)}a.sock`)
    expect(path).toMatch(/^\/proc\/self\/fd\/\d+\/a\.sock$/)
    release()
    expect(() => connectPath(`${folder.path}/${'x'.repeat(200)}`)).toThrow('too long')
    expect(readdirSync('/proc/self/fd')).toHaveLength(before)
  } finally {
    folder.remove()
  }
})

test('a socket that accepts has no problem', async () => {
  const folder = temporaryFolder()
  const server = await serveRaw(join(folder.path, 'a.sock'), () => undefined)
  try {
    expect(await connectProblem(join(folder.path, 'a.sock'))).toBeUndefined()
    expect(await connectProblem(folder.path)).toBe('EISDIR')
    expect(await connectProblem(join(folder.path, 'b.sock'))).toBe('ENOENT')
  } finally {
    server.stop()
    folder.remove()
  }
})
