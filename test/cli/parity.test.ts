// SPDX-License-Identifier: Apache-2.0
// `rtctl cri` against what crictl printed on real engines: the same answers of the runtime, the same output.
// fixtures/cri/ was recorded by scripts/record-parity.ts.
import {basename, join} from 'node:path'
import {globSync} from 'node:fs'
import {load} from 'js-yaml'
import {afterEach, describe, expect, test, vi} from 'vitest'
import {type ParityCase, parityCases} from '../support/parity.ts'
import {replayCri} from '../support/cri-tape.ts'
import {temporaryFolder} from '../unit/cri/fake-cri.ts'
import {type Answer, rtctl} from './support.ts'

const files = globSync('fixtures/cri/*.jsonl').toSorted()

afterEach(() => {
  vi.useRealTimers()
})

test('three generations of containerd were recorded', () => expect(files.map((file) => basename(file, '.jsonl'))).toEqual(['bookworm', 'forky', 'trixie']))

describe.each(files)('%s', (file) => {
  const cases = parityCases(file)

  test.each(cases.map((one) => [one.argv.map(shortened).join(' '), one] as const))('%s', async (_, one) => {
    const answer = await replayed(one)
    expect(answer.status, answer.stderr).toBe(one.status)
    expect(readable(answer.stdout, one)).toEqual(readable(one.stdout, one))
  })
})

async function replayed({argv, at, exchanges}: ParityCase): Promise<Answer> {
  const folder = temporaryFolder()
  const socket = join(folder.path, 'cri.sock')
  const replay = await replayCri(socket, exchanges)
  try {
    vi.useFakeTimers({toFake: ['Date'], now: at})
    return await rtctl('cri', '--runtime-endpoint', `unix://${socket}`, ...argv)
  } finally {
    replay.stop()
    folder.remove()
  }
}

/** Documents as data, because the order of keys and the quotes of YAML mean nothing; everything else as it is. */
function readable(text: string, {argv}: ParityCase): unknown {
  // crictl clears the screen before a table of statistics, even when that is no terminal.
  const plain = text.replaceAll('\u001b[2J\u001b[H', '')
  try {
    return argv.includes('yaml') ? load(plain) : JSON.parse(plain)
  } catch {
    return plain
  }
}

function shortened(word: string): string {
  return /^[0-9a-f]{64}$/.test(word) ? word.slice(0, 6) : word
}
