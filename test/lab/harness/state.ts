// SPDX-License-Identifier: Apache-2.0
import {nodeStatus, said} from './node.ts'

/** What a rollback has to bring back, in lines that can be compared. */
export interface NodeState {
  /** all files of the system's and the kubelet's configuration: path, mode, owner, second of the last change, sum; links with their targets */
  readonly files: readonly string[]
  /** `docker.service active enabled` */
  readonly units: readonly string[]
  /** rules of the packet filter, sorted; dockerd makes those with an address of its containers anew */
  readonly firewall: readonly string[]
  readonly sysctls: readonly string[]
  readonly links: readonly string[]
  /** of the Node object: whether it takes pods, and what kubeadm keeps of its runtime */
  readonly node: readonly string[]
}

const FOLDERS = ['/etc', '/usr/lib/systemd', '/opt/cni', '/var/lib/kubelet/config.yaml', '/var/lib/kubelet/kubeadm-flags.env']
const UNITS = ['docker.service', 'docker.socket', 'containerd.service', 'kubelet.service']

/** Reads it, without rtctl. */
export async function stateOfNode(): Promise<NodeState> {
  const {unschedulable, annotations} = await nodeStatus()
  const files = [
    `find ${FOLDERS.join(' ')} -type f -printf '%p %m %u:%g %Ts ' -exec sh -c 'sha256sum < "$1"' sh {} ';'`,
    `find ${FOLDERS.join(' ')} -type l -printf '%p -> %l\\n'`,
    `find ${FOLDERS.join(' ')} -type d -printf '%p/ %m %u:%g\\n'`,
  ]
  const units = UNITS.map((unit) => `echo ${unit} $(systemctl is-active ${unit}) $(systemctl is-enabled ${unit})`)
  return {
    files: await lines(files.join('\n')), units: await lines(units.join('\n')),
    firewall: (await lines("{ iptables --list-rules; iptables --table nat --list-rules; } | grep -v ' 172[.]'")).toSorted(),
    sysctls: await lines('sysctl net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables'),
    links: await lines("ip -brief link show | sed 's/[@ ].*//' | grep -v ^veth"),
    node: [`unschedulable ${unschedulable}`, `cri-socket ${annotations['kubeadm.alpha.kubernetes.io/cri-socket']}`],
  }
}

async function lines(script: string): Promise<readonly string[]> {
  return (await said('sh', '-c', script)).trim().split('\n').toSorted()
}
