// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest'
import {ROOT} from '../support/node.ts'
import {fakeDocker, json, type FakeDocker} from '../unit/images/fake-docker.ts'
import {liveCri, type LiveCri} from '../unit/app/cri/live-cri.ts'
import {rtctl} from './support.ts'

const [ID, OTHER] = [`sha256:${'a'.repeat(64)}`, `sha256:${'b'.repeat(64)}`]
const folder = mkdtempSync(join(tmpdir(), 'rtctl-images-'))
const architecture = ({x64: 'amd64'} as Record<string, string>)[process.arch] ?? process.arch

let docker: FakeDocker
let cri: LiveCri

/** A Docker with one image, and a runtime that has it, and another under one name. */
beforeAll(async () => {
  docker = await fakeDocker((path, response) => {
    if (path === '/info') json(response, {})
    else if (path === '/images/json') json(response, [{RepoTags: ['there:1', 'differs:1']}])
    else if (/^\/images\/docker.io\/library\/(?:there|differs)%3A1\/json$/.test(path)) json(response, {Id: ID, RootFS: {Layers: []}, Size: 5, Os: 'linux', Architecture: architecture})
    else json(response, {message: 'No such image'}, 404)
  })
  cri = await liveCri({ImageStatus: ({image}: {image: {image: string}}) => {
    const ids: Readonly<Record<string, string>> = {'there:1': ID, 'differs:1': OTHER}
    return ids[image.image] === undefined ? {} : {image: {id: ids[image.image]}}
  }})
})

afterAll(async () => {
  await docker.stop()
  cri.stop()
  rmSync(folder, {recursive: true})
})

const migrate = (...argv: readonly string[]) => rtctl('images', 'migrate', '--docker-socket', docker.socket, '--runtime-endpoint', `unix://${cri.socket}`, '--to', 'cri-o', ...argv)

describe('rtctl images migrate', () => {
  test('says what is there and what Docker has otherwise, and ends with 0', async () => {
    const {status, stdout, stderr} = await migrate('--all')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toBe([
      'there     differs:1', `          Docker has another image under this name, ${ID.slice(0, 19)}; the runtime's was left alone.`, 'there     there:1',
      '0 moved: 0B; 2 there already', '',
    ].join('\n'))
  })

  test('ends with 4 where an image was not moved, which is said with the reason', async () => {
    const {status, stdout} = await migrate('there:1', 'none:1', 'x\u001b[2J')
    expect(status).toBe(4)
    expect(stdout).toContain('not moved none:1\n          Docker has no such image: the runtime has to pull it.\n')
    expect(stdout).not.toContain('\u001b')
  })

  test('gives data with --json, the errors too', async () => {
    expect(JSON.parse((await migrate('there:1', '--json')).stdout)).toEqual({images: [{name: 'there:1', state: 'present', id: ID}], movedBytes: 0, sharedBytes: 0})
    const {status, stdout} = await rtctl('images', 'migrate', 'a', '--json', '--docker-socket', join(folder, 'none.sock'), '--runtime-endpoint', cri.socket)
    expect([status, JSON.parse(stdout)]).toEqual([1, {error: {message: `There is no socket ${join(folder, 'none.sock')}.`, next: expect.stringContaining('--docker-socket'), exitCode: 1}}])
  })

  test.each([
    ['names beside --all', ['--all', 'a:1'], 2, '--all means every image'],
    ['an endpoint that is none', ['a:1', '--runtime-endpoint', 'tcp://127.0.0.1:1'], 2, 'no unix socket'],
    ['a runtime that nobody knows', ['a:1', '--to', 'podman'], 2, '--to'],
  ] as const)('refuses %s', async (_, argv, status, words) => {
    const answer = await rtctl('images', 'migrate', '--docker-socket', docker.socket, ...argv)
    expect([answer.status, answer.stdout]).toEqual([status, ''])
    expect(answer.stderr).toContain(words)
  })

  test('ends with 130 after Ctrl-C, and says how to go on', async () => {
    const hanging = await fakeDocker(() => undefined)
    try {
      const argv = [join(ROOT, 'bin/dev.js'), 'images', 'migrate', 'a:1', '--docker-socket', hanging.socket, '--runtime-endpoint', cri.socket]
      const child = spawn(process.execPath, argv, {stdio: ['ignore', 'ignore', 'pipe']})
      let said = ''
      child.stderr.on('data', (bytes: Buffer) => {
        said += bytes.toString()
      })
      await vi.waitFor(() => expect(hanging.asked).not.toEqual([]), 20_000)
      child.kill('SIGINT')
      expect(await once(child, 'exit')).toEqual([130, null])
      expect(said).toBe('rtctl: Interrupted.\nDo the same again: only the rest is moved.\n')
    } finally {
      await hanging.stop()
    }
  }, 30_000)

  test('says that the runtime is no containerd, or that nobody listens', async () => {
    const wrong = await rtctl('images', 'migrate', 'none:1', 'there:1', '--docker-socket', docker.socket, '--runtime-endpoint', cri.socket)
    expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining('is no containerd')])
    const nobody = await rtctl('images', 'migrate', 'there:1', '--docker-socket', docker.socket, '--runtime-endpoint', join(folder, 'none.sock'))
    expect([nobody.status, nobody.stderr]).toEqual([1, expect.stringContaining(join(folder, 'none.sock'))])
  }, 20_000)
})
