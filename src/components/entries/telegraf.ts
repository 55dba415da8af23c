// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const telegraf: Component = {
  name: 'telegraf',
  aliases: [],
  layer: 'agent',
  role: 'agent',
  brief: 'InfluxData\'s metrics agent',
  what: 'InfluxData\'s metrics agent.',
  why: 'inputs.docker asks docker.sock.',
  standards: [],
  calledBy: ['Kubernetes', 'systemd'],
  calls: ['dockerd'],
  history: '2015.',
  see: 'pgrep -a telegraf',
  sources: ['https://github.com/influxdata/telegraf/tree/master/plugins/inputs/docker'],
  fingerprints: [{program: 'telegraf'}],
}
