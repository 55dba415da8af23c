// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const runscSandbox: Component = {
  name: 'runsc-sandbox',
  aliases: ['Sentry', 'gvisor sentry'],
  layer: 'sandbox',
  role: 'helper',
  brief: 'gVisor\'s Sentry, the kernel of one pod',
  what: 'gVisor\'s Sentry: the process that is the kernel of one pod.',
  why:
    'All processes of the containers live inside it and are not in the host\'s process list (with ptrace or ' +
    'systrap, as stubs).',
  standards: [],
  calledBy: ['runsc'],
  calls: ['runsc-gofer', 'KVM or seccomp'],
  history: 'gVisor, 2018-05.',
  see: 'pgrep -a runsc-sandbox (argv: … boot --bundle=… ID)',
  sources: ['https://gvisor.dev/docs/architecture_guide/', 'https://github.com/google/gvisor/issues/9309'],
  fingerprints: [{program: 'runsc-sandbox'}, {program: 'runsc', argument: /^boot$/}],
}
