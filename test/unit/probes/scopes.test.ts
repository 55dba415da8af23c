// SPDX-License-Identifier: Apache-2.0
import {describe, expect, test} from 'vitest'
import type {Process} from '../../../src/model/facts.ts'
import {probeProcessDetail} from '../../../src/probes/processes.ts'
import {findNested} from '../../../src/probes/scopes.ts'
import {procFiles, type ProcExtras} from './proc-tree.ts'
import {hostWith, processOf} from './tree.ts'

type Row = readonly [process: Process, nsPids?: readonly number[]]

/** Where the processes of a tree run; details are read of those named. */
function nestedOf(rows: readonly Row[], named: readonly number[], extras: ProcExtras = {}): Record<number, number> {
  const host = hostWith(Object.assign({}, ...rows.map(([process, nsPids]) => procFiles(process, {...extras, ...(nsPids && {nsPids})}))))
  const details = new Map(named.map((pid) => [pid, probeProcessDetail(host, pid, 'container')]))
  return findNested(host, new Map(rows.map(([process]) => [process.pid, process])), details)
}

const HOST: readonly Row[] = [[processOf(1, '/sbin/init', 0)], [processOf(600, 'containerd-shim-runc-v2', 1)]]
const KIND: readonly Row[] = [
  ...HOST, [processOf(620, '/sbin/init', 600), [620, 1]], [processOf(710, 'containerd', 620), [710, 80]],
  [processOf(730, 'containerd-shim-runc-v2', 620), [730, 95]], [processOf(750, '/pause', 730), [750, 110, 1]],
]

describe('a process of a machine inside the machine', () => {
  test('belongs to the first process of its pid namespace', () => {
    expect(nestedOf(KIND, [710, 730])).toEqual({710: 620, 730: 620})
  })

  test('is its own first process where it is one: a container', () => {
    expect(nestedOf(KIND, [620, 750])).toEqual({620: 620, 750: 750})
  })

  test('is not looked for among the processes of the host', () => {
    expect(nestedOf(KIND, [1, 600])).toEqual({})
  })

  test('has no machine where it was put in from outside (docker exec)', () => {
    expect(nestedOf([...KIND, [processOf(800, 'containerd', 600), [800, 200]]], [800])).toEqual({})
  })

  test('has no machine where its parents are not listed, or form a loop', () => {
    expect(nestedOf([...HOST, [processOf(900, 'dockerd', 901), [900, 5]]], [900])).toEqual({})
    expect(nestedOf([...HOST, [processOf(900, 'dockerd', 901), [900, 5]], [processOf(901, 'x', 900), [901, 6]]], [900])).toEqual({})
  })

  test('is not known to a kernel before 4.1, which prints no NSpid', () => {
    const rows = [[processOf(1, 'init', 0), []], [processOf(5, 'dockerd', 1), []]] as const
    expect(nestedOf(rows, [5])).toEqual({})
  })

  test('that vanished is left out', () => {
    const host = hostWith({})
    const process = processOf(5, 'dockerd', 1)
    expect(findNested(host, new Map([[5, process]]), new Map([[5, probeProcessDetail(host, 5, 'daemon')]]))).toEqual({})
  })
})
