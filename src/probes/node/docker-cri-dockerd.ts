// SPDX-License-Identifier: Apache-2.0
import {runCommand} from '../../host/command.ts'
import type {Facts} from '../../model/facts.ts'
import {CannotAsk, type Host} from '../../model/host.ts'
import {absent, mapObserved, type Observed, valueOf} from '../../model/observed.ts'
import {checkProgram} from '../trusted-program.ts'

/**
 * The version of the cri-dockerd of this host: over the CRI it tells that of Docker, so that its program is asked, under the same
 * conditions as every other (only on a live host, only where none but root can have put it there).
 */
export async function askCriDockerd(host: Host, facts: Facts): Promise<Observed<string>> {
  const running = (valueOf(facts.processes.all) ?? []).find(({pid, argv}) => /(?:^|\/)cri-dockerd$/.test(argv[0] ?? '') && facts.processes.inside[pid] === undefined)
  if (running === undefined) return absent('cri-dockerd')
  const link = `/proc/${running.pid}/exe`
  const exe = host.target(link)
  if (exe.state !== 'ok') return exe
  const path = exe.value.replace(/ \(deleted\)$/, '')
  const said = await host.ask(`program version ${path}`, async (limitMs) => {
    if (host.origin.kind !== 'live') throw new CannotAsk('unsupported', 'rtctl starts no program of a host that is mounted')
    if (!path.endsWith('/cri-dockerd')) throw new CannotAsk('unsupported', `${path} is not asked for its version`)
    checkProgram(host, link, path)
    return runCommand(path, ['--version'], limitMs)
  })
  return mapObserved(said, criDockerdVersion)
}

/** `cri-dockerd 0.3.4 (e88b1605)` → `0.3.4`. @throws Error where there is no version */
function criDockerdVersion(text: string): string {
  const version = /^cri-dockerd v?(\d[\w.+~-]{0,60})/m.exec(text)?.[1]
  if (version === undefined) throw new Error('no version in its answer')
  return version
}
