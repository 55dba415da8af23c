// SPDX-License-Identifier: Apache-2.0
import {canonical, socketPath} from './socket-index.ts'
import type {Place, World} from './world.ts'

/** The API sockets of the runtimes of a place: of its engines, of its CRI endpoints, and the well-known files that exist. */
export function runtimeSockets(world: World, place: Place): readonly string[] {
  const {facts} = world
  const here = (pid: number | undefined) => world.inside(pid) === place
  const paths = [
    ...facts.kubelets.filter(({pid}) => here(pid)).flatMap(({endpoints}) => endpoints.slice(0, 1).flatMap(({value}) => socketPath(value) ?? [])),
    ...facts.dockers.filter(({pid}) => here(pid)).flatMap(({hosts}) => hosts.flatMap(({value}) => socketPath(value) ?? [])),
    ...facts.containerds.filter(({pid}) => here(pid)).map(({address}) => canonical(address.value)),
    ...facts.crios.filter(({pid}) => here(pid)).map(({address}) => canonical(address.value)),
    ...(place === undefined ? Object.entries(facts.sockets.files).flatMap(([path, file]) => (file.state === 'ok' ? [canonical(path)] : [])) : []),
  ]
  return [...new Set(paths)].sort()
}
