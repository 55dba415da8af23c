// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const alibabaCloudSandboxedContainer: Component = {
  name: 'Alibaba Cloud Sandboxed-Container',
  aliases: ['sandboxed container', 'rund', 'security sandbox', 'anquan shaxiang', '安全沙箱', '安全沙箱容器', 'runD'],
  layer: 'sandbox',
  role: 'platform',
  brief: 'a vendor\'s sandbox, handler runv',
  what: 'Alibaba Cloud\'s pods in light virtual machines; on ACK the RuntimeClass is named runv.',
  why:
    'The handler name runv stands for the vendor\'s own sandbox through a kata-type shim API v2, not for ' +
    'Hyper\'s runV. A shim is no CRI plugin: it implements containerd\'s shim API.',
  standards: ['containerd shim API v2'],
  calledBy: ['CRI plugin', 'containerd'],
  calls: ['a virtual machine per pod'],
  history:
    'Version 1.0 by 2019; 2.0, written anew by the vendor, from 2020; its runD was described at USENIX ATC ' +
    '2022-07.',
  see: 'kubectl get runtimeclass runv',
  sources: [
    'https://www.usenix.org/conference/atc22/presentation/li-zijun-rund',
    'https://www.alibabacloud.com/help/en/ack/ack-managed-and-ack-dedicated/user-guide/overview-10',
  ],
  fingerprints: [{program: 'containerd-shim-rund-v2'}],
}
