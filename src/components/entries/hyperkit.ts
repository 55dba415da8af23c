// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const hyperkit: Component = {
  name: 'hyperkit',
  aliases: ['xhyve'],
  layer: 'sandbox',
  role: 'vmm',
  brief: 'the VM below Docker for Mac (retired)',
  what: 'A small virtual machine monitor for macOS on Apple\'s Hypervisor framework.',
  why: 'Docker for Mac ran its Linux VM in it, minikube offered it as a driver. It never runs on a Linux node.',
  standards: [],
  calledBy: ['Docker Desktop', 'minikube node'],
  calls: ['macOS Hypervisor.framework'],
  history:
    'Published by Docker 2016-05, from xhyve; replaced by Apple\'s Virtualization framework in Docker Desktop ' +
    'from 2022.',
  see: 'pgrep -a hyperkit (macOS)',
  sources: ['https://github.com/moby/hyperkit'],
  fingerprints: [{program: 'hyperkit'}],
}
