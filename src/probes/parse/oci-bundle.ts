// SPDX-License-Identifier: Apache-2.0
import {parseJsonTable, stringAt, stringMapAt, stringsAt} from './untrusted.ts'

export interface OciConfig {
  readonly cgroupsPath?: string
  readonly annotations: Readonly<Record<string, string>>
  readonly args: readonly string[]
}

/** Reads what rtctl uses of a bundle's config.json (OCI runtime-spec). @throws where it is no JSON object */
export function parseOciConfig(text: string): OciConfig {
  const config = parseJsonTable(text)
  const cgroupsPath = stringAt(config, 'linux', 'cgroupsPath')
  return {
    ...(cgroupsPath === undefined ? {} : {cgroupsPath}),
    annotations: stringMapAt(config, 'annotations'),
    args: stringsAt(config, 'process', 'args'),
  }
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
