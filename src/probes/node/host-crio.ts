// SPDX-License-Identifier: Apache-2.0
import type {Facts, Setting} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {HostNodeFacts} from '../../model/node/host.ts'
import {absent, mapObserved, ok, valueOf} from '../../model/observed.ts'
import {parseToml} from '../parse/toml.ts'
import {valueAt} from '../parse/untrusted.ts'

const MOST_FILES = 50
const FLAG = /^--conmon-cgroup(?:=(.*))?$/

/** `conmon_cgroup` as CRI-O's command line or the last of its files says; absent where neither does. */
export function probeConmonCgroup(host: Host, {crios, processes}: Facts): HostNodeFacts['crioConmonCgroup'] {
  const crio = crios.find(({pid}) => pid === undefined || processes.inside[pid] === undefined)
  if (crio === undefined) return absent('/etc/crio')
  const argv = valueOf(processes.all)?.find(({pid}) => pid === crio.pid)?.argv ?? []
  const at = argv.findIndex((word) => FLAG.test(word))
  const flag = at === -1 ? undefined : (FLAG.exec(argv[at] ?? '')?.[1] ?? argv[at + 1])
  if (flag !== undefined) return ok({value: flag, source: `argv of pid ${crio.pid}`}, 'argv')
  let last: Setting | undefined
  for (const path of crio.files.slice(0, MOST_FILES)) {
    const value = mapObserved(host.text(path), (text) => valueAt(parseToml(text), 'crio', 'runtime', 'conmon_cgroup'))
    if (value.state === 'unreadable') return value
    if (typeof valueOf(value) === 'string') last = {value: valueOf(value) as string, source: path}
  }
  return last === undefined ? absent(crio.files.at(-1) ?? '/etc/crio') : ok(last, last.source)
}
