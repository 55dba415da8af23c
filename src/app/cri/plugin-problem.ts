// SPDX-License-Identifier: Apache-2.0
import type {CriAddress} from '../../cri/channel.ts'
import {askPlugins} from '../../cri/containerd-plugins.ts'

/** Why a gRPC server has no CRI service. */
export type PluginProblem =
  /** containerd, and its CRI plugin is off */
  | {readonly kind: 'disabled'}
  /** containerd, and its CRI plugin could not be loaded */
  | {readonly kind: 'failed'; readonly words: string}
  /** not containerd, or it does not tell */
  | {readonly kind: 'other'}

/** Asks containerd's own introspection about the CRI plugin. Never throws: it only helps to explain. */
export async function pluginProblem(address: CriAddress): Promise<PluginProblem> {
  try {
    const plugins = await askPlugins(address)
    // io.containerd.grpc.v1 `cri` (containerd 1 and 2); 2 has io.containerd.cri.v1 `runtime` and `images` below it.
    const broken = plugins.find(({type, id, error}) => error !== '' && (id === 'cri' || type === 'io.containerd.cri.v1'))
    return broken === undefined ? {kind: 'disabled'} : {kind: 'failed', words: broken.error}
  } catch {
    return {kind: 'other'}
  }
}
