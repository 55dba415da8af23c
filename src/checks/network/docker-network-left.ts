// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'
import {ofHost} from '../lib/units.ts'

export const checks = [
  nodeCheck({
    id: 'docker-network-left',
    title: {pass: "No network interfaces of a Docker that does not run are left", fail: 'Network interfaces of a Docker that does not run are left'},
    why:
      'docker0 and the bridges of Docker networks keep their addresses and routes until the next start of the host. Where their range, ' +
      '172.17.0.0/16 as a rule, is used by somebody else, packets go nowhere; tools that pick the address of ' +
      'the first interface pick theirs.',
    severity: 'low',
    fix: '`ip link delete docker0`, the same for each `br-…` of Docker, and flush its chains of iptables; or restart the host.',
    learnMore: 'https://docs.docker.com/engine/network/drivers/bridge/',
    needs: ['links'],
    run({links = []}, {facts}) {
      if (ofHost(facts, facts.dockers).some(({pid}) => pid !== undefined)) return []
      const left = links.filter((name) => /^(?:docker0|docker_gwbridge|br-[0-9a-f]{12})$/.test(name))
      if (left.length === 0) return []
      const text =
        `No dockerd runs, and its ${left.length === 1 ? 'interface' : 'interfaces'} ` +
        `${left.slice(0, 5).join(', ')}${left.length > 5 ? ' …' : ''} ${left.length === 1 ? 'is' : 'are'} still there.`
      return [problem('links', text, {
        evidence: left.slice(0, 5).map((name) => ({source: `/sys/class/net/${name}`, text: 'network interface'})),
      })]
    },
    examples: {
      fail: [{files: {'/sys/class/net/docker0': {directory: true}, '/sys/class/net/eth0': {directory: true}}}],
      pass: [
        {files: {'/sys/class/net/docker0': {directory: true}}, processes: {650: '/usr/bin/dockerd'}},
        {files: {'/sys/class/net/eth0': {directory: true}, '/sys/class/net/br-lan': {directory: true}}},
      ],
    },
  }),
]
