// SPDX-License-Identifier: Apache-2.0
import type {Observed} from './observed.ts'

/** What `stat` says of a path, symlinks followed (inside the host's root). */
export interface FileStat {
  readonly type: 'file' | 'directory' | 'socket' | 'other'
  /** bytes */
  readonly size: number
  readonly inode: number
  /** `st_dev` as the kernel's tools print it: "major:minor" */
  readonly device: string
  /** permission bits only, e.g. 0o660 */
  readonly mode: number
  readonly uid: number
}

/** Where a host's answers come from. */
export type HostOrigin =
  | {readonly kind: 'live'}
  | {readonly kind: 'root'; readonly root: string; readonly proc: string}
  | {readonly kind: 'snapshot'; readonly file: string}

/**
 * The one read-only door to a machine. Paths are always those of the inspected host (`/etc/docker/daemon.json`,
 * `/proc/1/stat`), whatever root, procfs or snapshot stands behind.
 *
 * Everything that passes is redacted, live as well as recorded, so that a snapshot replays to the same report.
 * File reads are synchronous on purpose: procfs and small files answer from memory.
 */
export interface Host {
  readonly origin: HostOrigin
  /** A text file. Larger than 8 MiB: `too-large`. Never-read paths (private keys, kubeconfigs): `EACCES` with detail. */
  text(path: string): Observed<string>
  /** The names in a directory, sorted. */
  entries(path: string): Observed<readonly string[]>
  /** Where a symlink points, as written in it (not resolved). `/proc/PID/fd/N`, `/proc/PID/exe`, `/proc/PID/ns/net`. */
  target(path: string): Observed<string>
  stat(path: string): Observed<FileStat>
  /**
   * Anything that is not a file: a daemon's answer, a command's output, who we are.
   *
   * @param question a stable key, unique in a run: `docker /run/docker.sock GET /info`, `command ss -xa`
   * @param live answers it on a live host, in so many milliseconds: an answer that comes later is not heard, so that there is
   *   no use in waiting longer; must give plain JSON. Not called when replaying.
   */
  ask<T>(question: string, live: (limitMs: number) => Promise<T>): Promise<Observed<T>>
  /**
   * The same machine seen from inside another root directory, e.g. `/proc/4711/root` of a daemon that runs in a nested
   * node: file paths lie under `directory`, symlinks resolve inside it; `/proc/…` stays this host's. Recorded under the long path.
   */
  within(directory: string): Host
  /** The path on this machine behind a path of the host, to connect to a socket; undefined for a snapshot. */
  localPath(path: string): string | undefined
}

/** Thrown inside `ask` to say why there is no answer; anything else thrown becomes `EIO` with its message. */
export class CannotAsk extends Error {
  readonly reason: 'absent' | 'EACCES' | 'EIO' | 'timeout' | 'unsupported' | 'malformed'

  constructor(reason: CannotAsk['reason'], message: string) {
    super(message)
    this.name = 'CannotAsk'
    this.reason = reason
  }
}
