// SPDX-License-Identifier: Apache-2.0
import type {Facts, Setting} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {HostNodeFacts} from '../../model/node/host.ts'
import {absent, mapObserved, type Observed, ok, valueOf} from '../../model/observed.ts'
import {parseToml} from '../parse/toml.ts'
import {valueAt} from '../parse/untrusted.ts'

const MOST_FILES = 50

/** `conmon_cgroup` as CRI-O's command line or the last of its files says; absent where neither does. */
export function probeConmonCgroup(host: Host, facts: Facts): HostNodeFacts['crioConmonCgroup'] {
  return settingOf(host, facts, '--conmon-cgroup', ['crio', 'runtime', 'conmon_cgroup'])
}

/** `pause_image`, in the same way. */
export function probePauseImage(host: Host, facts: Facts): HostNodeFacts['crioPauseImage'] {
  return settingOf(host, facts, '--pause-image', ['crio', 'image', 'pause_image'])
}

function settingOf(host: Host, {crios, processes}: Facts, flag: string, key: readonly string[]): Observed<Setting> {
  const crio = crios.find(({pid}) => pid === undefined || processes.inside[pid] === undefined)
  if (crio === undefined) return absent('/etc/crio')
  const argv = valueOf(processes.all)?.find(({pid}) => pid === crio.pid)?.argv ?? []
  const at = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`))
  const told = at === -1 ? undefined : argv[at] === flag ? argv[at + 1] : argv[at]?.slice(flag.length + 1)
  if (told !== undefined) return ok({value: told, source: `argv of pid ${crio.pid}`}, 'argv')
  let last: Setting | undefined
  for (const path of crio.files.slice(0, MOST_FILES)) {
    const value = mapObserved(host.text(path), (text) => valueAt(parseToml(text), ...key))
    if (value.state === 'unreadable') return value
    if (typeof valueOf(value) === 'string') last = {value: valueOf(value) as string, source: path}
  }
  return last === undefined ? absent(crio.files.at(-1) ?? '/etc/crio') : ok(last, last.source)
}
