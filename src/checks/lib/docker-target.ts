// SPDX-License-Identifier: Apache-2.0
import type {Upgrade} from '../../model/check.ts'
import {isAtLeast} from '../../model/version.ts'
import {since} from '../tables/versions.ts'

/**
 * The version of config.toml to write for: what the containerd to come writes itself, else by its version. Where none is known
 * version 2, which containerd 1.x and 2.x both read.
 */
export function containerdConfigVersion({oracle, containerd}: Upgrade): 2 | 3 | 4 {
  const said = oracle.containerd?.configVersion
  if (said !== undefined) return said >= 4 ? 4 : said === 3 ? 3 : 2
  if (containerd === undefined) return 2
  return isAtLeast(containerd, since('containerd-config-4')) ? 4 : isAtLeast(containerd, since('containerd-config-3')) ? 3 : 2
}

/** Whether the containerd to come is known to be this version or a later one. */
export function containerdIsAtLeast({oracle, containerd}: Upgrade, version: string): boolean {
  const known = oracle.containerd?.version ?? containerd
  return known !== undefined && isAtLeast(known, version)
}

/** Header of a table of the CRI plugin: `[plugins."io.containerd.grpc.v1.cri".registry]`, or its name since config version 3. */
export function criTable(upgrade: Upgrade, part: 'images' | 'runtime', ...path: readonly string[]): string {
  const plugin = containerdConfigVersion(upgrade) === 2 ? '"io.containerd.grpc.v1.cri"' : `'io.containerd.cri.v1.${part}'`
  return `[${['plugins', plugin, ...path.map(tomlKey)].join('.')}]`
}

/** A key of a TOML table, quoted where it has to be. */
export function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : tomlText(key)
}

/** A TOML string. JSON's escapes are among those of TOML; DEL has to be escaped as well. */
export function tomlText(text: string): string {
  return JSON.stringify(text).replaceAll('\u007F', '\\u007F')
}

/** A file to write, as advice. */
export function fileStanza(path: string, ...lines: readonly string[]): string {
  return [`# ${path}`, ...lines].join('\n')
}

/** Where drop-ins of CRI-O go that come from settings of Docker. */
export const CRIO_DROP_IN = '/etc/crio/crio.conf.d/10-from-docker.conf'
/** The configuration of containerd. */
export const CONTAINERD_CONFIG = '/etc/containerd/config.toml'
