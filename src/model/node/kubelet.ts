// SPDX-License-Identifier: Apache-2.0
import type {Observed} from '../observed.ts'

export interface KubeletNodeFacts {
  /**
   * every flag that a kubelet of the host runs with or would be started with, at each place where it is written; absent without
   * a kubelet. A place that cannot be read makes all unreadable.
   */
  readonly kubeletFlags: Observed<readonly KubeletFlag[]>
  /** flags in configuration files of kubeadm on this host: it writes them down for the kubelet when it sets up the node with that file */
  readonly kubeadmFlags: Observed<readonly KubeletFlag[]>
  /** CRI sockets that configuration files of kubeadm on this host name; absent where there is no such file */
  readonly kubeadmSockets: Observed<readonly KubeadmSocket[]>
}

/** A flag of the kubelet, at one place. */
export interface KubeletFlag {
  /** without dashes */
  readonly name: string
  /** "true" for a flag without value */
  readonly value: string
  /** `argv of pid 812`, `/var/lib/kubelet/kubeadm-flags.env:1` */
  readonly source: string
  /** the words found: `--network-plugin=cni` */
  readonly text: string
  /** `argv`: a kubelet runs with it; `file`: its next start has it; `kubeadm`: it would have it once kubeadm is given that file again */
  readonly from: 'argv' | 'file' | 'kubeadm'
}

export interface KubeadmSocket {
  /** as written: `unix:///run/containerd/containerd.sock`; undefined: the file says nothing of it */
  readonly socket?: string
  /** `/etc/kubernetes/kubeadm-config.yaml:12` */
  readonly source: string
}
