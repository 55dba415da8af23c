// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const windowsContainers: Component = {
  name: 'Windows containers',
  aliases: ['windows container', 'windows server containers'],
  layer: 'standard',
  role: 'standard',
  brief: 'containers of the Windows kernel',
  what: 'Containers of the Windows kernel, alone or each in a Hyper-V machine.',
  why:
    'Kubernetes runs them on Windows nodes through containerd and containerd-shim-runhcs-v1. rtctl knows Linux ' +
    'nodes.',
  standards: ['OCI runtime-spec'],
  calledBy: ['containerd'],
  calls: ['containerd-shim-runhcs-v1'],
  history: 'With Windows Server 2016 (2016-09/10); Windows nodes stable in Kubernetes 1.14 (2019-03).',
  see: 'kubectl get nodes -L kubernetes.io/os',
  sources: [
    'https://learn.microsoft.com/en-us/virtualization/windowscontainers/about/',
    'https://kubernetes.io/docs/concepts/windows/intro/',
  ],
  fingerprints: [],
}
