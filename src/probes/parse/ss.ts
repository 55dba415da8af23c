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
    ...(file ? {file: {device: deviceOf(Number(file[2]), Number(file[3])), inode: Number(file[1])}} : {}),
  }
}

function isNumber(word: string | undefined): boolean {
  return word !== undefined && /^\d+$/.test(word)
}

/**
 * The kernel gives sock_diag its own device number (major << 20 | minor, MKDEV of include/linux/kdev_t.h), and `ss`
 * splits it as if it were one of user space (gnu_dev_major: bits 8 to 19): `dev:0/65024` is device 254:0.
 */
function deviceOf(printedMajor: number, printedMinor: number): string {
  return `${printedMinor >>> 8}:${(printedMajor << 8) | (printedMinor & 0xff)}`
}
