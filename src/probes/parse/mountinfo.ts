// SPDX-License-Identifier: Apache-2.0

/** A row of /proc/PID/mountinfo (proc_pid_mountinfo(5)), as far as it is used. */
export interface Mount {
  /** `major:minor` of the filesystem */
  readonly device: string
  /** directory (or file) of the filesystem that is mounted */
  readonly root: string
  /** where, seen from the process's root */
  readonly at: string
  /** `ext4`, `tmpfs`, `overlay` */
  readonly type: string
}

/** The mounts in the order they were made: of two at the same place the later one is what is seen. Rows that are none are left out. */
export function parseMountinfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ')
    const [, , device, root, at] = before?.split(' ') ?? []
    const type = after?.split(' ')[0]
    if (device === undefined || root === undefined || at === undefined || type === undefined) return []
    return [{device, root: unescaped(root), at: unescaped(at), type}]
  })
}

/** The kernel writes blank, tab, line feed and backslash as octal (seq_path, fs/seq_file.c). */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** The mount that a path lies in: the last one of those with the longest place. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let found: Mount | undefined
  for (const mount of mounts) {
    if (below(mount.at, path) !== undefined && (found === undefined || mount.at.length >= found.at.length)) found = mount
  }
  return found
}

/** The rest of a path below a folder (or the folder itself: ''), with its slash; undefined where it is elsewhere. */
export function below(folder: string, path: string): string | undefined {
  const prefix = folder === '/' ? '' : folder
  if (path === folder) return ''
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : undefined
}

/**
 * Where a process sees a file of the host: every path at which its mounts show the same place of the same filesystem and no
 * other mount covers it.
 *
 * @param own mounts of the process
 * @param host mounts of the host, and the file's path there
 */
export function seenAt(own: readonly Mount[], host: readonly Mount[], path: string): readonly string[] {
  const carrier = mountOf(host, path)
  const rest = carrier && below(carrier.at, path)
  if (carrier === undefined || rest === undefined) return []
  const inside = join(carrier.root, rest)
  const places = own.filter(({device}) => device === carrier.device).flatMap((mount) => {
    const further = below(mount.root, inside)
    const place = further === undefined ? undefined : join(mount.at, further)
    return place !== undefined && mountOf(own, place) === mount ? [place] : []
  })
  return [...new Set(places)]
}

function join(folder: string, rest: string): string {
  return rest === '' ? folder : `${folder === '/' ? '' : folder}${rest}`
}
