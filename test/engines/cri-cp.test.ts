// SPDX-License-Identifier: Apache-2.0
import {randomBytes} from 'node:crypto'
import {mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {writePod} from './harness/configs.ts'
import {type Engines, startEngines} from './harness/engines.ts'
import {criOf} from './harness/rtctl.ts'
import {withEngines} from './harness/suite.ts'

describe.each(['bookworm', 'forky'] as const)('rtctl cri cp with the containerd of %s', (suite) => {
  const engines = withEngines<Engines>(async (started) => started(await startEngines(suite, {docker: false, cri: true})))

  test('a tree goes into a container and comes back the same', async () => {
    const cri = criOf(engines())
    const files = writePod(engines(), 'copies')
    const pod = await cri.ok('runp', files.pod)
    const id = await cri.ok('create', pod, files.container('main'), files.pod)
    await cri.ok('start', id)
    const [source, back] = [join(engines().directory, 'source'), join(engines().directory, 'back')]
    const content = randomBytes(5_000_000)
    mkdirSync(join(source, 'sub'), {recursive: true})
    writeFileSync(join(source, 'sub/big'), content, {mode: 0o640})
    symlinkSync('sub/big', join(source, 'link'))
    symlinkSync('/etc/passwd', join(source, 'out'))

    const into = await cri.start('cp', source, `${id}:/tmp/copied`).ended
    expect([into.status, into.stderr]).toEqual([0, 'Copied 1 file, 5MB\n'])
    expect(await cri.ok('exec', '-s', id, 'busybox', 'wc', '-c', '/tmp/copied/link')).toBe('5000000 /tmp/copied/link')

    const out = await cri.start('cp', `${id}:/tmp/copied`, back).ended
    expect(out.status).toBe(1)
    expect(out.stderr).toContain('copied/out: it is a link to /etc/passwd')
    expect(readFileSync(join(back, 'link')).equals(content)).toBe(true)
    expect(statSync(join(back, 'sub/big')).mode & 0o777).toBe(0o640)
    expect(readdirSync(back).toSorted()).toEqual(['link', 'sub'])

    const missing = await cri.start('cp', `${id}:/nowhere`, back).ended
    expect([missing.status, missing.stderr]).toEqual([1, expect.stringContaining('No such file or directory')])
    await cri.ok('rmp', '--force', pod)
  })
})
