// SPDX-License-Identifier: Apache-2.0
import type {TargetName} from '../model/check.ts'
import type {Origin} from '../model/migration/needs.ts'

/** Names of runtimes as one writes them. */
export const RUNTIME: Readonly<Record<Origin['runtime'], string>> = {
  none: 'no container runtime', dockershim: 'dockershim', 'cri-dockerd': 'cri-dockerd', containerd: 'containerd', 'cri-o': 'CRI-O',
}

/** Units of a CRI runtime, the one to start last comes last. */
export const UNITS: Readonly<Record<TargetName, readonly string[]>> = {
  containerd: ['containerd.service'], 'cri-o': ['crio.service'], 'cri-dockerd': ['cri-docker.socket', 'cri-docker.service'],
}

/** What the kubelet reports in front of `://`, and the runtime calls itself over CRI. */
export const REPORTED: Readonly<Record<TargetName, string>> = {containerd: 'containerd', 'cri-o': 'cri-o', 'cri-dockerd': 'docker'}

/** The runtime that a node leaves, as the one whose containers are removed. */
export function oldRuntime({runtime}: Origin): string {
  return RUNTIME[runtime]
}

/** `1 pod`, `2 pods` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `/etc/containerd/config.toml` → `etc-containerd-config-toml`, for ids of steps */
export function slug(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
}
