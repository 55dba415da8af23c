// SPDX-License-Identifier: Apache-2.0

/** One row of `ss -xae`, of a listener or of a connected socket that has a name. */
export interface SsRow {
  readonly state: 'listening' | 'connected'
  readonly path: string
  readonly inode: number
  /** 0 for a listener */
  readonly peerInode: number
  /** the socket file behind the name, by device ("major:minor") and inode: what a rename does not change */
  readonly file?: {readonly device: string; readonly inode: number}
}

/**
 * Reads what `ss -xae` (iproute2) prints: `u_str ESTAB 0 0 /run/docker.sock 46466 * 46465 <-> ino:110 dev:0/43`.
 * Columns are padded, and a name may hold blanks and whatever else its owner chose, so the last columns that look like
 * inode and peer count. Runs of blanks inside a name become one. Rows without a name (the connecting ends) carry
 * nothing that the named row does not, and are left out.
 */
export function parseSs(text: string): readonly SsRow[] {
  return text.split('\n').flatMap((line) => parseRow(line) ?? [])
}

function parseRow(line: string): SsRow | undefined {
  const [kind, state, received, sent, ...rest] = line.split(' ').filter((word) => word !== '')
  if (!/^u_(?:str|seq)$/.test(kind ?? '') || !/^(?:LISTEN|ESTAB)$/.test(state ?? '') || !isNumber(received) || !isNumber(sent)) return undefined
  const star = rest.findLastIndex((word, index) => word === '*' && isNumber(rest[index - 1]) && isNumber(rest[index + 1]))
  const path = rest.slice(0, Math.max(0, star - 1)).join(' ')
  if (path === '' || path === '*') return undefined
  const file = /\bino:(\d+) dev:(\d+)\/(\d+)/.exec(rest.slice(star + 2).join(' '))
  return {
    state: state === 'LISTEN' ? 'listening' : 'connected',
    path,
    inode: Number(rest[star - 1]),
    peerInode: Number(rest[star + 1]),
    ...(file ? {file: {device: `${file[2]}:${file[3]}`, inode: Number(file[1])}} : {}),
  }
}

function isNumber(word: string | undefined): boolean {
  return word !== undefined && /^\d+$/.test(word)
}
