// SPDX-License-Identifier: Apache-2.0
import {CannotAsk, type Host} from '../model/host.ts'
import {valueOf} from '../model/observed.ts'

/**
 * Whether a program may be started to ask it something: the file at the path must be the one that runs, lie on this
 * machine itself, and belong to root alone.
 *
 * @param link `/proc/PID/exe` of the running process
 * @throws CannotAsk `unsupported` where it may not
 */
export function checkProgram(host: Host, link: string, path: string): void {
  const [running, file] = [valueOf(host.stat(link)), valueOf(host.stat(path))]
  const same = running !== undefined && file !== undefined && running.inode === file.inode && running.device === file.device
  if (!same || host.localPath(path) !== path) throw new CannotAsk('unsupported', `${path} of this machine is not the program that runs`)
  if (!isRootsOwn(host, path)) throw new CannotAsk('unsupported', `others than root may change ${path}`)
}

/** Whether a file is there that only root can write. */
export function isRootsOwn(host: Host, path: string): boolean {
  const file = valueOf(host.stat(path))
  return file?.type === 'file' && file.uid === 0 && (file.mode & 0o022) === 0
}
