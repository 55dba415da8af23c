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
 * Columns are padded and a name may hold blanks, so a row is taken apart from both ends. Rows without a name (the
 * connecting ends) carry nothing that the named row does not, and are left out.
 */
export function parseSs(text: string): readonly SsRow[] {
  const rows: SsRow[] = []
  for (const line of text.split('\n')) {
    const match = /^u_(?:str|seq)\s+(LISTEN|ESTAB)\s+\d+\s+\d+\s+(\S.*?)\s+(\d+)\s+\*\s+(\d+)\s*(.*)$/.exec(line)
    if (!match || match[2] === '*') continue
    const file = /\bino:(\d+) dev:(\d+)\/(\d+)/.exec(match[5] as string)
    rows.push({
      state: match[1] === 'LISTEN' ? 'listening' : 'connected',
      path: match[2] as string,
      inode: Number(match[3]),
      peerInode: Number(match[4]),
      ...(file ? {file: {device: `${file[2]}:${file[3]}`, inode: Number(file[1])}} : {}),
    })
  }
  return rows
}
