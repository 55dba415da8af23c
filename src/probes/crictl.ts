// SPDX-License-Identifier: Apache-2.0
import type {CrictlConfig} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {mapObserved, type Observed} from '../model/observed.ts'
import {parseYaml} from './parse/kubelet-config.ts'
import {stringAt, tableOf} from './parse/untrusted.ts'

/** The endpoints of crictl's configuration (cri-tools, docs/crictl.md), as written there, with or without `unix://`. */
export function probeCrictl(host: Host): Observed<CrictlConfig> {
  return mapObserved(host.text('/etc/crictl.yaml'), parseCrictlConfig)
}

/** @throws where the text is no YAML mapping; an empty file is one without keys */
export function parseCrictlConfig(text: string): CrictlConfig {
  const document = parseYaml(text)
  const table = tableOf(document ?? {})
  if (table === undefined) throw new Error('not a YAML mapping')
  const runtimeEndpoint = stringAt(table, 'runtime-endpoint')
  const imageEndpoint = stringAt(table, 'image-endpoint')
  return {...(runtimeEndpoint && {runtimeEndpoint}), ...(imageEndpoint && {imageEndpoint})}
}
