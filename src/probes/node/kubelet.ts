// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {KubeadmSocket, KubeletNodeFacts} from '../../model/node/kubelet.ts'
import {absent, mapObserved} from '../../model/observed.ts'
import {kubeadmFlags, readKubeletFlags} from './kubelet-flag-places.ts'
import {readKubeadmFiles} from './kubelet-kubeadm.ts'

/** The facts of this topic, see {@link KubeletNodeFacts}. */
export async function probeKubelet(host: Host, facts: Facts): Promise<KubeletNodeFacts> {
  const read = readKubeadmFiles(host)
  const files = read.state === 'ok' && read.value.length === 0 ? absent(read.source) : read
  return {
    kubeletFlags: readKubeletFlags(host, facts),
    kubeadmFlags: mapObserved(files, kubeadmFlags),
    kubeadmSockets: mapObserved(files, (all) => all.map(({source, criSocket}): KubeadmSocket =>
      criSocket === undefined ? {source} : {socket: criSocket.value, source: criSocket.line === undefined ? source : `${source}:${criSocket.line}`})),
  }
}
