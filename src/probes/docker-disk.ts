// SPDX-License-Identifier: Apache-2.0
import type {DockerContainer} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {mapObserved, type Observed, ok, valueOf} from '../model/observed.ts'
import {parseDockerContainer} from './parse/docker-container.ts'
import {parseJsonTable, tableOf, valueAt} from './parse/untrusted.ts'
import {takingTurns} from './turn.ts'

/**
 * The containers that dockerd keeps under `DATA-ROOT/containers`, running or not. One whose config.v2.json is broken has only
 * its id and the state `unknown`. A directory without that file is what a removal left behind; dockerd does not load it either.
 *
 * @param dataRoot dockerd's data-root, `/var/lib/docker` as a rule
 */
export async function probeDockerContainers(host: Host, dataRoot: string): Promise<Observed<readonly DockerContainer[]>> {
  const directory = `${dataRoot}/containers`
  const ids = host.entries(directory)
  if (ids.state !== 'ok') return ids
  const turn = takingTurns()
  const containers: DockerContainer[] = []
  for (const id of ids.value) {
    const container = readContainer(host, `${directory}/${id}`, id)
    if (container) containers.push(container)
    await turn()
  }
  const nameless = containers.some(({image}) => image?.startsWith('sha256:'))
  const names = nameless ? imageNames(host, dataRoot) : NO_NAMES
  return ok(containers.map((container) => withImageName(container, names)), ids.source)
}

/** Whether `probeDockerContainers` can tell; where it cannot, dockerd has to. */
export function canReadContainers(host: Host, dataRoot: string): boolean {
  return host.entries(`${dataRoot}/containers`).state !== 'unreadable'
}

const NO_NAMES: ReadonlyMap<string, string> = new Map()

/** dockershim creates containers by image id; the name that people know it by is in Docker's table of tags. */
function withImageName(container: DockerContainer, names: ReadonlyMap<string, string>): DockerContainer {
  const name = container.image === undefined ? undefined : names.get(container.image)
  return name === undefined ? container : {...container, image: name}
}

/** Image id → its first tag, from `DATA-ROOT/image/<storage driver>/repositories.json` (moby, reference store). */
function imageNames(host: Host, dataRoot: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const driver of valueOf(host.entries(`${dataRoot}/image`)) ?? []) {
    const table = valueOf(mapObserved(host.text(`${dataRoot}/image/${driver}/repositories.json`), parseJsonTable))
    for (const repository of Object.values(tableOf(valueAt(table, 'Repositories')) ?? {})) {
      for (const [reference, id] of Object.entries(tableOf(repository) ?? {})) {
        if (typeof id === 'string' && !reference.includes('@') && !names.has(id)) names.set(id, reference)
      }
    }
  }
  return names
}

function readContainer(host: Host, path: string, id: string): DockerContainer | undefined {
  const config = host.text(`${path}/config.v2.json`)
  if (config.state === 'absent') return undefined
  const hostConfig = valueOf(host.text(`${path}/hostconfig.json`))
  const container = mapObserved(config, (text) => parseDockerContainer(id, text, hostConfig, config.source))
  return valueOf(container) ?? {id, name: '', state: 'unknown', labels: {}, ports: [], source: config.source}
}
