// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import type {DnfContainerd} from '../../model/node/docker.ts'
import {absent, mapObserved, type Observed, ok} from '../../model/observed.ts'
import {parseToml} from '../parse/toml.ts'
import {stringAt, tableOf, valueAt} from '../parse/untrusted.ts'

const REPOSITORY = '/etc/yum.repos.d/docker-ce.repo'
/** dnf 5 only: a table `packages` of `NAME.ARCH`, each with its reason. */
const REASONS = '/usr/lib/sysimage/libdnf5/packages.toml'
const CONFIG = '/etc/dnf/dnf.conf'

/** Why containerd.io is installed on a host that takes Docker from its own repository, as dnf sees it. */
export function readDnfContainerd(host: Host): Observed<DnfContainerd> {
  const repository = host.stat(REPOSITORY)
  if (repository.state !== 'ok') return repository
  const reason = mapObserved(host.text(REASONS), reasonIn)
  if (reason.state === 'unreadable') return reason
  const config = host.text(CONFIG)
  if (config.state === 'unreadable') return config
  const cleans = config.state === 'absent' || !/^\s*clean_requirements_on_remove\s*=\s*(?:0|no|false|off)\s*$/im.test(config.value)
  if (reason.state === 'ok') return reason.value === undefined ? absent(REASONS) : ok({reason: reason.value, cleans}, REASONS)
  return ok({reason: 'unknown', cleans}, CONFIG)
}

/** Undefined where the package is not installed. */
function reasonIn(text: string): DnfContainerd['reason'] | undefined {
  const packages = Object.entries(tableOf(valueAt(parseToml(text), 'packages')) ?? {})
  const found = packages.find(([name]) => /^containerd\.io(?:\.\w+)?$/.test(name))
  if (found === undefined) return undefined
  return /dependency/i.test(stringAt(found[1], 'reason') ?? '') ? 'dependency' : 'user'
}
