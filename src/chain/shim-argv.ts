// SPDX-License-Identifier: Apache-2.0

export interface ShimArgv {
  /** of the container, or of the pod's sandbox where one shim serves a pod */
  readonly id?: string
  readonly namespace?: string
  /** containerd's gRPC address */
  readonly address?: string
  /** the OCI runtime it was told to run, by name */
  readonly runtime?: string
}

/**
 * What a shim was told at its start: `-namespace moby -id ID -address SOCKET` (shim v2), `-namespace moby -workdir
 * …/ID -address SOCKET -runtime-root …/runtime-runc` (v1 below Docker), or in Docker 1.11 to 17.11
 * `docker-containerd-shim ID BUNDLE docker-runc`.
 */
export function readShimArgv(argv: readonly string[]): ShimArgv {
  const flag = (name: string): string | undefined => {
    const index = argv.findIndex((word) => word === `-${name}` || word === `--${name}`)
    const joined = argv.find((word) => word.startsWith(`-${name}=`) || word.startsWith(`--${name}=`))
    return index >= 0 ? argv[index + 1] : joined?.slice(joined.indexOf('=') + 1)
  }
  const workdir = flag('workdir')
  const positional = argv[1] !== undefined && /^[0-9a-f]{64}$/.test(argv[1]) ? argv[1] : undefined
  const id = flag('id') ?? workdir?.split('/').at(-1) ?? positional
  const [namespace, address] = [flag('namespace'), flag('address')]
  // dockerd gives each runtime a root of its own, named after it (moby, daemon/runtime_unix.go).
  const runtime = positional === undefined ? /\/runtime-([^/]+)$/.exec(flag('runtime-root') ?? '')?.[1] : argv[3]?.split('/').at(-1)
  return {...(id ? {id} : {}), ...(namespace ? {namespace} : {}), ...(address ? {address} : {}), ...(runtime ? {runtime} : {})}
}

const RUNTIME_OF_SHIM: Readonly<Record<string, string>> = {
  'containerd-shim': 'runc',
  'containerd-shim-runc-v1': 'runc',
  'containerd-shim-runc-v2': 'runc',
  'containerd-shim-runsc-v1': 'runsc',
  'containerd-shim-kata-v2': 'kata-runtime',
  'docker-containerd-shim': 'docker-runc',
  'kata-shim': 'kata-runtime',
  'cc-shim': 'cc-runtime',
}

/** The OCI runtime that a shim runs unless it is told another one; undefined for shims that serve any. */
export function ociRuntimeOfShim(component: string): string | undefined {
  return Object.hasOwn(RUNTIME_OF_SHIM, component) ? RUNTIME_OF_SHIM[component] : undefined
}
