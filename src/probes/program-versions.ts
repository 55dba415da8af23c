// SPDX-License-Identifier: Apache-2.0
import {runCommand} from '../host/command.ts'
import {CannotAsk, type Host} from '../model/host.ts'
import {mapObserved, type Observed, valueOf} from '../model/observed.ts'
import {checkProgram, isRootsOwn} from './trusted-program.ts'

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin']

/** Programs that print their version and end at once. */
const DAEMONS = new Set(['dockerd', 'containerd', 'crio'])
const OCI_RUNTIMES = new Set(['runc', 'crun', 'runsc', 'youki'])

/**
 * The version of a running daemon that nobody told, from the program itself: only on a live host, only of a known
 * program, and only where no one but root can have put it there.
 */
export async function probeDaemonVersion(host: Host, pid: number): Promise<Observed<string>> {
  const exe = host.target(`/proc/${pid}/exe`)
  if (exe.state !== 'ok') return exe
  return askVersion(host, exe.value.replace(/ \(deleted\)$/, ''), DAEMONS, (path) => checkProgram(host, `/proc/${pid}/exe`, path))
}

/**
 * The version of an OCI runtime, which never runs when one looks.
 *
 * @param name `runc`, or the absolute path that a shim was told
 */
export async function probeRuntimeVersion(host: Host, name: string): Promise<Observed<string>> {
  const candidates = name.startsWith('/') ? [name] : FOLDERS.map((folder) => `${folder}/${name}`)
  const path = candidates.find((one) => valueOf(host.stat(one))?.type === 'file') ?? name
  return askVersion(host, path, OCI_RUNTIMES, () => {
    if (!isRootsOwn(host, path)) throw new CannotAsk('unsupported', `${path} is not here, or others than root may change it`)
  })
}

async function askVersion(host: Host, path: string, known: ReadonlySet<string>, check: (path: string) => void): Promise<Observed<string>> {
  const said = await host.ask(`program version ${path}`, async (limitMs) => {
    if (host.origin.kind !== 'live') throw new CannotAsk('unsupported', 'rtctl starts no program of a host that is mounted')
    if (!known.has(path.slice(path.lastIndexOf('/') + 1))) throw new CannotAsk('unsupported', `${path} is not asked for its version`)
    check(path)
    return runCommand(path, ['--version'], limitMs)
  })
  return mapObserved(said, programVersion)
}

/**
 * The version in what a program prints: `runc version 1.1.5`, `Docker version 20.10.24+dfsg1, build 297e128`,
 * `containerd github.com/containerd/containerd 1.6.20~ds1`.
 *
 * @throws Error where there is none
 */
export function programVersion(text: string): string {
  const match = /^\S+ version:? v?((?=[^\s\d]*\d)[\w.+~-]{1,60})/m.exec(text) ?? /^containerd \S+ v?([\w.+~-]{1,60})/m.exec(text)
  if (!match?.[1]) throw new Error('no version in its answer')
  return match[1]
}
