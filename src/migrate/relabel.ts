// SPDX-License-Identifier: Apache-2.0
import type {Machine} from './machine.ts'

/**
 * Gives a new file the SELinux label that the policy has for its path: it was made under another name. Where there is no SELinux, or no
 * restorecon, nothing is done; the label that the folder gave it is mostly the right one then.
 */
export async function relabel(machine: Machine, path: string): Promise<void> {
  if (machine.files.look('/sys/fs/selinux/enforce').type === 'absent') return
  await machine.run('restorecon', [path]).catch(() => undefined)
}
