// SPDX-License-Identifier: Apache-2.0
import {valueOf} from '../model/observed.ts'
import type {Place, World} from './world.ts'

/** What CRI runtimes call themselves in `Version` → the component's name here. */
const RUNTIME_NAMES: Readonly<Record<string, string>> = {containerd: 'containerd', 'cri-o': 'CRI-O', docker: 'dockerd'}

/**
 * The version of a component, as a daemon tells it: containerd and CRI-O over CRI, the parts of Docker through dockerd
 * (`docker version` lists the containerd, runc and docker-init it works with). Undefined where nobody said.
 *
 * @param daemon of two daemons of a kind, the one with this socket and pid
 */
export function versionOf(world: World, component: string, place: Place, daemon: Daemon = {}): string | undefined {
  const {address, pid} = daemon
  return ownVersion(world, component, place, pid) ?? criVersion(world, component, place, address) ?? dockerPartVersion(world, component, place, address)
}

interface Daemon {
  readonly address?: string
  readonly pid?: number | undefined
}

/** What the program itself printed, asked where no daemon told. */
function ownVersion({facts}: World, component: string, place: Place, pid: number | undefined): string | undefined {
  const key = pid === undefined ? component : `pid ${pid}`
  return place === undefined && Object.hasOwn(facts.programs, key) ? valueOf(facts.programs[key]) : undefined
}

function criVersion(world: World, component: string, place: Place, address: string | undefined): string | undefined {
  for (const endpoint of world.facts.criEndpoints) {
    const answer = valueOf(endpoint.answer)
    if (!answer || endpoint.inside !== place || (address !== undefined && endpoint.address !== address)) continue
    const name = Object.hasOwn(RUNTIME_NAMES, answer.runtimeName) ? RUNTIME_NAMES[answer.runtimeName] : undefined
    if (name === component) return plain(answer.runtimeVersion)
  }
  return undefined
}

function dockerPartVersion(world: World, component: string, place: Place, address: string | undefined): string | undefined {
  for (const docker of world.facts.dockers) {
    const api = valueOf(docker.api)
    if (!api || world.inside(docker.pid) !== place) continue
    const uses = address === undefined || (docker.containerdAddress?.value ?? address).replace(/^\/var\/run\//, '/run/') === address
    const version = uses && Object.hasOwn(api.components, component) ? api.components[component] : undefined
    if (version) return plain(version)
  }
  return undefined
}

/** `v1.20.2` and `1.6.20~ds1` → without the leading v; what a packager added stays, since it says whose build it is. */
function plain(version: string): string {
  return version.replace(/^v(?=\d)/, '')
}
