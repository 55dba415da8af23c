// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {ContainerdNodeFacts} from '../../model/node/containerd.ts'
import {absent, mapObserved, valueOf} from '../../model/observed.ts'
import {versionOf} from '../parse/dpkg.ts'

const PACKAGE = 'nvidia-container-toolkit'
/** a path, or a name among others */
const RUNTIME = /(?:^|[/"])nvidia-container-runtime/

/** The version of NVIDIA's toolkit by dpkg, on hosts that have its runtime configured. What gpu-operator installs is no package. */
export function probeNvidiaToolkit(host: Host, facts: Facts): ContainerdNodeFacts['nvidiaToolkit'] {
  const mark = `/var/lib/dpkg/info/${PACKAGE}.list`
  if (!isConfigured(facts)) return absent(mark)
  const installed = host.stat(mark)
  if (installed.state !== 'ok') return installed
  const version = mapObserved(host.text('/var/lib/dpkg/status'), (status) => versionOf(status, PACKAGE) ?? '')
  return version.state === 'ok' && version.value === '' ? absent(version.source) : version
}

function isConfigured({containerds, dockers}: Facts): boolean {
  const handlers = containerds.flatMap(({config}) => Object.values(valueOf(config)?.runtimes ?? {}))
  if (handlers.some(({binary}) => binary !== undefined && RUNTIME.test(binary))) return true
  return dockers.some(({config, api}) => valueOf(api)?.runtimes.includes('nvidia') === true || RUNTIME.test(JSON.stringify(valueOf(config)?.['runtimes'] ?? '')))
}
