// SPDX-License-Identifier: Apache-2.0
import {spawn} from 'node:child_process'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {ROOT} from '../../support/node.ts'

const file = JSON.stringify(join(ROOT, 'src/cli/interrupt.ts'))

/** Runs a program that imports `interruptible`, and sends it the signals, each when it has printed the next line. */
async function run(program: string, ...signals: readonly NodeJS.Signals[]): Promise<{readonly lines: readonly string[]; readonly end: number | string | null}> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', `import {interruptible} from ${file}\n${program}`], {stdio: ['ignore', 'pipe', 'inherit']})
  const lines: string[] = []
  const left = [...signals]
  child.stdout.on('data', (bytes: Buffer) => {
    for (const line of bytes.toString().trim().split('\n')) {
      lines.push(line)
      const signal = left.shift()
      if (signal !== undefined) child.kill(signal)
    }
  })
  const end = await new Promise<number | string | null>((resolve) => child.once('close', (status, signal) => resolve(status ?? signal)))
  return {lines, end}
}

const FOR_EVER = 'const alive = setInterval(() => {}, 1000)'

describe('interruptible work', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('is told of %s and ends in its own way', async (signal) => {
    const program = `${FOR_EVER}
      await interruptible((signal) => new Promise((resolve) => { signal.onabort = resolve; console.log('ready') }))
      console.log('cleaned up'); clearInterval(alive)`
    expect(await run(program, signal)).toEqual({lines: ['ready', 'cleaned up'], end: 0})
  })

  test('that takes too long is ended by the second signal', async () => {
    const program = `${FOR_EVER}
      await interruptible((signal) => new Promise(() => { signal.onabort = () => console.log('told'); console.log('ready') }))`
    expect(await run(program, 'SIGINT', 'SIGINT')).toEqual({lines: ['ready', 'told'], end: 130})
  })

  test('leaves signals to whoever had them before', async () => {
    const program = `${FOR_EVER}
      process.on('SIGTERM', () => process.exit(77))
      await interruptible(async () => {}).then(() => console.log('done'))`
    expect(await run(program, 'SIGTERM')).toEqual({lines: ['done'], end: 77})
  })

  test('gives its result, and its failure', async () => {
    const program = "console.log(await interruptible(async () => 7)); await interruptible(async () => { throw new Error('bad') }).catch((error) => console.log(error.message))"
    expect((await run(program)).lines.join(' ')).toBe('7 bad')
  })
})
