// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {renderFrame} from '../../../../src/render/cri/frame.ts'
import {renderContainerStats, renderPodStats, renderTop} from '../../../../src/render/cri/stats.ts'

const row = {id: '8bf2946ed70510ecbd4', name: 'edit', cpuPercent: 12.345, memory: 254_000, disk: 45_060, inodes: 14, swap: 0}

describe('the tables of usage', () => {
  test('are those of crictl', () => {
    expect(renderContainerStats([row])).toBe(
      'CONTAINER           NAME                CPU %               MEM                 DISK                INODES              SWAP\n' +
      '8bf2946ed7051       edit                12.35               254kB               45.06kB             14                  0B\n',
    )
    expect(renderPodStats([row])).toBe(
      'POD                 POD ID              CPU %               MEM\n' +
      'edit                8bf2946ed7051       12.35               254kB\n',
    )
  })

  test('have a dash where the CPU is not known', () => {
    expect(renderPodStats([{...row, cpuPercent: undefined}])).toContain('8bf2946ed7051       -  ')
  })

  test('of top are narrow, with numbers at the right', () => {
    expect(renderTop([{...row, pod: 'web', namespace: 'shop'}, {...row, name: 'a\u001b[2J', cpuPercent: 100, pod: '', namespace: ''}])).toBe(
      ' CPU %    MEM     DISK  CONTAINER      NAME      POD  NAMESPACE\n' +
      ' 12.35  254kB  45.06kB  8bf2946ed7051  edit      web  shop\n' +
      String.raw`100.00  254kB  45.06kB  8bf2946ed7051  a\x1b[2J  -    -` + '\n',
    )
  })
})

describe('a frame', () => {
  test('writes over the one before, line by line, and erases the rest', () => {
    expect(renderFrame('one\ntwo\n', {columns: 80, rows: 24})).toBe('\u001b[Hone\u001b[K\ntwo\u001b[K\u001b[J')
  })

  test('says how many lines it has no room for', () => {
    expect(renderFrame('1\n2\n3\n4\n', {columns: 80, rows: 3})).toBe('\u001b[H1\u001b[K\n2\u001b[K\n… 2 more\u001b[K\u001b[J')
  })

  test('never has more lines or longer ones than the terminal', () => {
    fc.assert(fc.property(fc.array(fc.stringMatching(/^[a-z ]{0,30}$/)), fc.integer({min: 1, max: 10}), fc.integer({min: 10, max: 20}), (lines, rows, columns) => {
      const shown = renderFrame(lines.join('\n'), {columns, rows}).replaceAll(/\u001b\[[HKJ]/g, '').split('\n')
      expect(shown.length).toBeLessThanOrEqual(rows)
      for (const line of shown) expect(line.length).toBeLessThanOrEqual(columns)
    }))
  })
})
