// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../model/host.ts'
import {namesIn} from './files.ts'
import {baseName} from './parse/untrusted.ts'

export interface RuntimeState {
  readonly runtime: string
  readonly path: string
}

/** Finds the directory in which an OCI runtime keeps the state of a container. */
export interface RuntimeStates {
  /**
   * @param namespace containerd namespace, '' where there is none
   * @param told the runtime's root and binary, where somebody wrote them down; looked at first
   */
  find(id: string, namespace: string, told?: {readonly root: string; readonly binary: string}): RuntimeState | undefined
}

/** Roots that containerd's shims put a namespace below: the shims of runc and of gVisor (containerd and gVisor sources). */
const NAMESPACED_ROOTS = [
  {runtime: 'runc', directory: '/run/containerd/runc'},
  {runtime: 'runsc', directory: '/run/containerd/runsc'},
]

/** The runtimes' own defaults, which CRI-O and Podman use; Kata keeps its sandboxes by id. */
const PLAIN_ROOTS = [
  {runtime: 'runc', directory: '/run/runc'},
  {runtime: 'crun', directory: '/run/crun'},
  {runtime: 'runsc', directory: '/run/runsc'},
  {runtime: 'youki', directory: '/run/youki'},
  {runtime: 'kata', directory: '/run/vc/sbs'},
]

/** Where dockerd keeps one root per runtime, `runtime-<name>`, under its default exec-root. */
const DOCKER_EXEC_ROOT = '/var/run/docker'

/** Lists each root directory once, when it is first asked for: no call per container. */
export function runtimeStates(host: Host): RuntimeStates {
  const listed = new Map<string, ReadonlyMap<string, string>>()
  const inDirectory = (directory: string, id: string): string | undefined => {
    const known = listed.get(directory) ?? list(host, directory)
    listed.set(directory, known)
    const name = known.get(id)
    return name === undefined ? undefined : `${directory}/${name}`
  }
  let dockerRoots: readonly {runtime: string; directory: string}[] | undefined
  const roots = (namespace: string) => {
    dockerRoots ??= findDockerRoots(host)
    const namespaced = [...NAMESPACED_ROOTS, ...dockerRoots].map((root) => ({...root, directory: `${root.directory}/${namespace}`}))
    return namespace === '' ? PLAIN_ROOTS : [...namespaced, ...PLAIN_ROOTS]
  }
  const byNamespace = new Map<string, ReturnType<typeof roots>>()
  return {
    find(id, namespace, told) {
      if (told !== undefined) {
        const path = inDirectory(namespace === '' ? told.root : `${told.root}/${namespace}`, id)
        if (path !== undefined) return {runtime: plainName(baseName(told.binary)), path}
      }
      const candidates = byNamespace.get(namespace) ?? roots(namespace)
      byNamespace.set(namespace, candidates)
      for (const {runtime, directory} of candidates) {
        const path = inDirectory(directory, id)
        if (path !== undefined) return {runtime, path}
      }
      return undefined
    },
  }
}

/** Container id → name of its state. gVisor writes files `<container>_sandbox:<sandbox>.state` (runsc/container/state_file.go). */
function list(host: Host, directory: string): ReadonlyMap<string, string> {
  return new Map(namesIn(host, directory).map((name) => [/^(.+)_sandbox:.+\.state$/.exec(name)?.[1] ?? name, name]))
}

/** Docker Engine from 23 on adds a digest of a runtime's settings to its name: `runsc.G2M3…50====` (moby, daemon/runtime_unix.go). */
function plainName(name: string): string {
  return name.replace(/\.[0-9A-Z-]{40,}=*$/, '')
}

function findDockerRoots(host: Host): readonly {runtime: string; directory: string}[] {
  return namesIn(host, DOCKER_EXEC_ROOT)
    .filter((name) => name.startsWith('runtime-'))
    .map((name) => ({runtime: plainName(name.slice('runtime-'.length)), directory: `${DOCKER_EXEC_ROOT}/${name}`}))
}
