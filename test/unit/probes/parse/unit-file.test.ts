// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, it} from 'vitest'
import {mergeUnitFiles, parseUnitFile} from '../../../../src/probes/parse/unit-file.ts'

describe('parseUnitFile', () => {
  it('gives sections, keys, values and lines', () => {
    expect(parseUnitFile('[Unit]\nDescription = x = y\n\n[Service]\n# no\n; no\nExecStart=/bin/a -b\n')).toEqual([
      {section: 'Unit', key: 'Description', value: 'x = y', line: 2},
      {section: 'Service', key: 'ExecStart', value: '/bin/a -b', line: 7},
    ])
  })

  it('joins continued lines and skips comments between them', () => {
    const text = '[Service]\nExecStart=/bin/a \\\n  --b \\\n# comment\n  --c\nUser=root'
    expect(parseUnitFile(text)).toEqual([
      {section: 'Service', key: 'ExecStart', value: '/bin/a  --b  --c', line: 2},
      {section: 'Service', key: 'User', value: 'root', line: 6},
    ])
  })

  it('leaves out what belongs to no section or is no assignment', () => {
    expect(parseUnitFile('A=1\n[S]\nnonsense\n=x\n[broken\nB=2')).toEqual([{section: 'S', key: 'B', value: '2', line: 6}])
  })

  it('keeps a continued line that the file ends in', () => {
    expect(parseUnitFile('[S]\nA=1 \\')).toEqual([{section: 'S', key: 'A', value: '1', line: 2}])
  })

  it('never throws, and every line number is one of the text', () => {
    fc.assert(fc.property(fc.string({unit: fc.constantFrom(...'[]S=A\\\n#; x'.split(''))}), (text) => {
      const lines = text.split('\n').length
      for (const {line} of parseUnitFile(text)) expect(line >= 1 && line <= lines).toBe(true)
    }))
  })
})

describe('mergeUnitFiles', () => {
  it('collects values with file and line, and clears at an empty assignment', () => {
    const settings = mergeUnitFiles([
      {path: '/u', text: '[Service]\nExecStart=/usr/bin/kubelet\nEnvironment=A=1'},
      {path: '/d', text: '[Service]\nExecStart=\nExecStart=/usr/bin/kubelet $X\nEnvironment=B=2'},
    ])
    expect(settings['Service.ExecStart']).toEqual([{value: '/usr/bin/kubelet $X', source: '/d:3'}])
    expect(settings['Service.Environment']).toEqual([{value: 'A=1', source: '/u:3'}, {value: 'B=2', source: '/d:4'}])
  })

  it('takes hostile names as names', () => {
    expect(Object.keys(mergeUnitFiles([{path: '/u', text: '[__proto__]\nx=1'}]))).toEqual(['__proto__.x'])
  })
})
