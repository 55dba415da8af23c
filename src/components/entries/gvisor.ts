// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const gvisor: Component = {
  name: 'gVisor',
  aliases: ['g visor', 'google gvisor'],
  layer: 'sandbox',
  role: 'platform',
  brief: 'a kernel in user space for each pod',
  what:
    'A kernel for applications, written in Go, that runs as an ordinary process between a container and the ' +
    'host\'s kernel.',
  why:
    'It is no virtual machine: system calls of the container are caught (systrap, KVM, once ptrace) and ' +
    'answered by the Sentry.',
  standards: ['OCI runtime-spec'],
  calledBy: ['containerd-shim-runsc-v1', 'dockerd'],
  calls: ['runsc', 'runsc-sandbox', 'runsc-gofer'],
  history: 'Published by Google 2018-05-02; systrap instead of ptrace as default platform since 2023.',
  see: 'dmesg inside the container; pgrep -a runsc',
  sources: ['https://gvisor.dev/docs/', 'https://github.com/google/gvisor'],
  fingerprints: [],
}
