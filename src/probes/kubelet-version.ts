// SPDX-License-Identifier: Apache-2.0
import {runCommand} from '../host/command.ts'
import {CannotAsk, type Host} from '../model/host.ts'
import {mapObserved, type Observed, ok, unreadable, valueOf} from '../model/observed.ts'
import {baseName} from './parse/untrusted.ts'
import {checkProgram} from './trusted-program.ts'

/** How each program is asked; microk8s' kubelite cannot be. */
const ARGUMENTS = new Map([
  ['kubelet', ['--version']],
  ['hyperkube', ['kubelet', '--version']],
  ['k3s', ['--version']],
  ['rke2', ['--version']],
  ['k0s', ['version']],
])

/**
 * The version of a running kubelet, without `v`: `1.20.2`, `1.28.3+k3s1`. From the path of its program (rke2, minikube), from
 * the version file of a kind node, else from the program itself: only on a live host, only one of the known programs, and only
 * where no one but root can have put it there.
 */
export async function probeKubeletVersion(host: Host, pid: number): Promise<Observed<string>> {
  const link = `/proc/${pid}/exe`
  const exe = host.target(link)
  if (exe.state !== 'ok') return exe
  const path = exe.value.replace(/ \(deleted\)$/, '')
  const named = versionIn(/\/(v1\.\d+\.\d+[^/]*)\//.exec(path)?.[1])
  if (named !== undefined) return ok(named, exe.source)
  const kind = host.text('/kind/version')
  const kindVersion = versionIn(valueOf(kind))
  if (kindVersion !== undefined) return ok(kindVersion, kind.source)
  const said = await host.ask(`kubelet version ${path}`, async (limitMs) => {
    const args = ARGUMENTS.get(baseName(path))
    if (host.origin.kind !== 'live') throw new CannotAsk('unsupported', 'rtctl starts no program of a host that is mounted')
    if (args === undefined) throw new CannotAsk('unsupported', `${path} cannot be asked for its version`)
    checkProgram(host, link, path)
    return runCommand(path, args, limitMs)
  })
  return said.state !== 'ok' ? said : versionOrMalformed(said)
}

function versionOrMalformed(said: Observed<string>): Observed<string> {
  return mapObserved(said, (text) => {
    const version = versionIn(text)
    if (version === undefined) throw new Error('no version in its answer')
    return version
  })
}

/** The first version number of Kubernetes in a text: `Kubernetes v1.20.2`, `k3s version v1.28.3+k3s1 (…)`. */
export function versionIn(text: string | undefined): string | undefined {
  return /\bv(1\.\d{1,3}\.\d{1,3}(?:[-+.][\w.+-]{1,60})?)/.exec(text ?? '')?.[1]
}

/** Whether a version is at least 1.MINOR; undefined where it is not known. */
export function isAtLeast(version: Observed<string>, minor: number): boolean | undefined {
  const found = /^1\.(\d+)\./.exec(valueOf(version) ?? '')?.[1]
  return found === undefined ? undefined : Number(found) >= minor
}

/** What a kubelet that does not run has for a version. */
export const NOT_RUNNING = unreadable('kubelet', 'unsupported', 'the kubelet does not run, and its version is not written on disk')
