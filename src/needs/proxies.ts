// SPDX-License-Identifier: Apache-2.0
import {dockersProxies} from '../checks/docker/docker-proxy.ts'
import {settingsOfUnit} from '../checks/lib/docker-units.ts'
import type {Proxy} from '../model/migration/needs.ts'
import type {ProxyVariable} from '../model/node/docker.ts'
import {valueOf} from '../model/observed.ts'
import type {Reading} from './reading.ts'

const UNITS = {none: undefined, dockershim: 'docker.service', 'cri-dockerd': 'docker.service', containerd: 'containerd.service', 'cri-o': 'crio.service'} as const

/** The proxies that images are pulled through now: of dockerd from its settings and its unit, of other runtimes from their unit. */
export function proxyNeeds(reading: Reading): readonly Proxy[] {
  const {known, uses, runtime, onDocker} = reading
  const variables = (valueOf(known.runtimeProxies) ?? []).filter(({unit}) => unit === UNITS[runtime]).map((variable) => plain(variable, reading))
  if (!onDocker) return [...new Map(variables.map(({name, value, source}) => [name, {name, setting: {value, source}}] as const)).values()]
  return [...dockersProxies(uses, variables)].map(([name, {value, proofs}]) => ({name, setting: {value, source: proofs[0]?.source ?? 'docker.service'}}))
}

/** In a unit `%%` stands for `%` (systemd.unit(5), specifiers); in a file of variables it does not. */
function plain(variable: ProxyVariable, {facts}: Reading): ProxyVariable {
  const inUnit = settingsOfUnit(facts.units, variable.unit, 'Service.Environment').some(({source}) => source === variable.source)
  return inUnit ? {...variable, value: variable.value.replaceAll('%%', '%')} : variable
}
