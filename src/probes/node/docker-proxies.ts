// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {ProxyVariable} from '../../model/node/docker.ts'
import {absent, type Observed, ok, valueOf} from '../../model/observed.ts'
import {splitWords} from '../parse/env-file.ts'
import {environmentFiles, settingsOf} from '../unit-command.ts'

const UNITS = ['docker.service', 'containerd.service', 'crio.service'] as const
const VARIABLE = /^(https?_proxy|no_proxy)=(.*)$/is

/** Proxies that systemd puts into the environment of the runtimes, from Environment= and EnvironmentFile=. */
export function readProxies(host: Host, facts: Facts): Observed<readonly ProxyVariable[]> {
  const found: ProxyVariable[] = []
  for (const name of UNITS) {
    const unit = facts.units.find((one) => one.name === name)
    if (unit === undefined) continue
    const take = (word: string, source: string) => {
      const [, variable = '', value = ''] = VARIABLE.exec(word) ?? []
      if (value !== '') found.push({unit: name, name: variable.toUpperCase() as ProxyVariable['name'], value, source})
    }
    for (const {value, source} of settingsOf(unit, 'Service.Environment')) for (const word of splitWords(value)) take(word, source)
    for (const path of environmentFiles(unit)) {
      const text = host.text(path)
      if (text.state === 'unreadable') return text
      for (const [index, line] of (valueOf(text) ?? '').split('\n').entries()) for (const word of splitWords(line.trim()).slice(0, 1)) take(word, `${path}:${index + 1}`)
    }
  }
  return found.length === 0 ? absent('/etc/systemd/system/docker.service.d') : ok(found, found[0]?.source ?? '')
}
