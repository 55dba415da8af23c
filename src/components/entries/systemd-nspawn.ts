// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const systemdNspawn: Component = {
  name: 'systemd-nspawn',
  aliases: ['nspawn'],
  layer: 'sandbox',
  role: 'helper',
  brief: 'systemd\'s container starter, below rkt',
  what: 'systemd\'s own container starter.',
  why: 'It is the first stage of a rkt pod, and a way to run a whole machine, with its own systemd, inside another.',
  standards: [],
  calledBy: ['rkt', 'machinectl', 'systemd'],
  calls: ['the kernel'],
  history: 'Part of systemd since 2011; can run OCI bundles since systemd 242 (2019-04).',
  see: 'machinectl list',
  sources: ['https://www.freedesktop.org/software/systemd/man/latest/systemd-nspawn.html'],
  fingerprints: [{program: 'systemd-nspawn'}],
}
