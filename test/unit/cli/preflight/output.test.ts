// SPDX-License-Identifier: Apache-2.0
import {expect, test} from 'vitest'
import {Scan} from '../../../../src/app/preflight/scan.ts'
import {preflightReport} from '../../../../src/app/preflight/report.ts'
import {formatted} from '../../../../src/cli/preflight/output.ts'
import {styleFor} from '../../../../src/cli/style.ts'

const upgrade = {target: 'containerd', kubernetes: '1.24', oracle: {}} as const
const options = {style: styleFor(process.stdout, {}), width: undefined, failOn: 'high'} as const

test('a report that is longer than a text can be is a sentence, not a bug', async () => {
  const {found} = new Scan([], upgrade)
  const report = preflightReport({rtctlVersion: '1', upgrade: upgrade, found, nodes: [], findings: []})
  const long = Object.defineProperty({...report}, 'gaps', {enumerable: true, get: () => { throw new RangeError('Invalid string length') }})
  await expect(formatted(long, 'json', [], options)).rejects.toMatchObject({
    message: '0 findings are too many for one report of -o json.', next: expect.stringContaining('-o prometheus'), exitCode: 2,
  })
  await expect(formatted(Object.defineProperty({...report}, 'gaps', {enumerable: true, get: () => { throw new RangeError('another') }}), 'json', [], options)).rejects.toThrow('another')
})
