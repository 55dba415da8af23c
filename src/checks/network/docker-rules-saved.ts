// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'
import {eachText, linesSaying} from '../lib/scripts.ts'

export const checks = [
  nodeCheck({
    id: 'docker-rules-saved',
    title: {pass: 'No rules of Docker are restored at boot', fail: "Docker's firewall rules are saved, and restored at every boot"},
    why:
      'Whoever saved the rules while Docker ran saved its chains with them. Without Docker they come back at every boot, for bridges ' +
      'and containers that are not there, and often with the policy DROP for FORWARD, which cuts pods off.',
    severity: 'low',
    fix: 'When Docker is gone: restart the host with its chains removed from the file, see to it that the rules are right, and save them again.',
    learnMore: 'https://docs.docker.com/engine/network/packet-filtering-firewalls/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['savedFirewall'],
    run({savedFirewall}) {
      return eachText(savedFirewall, ({path, text}) => {
        const drop = linesSaying(text, /^:FORWARD DROP\b/)
        const then = drop.length > 0 ? ', and the policy DROP for FORWARD' : ''
        return [problem(path, `${path} restores chains of Docker${then} at every boot.`, {
          severity: drop.length > 0 ? 'high' : 'low',
          evidence: [...drop, ...linesSaying(text, /^:DOCKER/)].slice(0, 4).map((one) => ({source: `${path}:${one.line}`, text: one.text})),
        })]
      })
    },
    examples: {
      fail: [
        {files: {'/etc/iptables/rules.v4': '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n:DOCKER - [0:0]\n-A FORWARD -j DOCKER\nCOMMIT\n'}},
      ],
      pass: [{files: {'/etc/iptables/rules.v4': '*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n# :DOCKER was here\nCOMMIT\n'}}],
    },
  }),
]
