// SPDX-License-Identifier: Apache-2.0
import type {DockerContainer} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {mapObserved, type Observed, ok, valueOf} from '../model/observed.ts'
import {parseDockerContainer} from './parse/docker-container.ts'

/**
 * The containers that dockerd keeps under `DATA-ROOT/containers`, running or not. One whose config.v2.json is broken has only
 * its id and the state `unknown`. A directory without that file is what a removal left behind; dockerd does not load it either.
 *
 * @param dataRoot dockerd's data-root, `/var/lib/docker` as a rule
 */
export function probeDockerContainers(host: Host, dataRoot: string): Observed<readonly DockerContainer[]> {
  const directory = `${dataRoot}/containers`
  const ids = host.entries(directory)
  if (ids.state !== 'ok') return ids
  return ok(ids.value.flatMap((id) => readContainer(host, `${directory}/${id}`, id) ?? []), ids.source)
}

function readContainer(host: Host, path: string, id: string): DockerContainer | undefined {
  const config = host.text(`${path}/config.v2.json`)
  if (config.state === 'absent') return undefined
  const hostConfig = valueOf(host.text(`${path}/hostconfig.json`))
  const container = mapObserved(config, (text) => parseDockerContainer(id, text, hostConfig, config.source))
  return valueOf(container) ?? {id, name: '', state: 'unknown', labels: {}, ports: [], source: config.source}
}
