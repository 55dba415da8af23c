// SPDX-License-Identifier: Apache-2.0
import {isOfPod, isSandbox} from '../docker-pods.ts'
import {graceOf} from '../grace.ts'
import {type Handler, nothingToUndo, someOf, withEach} from '../handler.ts'
import type {DockerContainer, Files, Machine} from '../machine.ts'

/** Containers outside of pods say nothing of it. */
const GRACE_SECONDS = 30
const SANDBOX_GRACE_SECONDS = 10
/** Most of stopping is waiting. */
const AT_ONCE = 64

/** The kubelet makes them again, in whichever runtime it is pointed at. */
export const removeDockerPods: Handler<'remove-docker-pods'> = {
  undo: nothingToUndo,
  async perform({dockerSocket}, machine, {again, say}) {
    const docker = machine.docker(dockerSocket)
    const all = await docker.containers()
    if (all === undefined) {
      // A later step has stopped dockerd, and what ran in it.
      if (again) return undefined
      throw new Error(`Docker does not listen at ${dockerSocket}, so the containers of pods cannot be removed through it. Start docker.service, or roll back.`)
    }
    const ofPods = all.filter(isOfPod)
    const sandboxes = ofPods.filter(isSandbox)
    const containers = ofPods.filter((container) => !isSandbox(container))
    say(`${containers.length} containers of ${sandboxes.length} pods`)
    await withEach(containers.filter(({running}) => running), async (container) => docker.stop(container.id, await graceOf(container, docker, machine.files)), AT_ONCE)
    await withEach(containers, ({id}) => docker.remove(id))
    await withEach(sandboxes.filter(({running}) => running), ({id}) => docker.stop(id, SANDBOX_GRACE_SECONDS), AT_ONCE)
    await withEach(sandboxes, ({id}) => docker.remove(id))
    const leases = releaseLeases(machine.files, new Set(sandboxes.map(({id}) => id)))
    const note = `${containers.length} containers of ${sandboxes.length} pods`
    return leases === 0 ? note : `${note}; ${leases} addresses given back`
  },
  async verify({dockerSocket}, machine, {again}) {
    const left = ((await machine.docker(dockerSocket).containers()) ?? []).filter(isOfPod)
    if (left.length > 0 && !again) throw new Error(`Docker has containers of pods again: ${someOf(left.map(({name}) => name))}. Is a kubelet running?`)
  },
}

const LEASES = '/var/lib/cni/networks'

/**
 * Gives back the addresses of sandboxes that went without their CNI plugin: host-local keeps one file for each, named after the address,
 * with the id of the sandbox on its first line (containernetworking/plugins, host-local backend/disk).
 */
function releaseLeases(files: Files, sandboxes: ReadonlySet<string>): number {
  const paths = (files.list(LEASES) ?? []).flatMap((network) => leaseNames(files, `${LEASES}/${network}`))
  const ours = paths.filter((path) => {
    const found = files.look(path)
    return found.type === 'file' && sandboxes.has(found.bytes.toString('latin1').split(/\r?\n/, 1)[0]!.trim())
  })
  for (const path of ours) files.remove(path)
  return ours.length
}

function leaseNames(files: Files, folder: string): readonly string[] {
  if (files.look(folder).type !== 'directory') return []
  return (files.list(folder) ?? []).filter((name) => /^[0-9a-f.:]+$/.test(name) && /[.:]/.test(name)).map((name) => `${folder}/${name}`)
}

export const stopDockerContainers: Handler<'stop-docker-containers'> = {
  async undo({dockerSocket, ids}, machine) {
    const running = (await chosen(machine, dockerSocket, ids)).filter((container) => container.running)
    return running.length === 0 ? [] : [{kind: 'start-docker-containers', dockerSocket, ids: running.map(({id}) => id)}]
  },
  async perform({dockerSocket, ids}, machine, {again}) {
    if (again && (await machine.docker(dockerSocket).containers()) === undefined) return undefined
    const running = (await chosen(machine, dockerSocket, ids)).filter((container) => container.running)
    await withEach(running, ({id}) => machine.docker(dockerSocket).stop(id, GRACE_SECONDS))
    return someOf(running.map(({name}) => name))
  },
}

/** @throws where Docker does not answer */
async function chosen(machine: Machine, socket: string, ids: readonly string[]): Promise<readonly DockerContainer[]> {
  const all = await machine.docker(socket).containers()
  if (all === undefined) throw new Error(`Docker does not listen at ${socket}. Start docker.service, or roll back.`)
  return all.filter(({id}) => ids.some((wanted) => id === wanted || (wanted.length >= 12 && id.startsWith(wanted))))
}

const DOCKER_START_MS = 60_000

/** A daemon that was started a moment ago may not answer yet. */
export const startDockerContainers: Handler<'start-docker-containers'> = {
  undo: nothingToUndo,
  async perform({dockerSocket, ids}, machine) {
    const docker = machine.docker(dockerSocket)
    const end = machine.clock.now() + DOCKER_START_MS
    while ((await docker.containers()) === undefined) {
      if (machine.clock.now() >= end) throw new Error(`Docker does not listen at ${dockerSocket}, so ${ids.length} containers cannot be started again. Start them with \`docker start\`.`)
      await machine.clock.sleep(500)
    }
    await withEach(ids, (id) => docker.start(id))
    return undefined
  },
}
