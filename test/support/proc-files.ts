// SPDX-License-Identifier: Apache-2.0
import type {Process} from '../../src/model/facts.ts'

/** A file's text, a link, an empty directory. */
export type ProcEntry = string | {readonly link: string} | {readonly directory: true}

/** What else of a process than its row is put into the tree. */
export interface ProcExtras {
  /** text of /proc/PID/cgroup */
  readonly cgroup?: string
  /** its pid in each pid namespace, outermost first */
  readonly nsPids?: readonly number[]
  readonly uid?: number
  /** PF_KTHREAD is 0x200000 */
  readonly flags?: number
  /** one letter, as in proc_pid_stat(5) */
  readonly state?: string
  /** other files of its folder: `cwd`, `exe`, `ns/net`, `fd/7`, `net/unix` */
  readonly files?: Readonly<Record<string, ProcEntry>>
}

/** The files of /proc/PID that rtctl reads of every process, as the kernel prints them. */
export function procFiles(process: Process, extras: ProcExtras = {}): Record<string, ProcEntry> {
  const {pid, ppid, comm, startTicks, argv} = process
  const {cgroup = '0::/init.scope\n', nsPids = [pid], uid = 0, flags = 0x40_0100, state = 'S', files = {}} = extras
  const fields = [ppid, pid, pid, 0, -1, flags, 900, 0, 0, 0, 12, 7, 0, 0, 20, 0, 1, 0, startTicks, ...Array.from({length: 30}, () => 0)]
  const base = `/proc/${pid}`
  return {
    [`${base}/stat`]: `${pid} (${comm}) ${state} ${fields.join(' ')}\n`,
    [`${base}/cmdline`]: argv.map((word) => `${word}\0`).join(''),
    [`${base}/status`]: `Name:\t${comm}\nPid:\t${pid}\nPPid:\t${ppid}\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nNSpid:\t${nsPids.join('\t')}\n`,
    [`${base}/cgroup`]: cgroup,
    ...Object.fromEntries(Object.entries(files).map(([name, entry]) => [`${base}/${name}`, entry])),
  }
}
