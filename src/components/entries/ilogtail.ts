// SPDX-License-Identifier: Apache-2.0
import type {Component} from '../../model/component.ts'

export const ilogtail: Component = {
  name: 'iLogtail',
  aliases: ['logtail', 'loongcollector', 'LoongCollector', 'aliyun logtail'],
  layer: 'agent',
  role: 'agent',
  brief: 'Alibaba Cloud\'s log collector, now LoongCollector',
  what: 'Alibaba Cloud\'s log collector, now called LoongCollector.',
  why:
    'It mounts the runtime\'s socket (Docker or containerd) to list containers, and the host\'s / at ' +
    '/logtail_host to read their logs and files, which overlayfs makes findable.',
  standards: [],
  calledBy: ['Kubernetes'],
  calls: ['dockerd', 'containerd', 'CRI'],
  history: 'Its Go part opened 2021-11, the whole 2022-06; renamed LoongCollector 2024.',
  see: 'pgrep -af "ilogtail|loongcollector"',
  sources: [
    'https://github.com/alibaba/loongcollector',
    'https://www.alibabacloud.com/blog/leap-in-log-collection-efficiency-comprehensive-upgrade-from-ilogtail-to-loongcollector_602459',
  ],
  fingerprints: [
    {program: 'ilogtail'},
    {program: 'loongcollector'},
    {program: 'logtail'},
    {program: /^ilogtail_[0-9.]+$/},
  ],
}
