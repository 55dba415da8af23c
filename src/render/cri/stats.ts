// SPDX-License-Identifier: Apache-2.0
import {humanSize} from './human.ts'
import {visible} from '../visible.ts'
import {renderTable} from './table.ts'

/** Characters of an id that crictl's tables show (cmd/crictl/util.go). */
const SHORT_ID = 13

/** What stands for a share of the CPU that is not known. */
const UNKNOWN = '-'

export interface UsageRow {
  readonly id: string
  readonly name: string
  readonly cpuPercent: number | undefined
  /** bytes, as all sizes here */
  readonly memory: number
}

export interface ContainerUsageRow extends UsageRow {
  readonly disk: number
  readonly inodes: number
  readonly swap: number
}

export interface TopRow extends ContainerUsageRow {
  readonly pod: string
  readonly namespace: string
}

/** The table of `stats`, with crictl's columns. */
export function renderContainerStats(rows: readonly ContainerUsageRow[]): string {
  return renderTable([
    ['CONTAINER', 'NAME', 'CPU %', 'MEM', 'DISK', 'INODES', 'SWAP'],
    ...rows.map(({id, name, cpuPercent, memory, disk, inodes, swap}) => (
      [id.slice(0, SHORT_ID), name, percent(cpuPercent), humanSize(memory), humanSize(disk), String(inodes), humanSize(swap)]
    )),
  ])
}

/** The table of `statsp`, with crictl's columns. */
export function renderPodStats(rows: readonly UsageRow[]): string {
  return renderTable([
    ['POD', 'POD ID', 'CPU %', 'MEM'],
    ...rows.map(({id, name, cpuPercent, memory}) => [name, id.slice(0, SHORT_ID), percent(cpuPercent), humanSize(memory)]),
  ])
}

/** The table of `top`: as narrow as it can be, with what is counted before what may be long. */
export function renderTop(rows: readonly TopRow[]): string {
  const cells = [
    ['CPU %', 'MEM', 'DISK', 'CONTAINER', 'NAME', 'POD', 'NAMESPACE'],
    ...rows.map(({id, name, pod, namespace, cpuPercent, memory, disk}) => (
      [percent(cpuPercent), humanSize(memory), humanSize(disk), id.slice(0, SHORT_ID), name, pod || UNKNOWN, namespace || UNKNOWN].map(visible)
    )),
  ]
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0))) ?? []
  // Numbers stand under each other, at the right.
  const line = (row: readonly string[]) => row.map((cell, column) => (column < 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
  return cells.map((row) => `${line(row).join('  ').trimEnd()}\n`).join('')
}

function percent(share: number | undefined): string {
  return share === undefined ? UNKNOWN : share.toFixed(2)
}
