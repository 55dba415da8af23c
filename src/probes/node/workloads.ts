// SPDX-License-Identifier: Apache-2.0
import type {Facts, KubeletFacts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {HostText} from '../../model/node-facts.ts'
import type {WorkloadNodeFacts} from '../../model/node/workloads.ts'
import {absent, type Observed, ok, valueOf} from '../../model/observed.ts'

/** Where kubeadm puts them; a kubelet that is told nothing has no static pods. */
const KUBEADM = '/etc/kubernetes/manifests'
const MOST = 200

/** The facts of this topic, see {@link WorkloadNodeFacts}. */
export async function probeWorkloads(host: Host, facts: Facts): Promise<WorkloadNodeFacts> {
  return {staticPods: readStaticPods(host, directoryOf(facts.kubelets))}
}

function directoryOf(kubelets: readonly KubeletFacts[]): string {
  const told = kubelets.flatMap(({flags, config}) => [flags['pod-manifest-path'], valueOf(config)?.['staticPodPath']?.value])
  const path = told.find((one) => typeof one === 'string' && one.startsWith('/'))
  return typeof path === 'string' ? path.replace(/\/+$/, '') : KUBEADM
}

/** The kubelet reads every file whose name does not begin with a dot (pkg/kubelet/config/file.go). */
function readStaticPods(host: Host, directory: string): Observed<readonly HostText[]> {
  const names = host.entries(directory)
  if (names.state !== 'ok') return names
  const found: HostText[] = []
  for (const name of names.value.filter((one) => !one.startsWith('.')).slice(0, MOST)) {
    const path = `${directory}/${name}`
    if (valueOf(host.stat(path))?.type === 'directory') continue
    const text = host.text(path)
    if (text.state === 'unreadable') return text
    if (text.state === 'ok') found.push({path, text: text.value})
  }
  return found.length === 0 ? absent(directory) : ok(found, names.source)
}
