// SPDX-License-Identifier: Apache-2.0
import {parseJsonTable, stringAt, stringMapAt, stringsAt, valueAt} from './untrusted.ts'

const KERNEL_TYPES: ReadonlySet<unknown> = new Set(['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue', 'cgroup', 'cgroup2'])

/**
 * Files that an engine makes for one container (moby container/container_unix.go, containerd internal/cri/server) and the kubelet for
 * one pod (kubernetes pkg/kubelet/kubelet_pods.go): nothing else of the host is in them.
 */
const OWN_SOURCE = new RegExp([
  String.raw`/(?:containers|sandboxes)/[0-9a-f]{64}/(?:hostname|hosts|resolv\.conf|shm|mounts/shm)$`,
  String.raw`/pods/[0-9a-f-]{32,36}/(?:etc-hosts|containers/[^/]+/[0-9a-f]+|volumes/kubernetes\.io~(?:configmap|downward-api|projected|secret)/[^/]+)$`,
].join('|'))

export interface OciConfig {
  readonly cgroupsPath?: string
  readonly annotations: Readonly<Record<string, string>>
  readonly args: readonly string[]
  /** see {@link Bundle} */
  readonly onlyOwnMounts?: true
}

/** Reads what rtctl uses of a bundle's config.json (OCI runtime-spec). @throws where it is no JSON object */
export function parseOciConfig(text: string): OciConfig {
  const config = parseJsonTable(text)
  const cgroupsPath = stringAt(config, 'linux', 'cgroupsPath')
  return {
    ...(cgroupsPath === undefined ? {} : {cgroupsPath}),
    annotations: stringMapAt(config, 'annotations'),
    args: stringsAt(config, 'process', 'args'),
    ...(mountsOnlyItsOwn(valueAt(config, 'mounts')) && {onlyOwnMounts: true}),
  }
}

function mountsOnlyItsOwn(mounts: unknown): boolean {
  return Array.isArray(mounts) && mounts.every((mount: unknown) => KERNEL_TYPES.has(valueAt(mount, 'type')) || isOwnSource(stringAt(mount, 'source')))
}

function isOwnSource(source: string | undefined): boolean {
  return source !== undefined && OWN_SOURCE.test(source) && !source.split('/').includes('..')
}

/** Reads a pid file. @throws where it holds anything but one positive number */
export function parsePidFile(text: string): number {
  if (!/^\s*[1-9]\d{0,9}\s*$/.test(text)) throw new Error('not a pid')
  return Number(text)
}

export interface ShimOptions {
  /** OCI runtime binary or its name */
  readonly binary?: string
  /** the runtime's `--root`; containerd's namespace comes below it */
  readonly root?: string
}

/**
 * Reads options.json, the runtime options that containerd's shims for runc keep in the bundle
 * (containerd/containerd, cmd/containerd-shim-runc-v2/runc: protobuf field names). @throws where it is no JSON object
 */
export function parseShimOptions(text: string): ShimOptions {
  const options = parseJsonTable(text)
  const binary = stringAt(options, 'binary_name') ?? stringAt(options, 'BinaryName')
  const root = stringAt(options, 'root') ?? stringAt(options, 'Root')
  return {...(binary === undefined ? {} : {binary}), ...(root === undefined ? {} : {root})}
}
