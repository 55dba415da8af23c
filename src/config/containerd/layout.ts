// SPDX-License-Identifier: Apache-2.0
import {isAtLeast} from '../../model/version.ts'
import type {TomlPath} from '../toml/value.ts'

export type ConfigVersion = 2 | 3 | 4

/** The CRI plugin up to containerd 1.7; since 2.0 only its streaming server has this name. */
export const CRI = 'io.containerd.grpc.v1.cri'
/** The two plugins it became in 2.0, configuration version 3. */
export const CRI_RUNTIME = 'io.containerd.cri.v1.runtime'
export const CRI_IMAGES = 'io.containerd.cri.v1.images'
/** Pulls images since 2.1. */
export const TRANSFER = 'io.containerd.transfer.v1.local'
/** What `disabled_plugins` may call CRI: its name in version 1 files, and its ids. */
export const CRI_NAMES: readonly string[] = ['cri', CRI, CRI_RUNTIME, CRI_IMAGES]

export const CONFIG_FILE = '/etc/containerd/config.toml'
export const RUNC_TYPE = 'io.containerd.runc.v2'

/** The containerd that will read a file. */
export interface Reader {
  readonly configVersion: ConfigVersion
  readonly version?: string | undefined
}

/** Whether that containerd is known to be this version or a later one. */
export function isKnownToBe({configVersion, version}: Reader, least: string): boolean {
  if (version !== undefined) return isAtLeast(version, least)
  // config version 4 came with 2.3, 3 with 2.0
  return (configVersion === 4 && isAtLeast('2.3', least)) || (configVersion === 3 && isAtLeast('2.0', least))
}

/** Where settings are in a file of a version (containerd docs/cri/config.md; containerd's configuration migrations). */
export interface Layout {
  readonly runtime: TomlPath
  readonly images: TomlPath
  readonly sandboxImage: TomlPath
  readonly containerd: TomlPath
  readonly runtimes: TomlPath
  readonly registry: TomlPath
  readonly cni: TomlPath
  readonly snapshotter: TomlPath
  readonly metricsAddress: TomlPath
}

export function layoutOf(version: ConfigVersion): Layout {
  const runtime = ['plugins', version === 2 ? CRI : CRI_RUNTIME]
  const images = ['plugins', version === 2 ? CRI : CRI_IMAGES]
  return {
    runtime, images,
    sandboxImage: version === 2 ? [...images, 'sandbox_image'] : [...images, 'pinned_images', 'sandbox'],
    containerd: [...runtime, 'containerd'],
    runtimes: [...runtime, 'containerd', 'runtimes'],
    registry: [...images, 'registry'],
    cni: [...runtime, 'cni'],
    snapshotter: version === 2 ? [...runtime, 'containerd', 'snapshotter'] : [...images, 'snapshotter'],
    metricsAddress: version === 4 ? ['plugins', 'io.containerd.server.v1.metrics', 'address'] : ['metrics', 'address'],
  }
}

/** What containerd takes the version of a file for. */
export function versionIn(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 ? value : 1
}
