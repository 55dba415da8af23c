// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const runscGofer: Component = {
  name: 'runsc-gofer',
  aliases: ['gofer'],
  layer: 'sandbox',
  role: 'helper',
  brief: 'gVisor\'s file server',
  what: 'gVisor\'s file server: one process per container that opens host files for the Sentry.',
  why: 'The Sentry itself has no right to open files of the host.',
  standards: [],
  calledBy: ['runsc'],
  calls: ['the host\'s file system'],
  history: 'gVisor, 2018-05; asked less since directfs (2023).',
  see: 'pgrep -a runsc-gofer',
  sources: ['https://gvisor.dev/docs/architecture_guide/', 'https://github.com/google/gvisor/issues/9309'],
  fingerprints: [{program: 'runsc-gofer'}, {program: 'runsc', argument: /^gofer$/}],
}
