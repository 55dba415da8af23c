// SPDX-License-Identifier: Apache-2.0

/** A pod as the stand-in kubelet keeps it alive. */
export interface PodToRun {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly hostNetwork: boolean
  /** `file`: a static pod */
  readonly source: 'api' | 'file'
  readonly containers: readonly {readonly name: string; readonly image: string; readonly command: readonly string[]}[]
}

/** What runs of a pod. */
export interface RunningPod {
  readonly uid: string
  readonly sandbox: string
  /** the sandbox runs */
  readonly ready: boolean
  readonly attempt: number
  readonly containers: readonly {readonly id: string; readonly name: string; readonly running: boolean; readonly attempt: number}[]
}

/** A runtime as the kubelet uses it: dockershim's Docker, or a CRI endpoint. */
export interface PodRuntime {
  readonly list: () => Promise<readonly RunningPod[]>
  /** starts the sandbox and gives its id */
  readonly runSandbox: (pod: PodToRun, attempt: number) => Promise<string>
  readonly runContainer: (pod: PodToRun, sandbox: string, container: PodToRun['containers'][number], attempt: number) => Promise<void>
  readonly removeContainer: (id: string) => Promise<void>
  readonly removeSandbox: (pod: RunningPod) => Promise<void>
}

export function podLabels(pod: PodToRun): Record<string, string> {
  return {'io.kubernetes.pod.name': pod.name, 'io.kubernetes.pod.namespace': pod.namespace, 'io.kubernetes.pod.uid': pod.uid}
}

export function logFolder(pod: PodToRun): string {
  return `/var/log/pods/${pod.namespace}_${pod.name}_${pod.uid}`
}

export const cgroupParent = (pod: PodToRun) => `/kubepods/besteffort/pod${pod.uid}`
