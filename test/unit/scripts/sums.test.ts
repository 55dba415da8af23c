// SPDX-License-Identifier: Apache-2.0
import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {packSums} from '../../../scripts/pack/sums.ts'

let out: string

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'rtctl-sums-'))
  const names = ['_1.2.3_amd64.deb', '-1.2.3-linux-x64', '-1.2.3.cdx.json', '-1.2.3-linux-x64.tar.gz', '-1.2.3-image.tar']
  for (const name of names) writeFileSync(join(out, `rtctl${name}`), `content of ${name}`)
})
afterEach(() => rmSync(out, {recursive: true}))

const packed = () => packSums({root: '/nowhere', work: '/nowhere', out, version: '1.2.3', epoch: 0})

test('sha256sum accepts the sums, of every artefact and sorted by name', async () => {
  expect(await packed()).toEqual(['SHA256SUMS'])
  const lines = execFileSync('sha256sum', ['--strict', '-c', 'SHA256SUMS'], {cwd: out, encoding: 'utf8'})
  expect(lines.trim().split('\n')).toEqual(readdirSync(out).filter((name) => name !== 'SHA256SUMS').sort().map((name) => `${name}: OK`))
})

test('sha256sum finds the artefact that was changed', async () => {
  await packed()
  writeFileSync(join(out, 'rtctl-1.2.3-image.tar'), 'other')
  const {status, stdout} = spawnSync('sha256sum', ['-c', 'SHA256SUMS'], {cwd: out, encoding: 'utf8'})
  expect({status, stdout}).toMatchObject({status: 1, stdout: expect.stringContaining('rtctl-1.2.3-image.tar: FAILED')})
})

test('packing again gives the same sums, without those of before', async () => {
  await packed()
  const before = readFileSync(join(out, 'SHA256SUMS'), 'utf8')
  await packed()
  expect(readFileSync(join(out, 'SHA256SUMS'), 'utf8')).toBe(before)
})

test.each([
  ['a folder', () => mkdirSync(join(out, 'rtctl-tree'))],
  ['a file left half written', () => writeFileSync(join(out, 'rtctl-1.2.3-image.tar.unfinished'), '')],
])('%s is no artefact, and nothing is summed', async (_, make) => {
  make()
  await expect(packed()).rejects.toThrow('is no artefact')
  expect(readdirSync(out)).not.toContain('SHA256SUMS')
})
