// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const containerdShimRunhcsV1: Component = {
  name: 'containerd-shim-runhcs-v1',
  aliases: ['runhcs', 'hcsshim'],
  layer: 'shim',
  role: 'shim',
  brief: 'containerd\'s shim on Windows',
  what:
    'containerd\'s shim on Windows: it starts process- or Hyper-V-isolated Windows containers through the Host ' +
    'Compute Service.',
  why: 'Windows has no runc: the shim talks to the operating system\'s own container service.',
  standards: ['containerd shim API v2'],
  calledBy: ['containerd'],
  calls: ['Windows Host Compute Service'],
  history:
    'Microsoft hcsshim, with containerd since 1.2 (2018); Windows nodes on containerd stable in Kubernetes ' +
    '1.20 (2020-12).',
  see: 'Get-Process containerd-shim-runhcs-v1 (Windows)',
  sources: ['https://github.com/microsoft/hcsshim'],
  fingerprints: [{program: /^containerd-shim-runhcs-v1(\.exe)?$/}],
}
