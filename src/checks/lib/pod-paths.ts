// SPDX-License-Identifier: Apache-2.0
import type {Json, JsonObject, JsonPath} from '../../model/json.ts'
import type {PodContainer, PodTemplate, PodVolume} from '../../model/kubernetes.ts'

/** A host path as one container sees it. */
export interface HostMount {
  readonly container: PodContainer
  readonly volume: PodVolume
  /** of the host, in the spelling of {@link hostPathOf}, with the subPath of the mount */
  readonly path: string
  /** in the container */
  readonly mountPath: string
  /** `type` of the volume */
  readonly type: string | undefined
  /** of the host path in the object */
  readonly location: JsonPath
}

/** PATH_MAX of Linux: a longer one names no file. */
const LONGEST_PATH = 4096

/**
 * One spelling for every host path: no `.`, `..`, double or trailing slashes; `/run` for `/var/run`, which every systemd distribution has
 * as a link; Windows pipes as `\\.\pipe\NAME`.
 */
export function hostPathOf(path: string): string {
  const pipe = /^(?:npipe:)?[/\\]{2,4}\.[/\\]pipe[/\\]([\w.-]+)$/i.exec(path)
  if (pipe?.[1] !== undefined) return `\\\\.\\pipe\\${pipe[1].toLowerCase()}`
  if (path.length > LONGEST_PATH) return path
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  if (parts[0] === 'var' && parts[1] === 'run') parts.shift()
  return `/${parts.join('/')}`
}

/** Whether a path is a directory above another, both in the spelling of {@link hostPathOf}. */
export function isAbove(directory: string, path: string): boolean {
  return path !== directory && path.startsWith(directory === '/' ? '/' : `${directory}/`)
}

/** Every mount of a host path in a container, with `subPath` and `subPathExpr` worked out. */
export function hostMountsOf(pod: PodTemplate): readonly HostMount[] {
  const volumes = new Map(pod.volumes.map((volume) => [volume.name, volume]))
  return pod.containers.flatMap((container) => container.mounts.flatMap((mount): readonly HostMount[] => {
    const volume = volumes.get(mount.name)
    if (volume?.hostPath === undefined) return []
    const {path, type, location} = volume.hostPath
    const expression = rawMount(container, mount.path)['subPathExpr']
    const below = typeof expression === 'string' ? expanded(expression, container) : (mount.subPath ?? '')
    return [{container, volume, path: hostPathOf(below === '' ? path : `${path}/${below}`), mountPath: mount.mountPath, type, location}]
  }))
}

/** The path at which a container sees a host path below one of its mounts; undefined where the mount does not reach it. */
export function seenAt({path, mountPath}: HostMount, hostPath: string): string | undefined {
  if (path === hostPath) return mountPath
  if (!isAbove(path, hostPath)) return undefined
  return `${mountPath.replace(/\/+$/, '')}/${hostPath.slice(path === '/' ? 1 : path.length + 1)}`
}

/** Volumes with a host path that no container mounts. The kubelet sets them up all the same. */
export function unmountedVolumes(pod: PodTemplate): readonly PodVolume[] {
  const mounted = new Set(pod.containers.flatMap(({mounts}) => mounts.map(({name}) => name)))
  return pod.volumes.filter(({name, hostPath}) => hostPath !== undefined && !mounted.has(name))
}

function rawMount(container: PodContainer, path: JsonPath): JsonObject {
  const mounts = container.raw['volumeMounts']
  const mount = Array.isArray(mounts) ? (mounts as readonly Json[])[Number(path.at(-1))] : undefined
  return typeof mount === 'object' && mount !== null && !Array.isArray(mount) ? (mount as JsonObject) : {}
}

/** `$(NAME)` by the environment of the container, as the kubelet does; what only the cluster knows stays as it is. */
function expanded(expression: string, {env}: PodContainer): string {
  return expression.replace(/\$\(([^()]*)\)/g, (all, name: string) => env.find((variable) => variable.name === name)?.value ?? all)
}
