// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'

const RULES = (own: string) => `*filter\n:FORWARD DROP [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n${own}-A DOCKER-USER -j RETURN\nCOMMIT\n`

export const checks = [
  nodeCheck({
    id: 'docker-user-rules',
    title: {pass: 'No firewall rule of yours hangs in a chain of Docker', fail: 'Firewall rules of yours hang in a chain of Docker'},
    why:
      'Rules in DOCKER-USER are passed only because dockerd puts that chain in front of FORWARD. After the next start of the host ' +
      'without Docker nothing leads there: what they forbid is allowed then, for pods too, and what they count or log is not.',
    severity: 'high',
    fix:
      'Move the rules to a chain of your own that FORWARD leads to, and that is restored at boot, or to a NetworkPolicy. Then look at ' +
      '`iptables -S DOCKER-USER` again.',
    learnMore: 'https://docs.docker.com/engine/network/packet-filtering-firewalls/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['firewall'],
    run({firewall}) {
      const rules = (firewall?.rules ?? []).filter(({chain, text}) => chain === 'DOCKER-USER' && !/^-j (?:RETURN|ACCEPT)$/.test(text))
      if (rules.length === 0) return []
      return [problem('rules', `${rules.length === 1 ? 'A rule' : `${rules.length} rules`} in DOCKER-USER will not be passed any more without dockerd.`, {
        evidence: rules.slice(0, 6).map(({text}) => ({source: 'iptables-save', text: `-A DOCKER-USER ${text}`.slice(0, 200)})),
      })]
    },
    examples: {
      fail: [{processes: {650: '/usr/bin/dockerd'}, answers: {'command iptables-save': RULES('-A DOCKER-USER ! -s 192.0.2.0/24 -i eth0 -j DROP\n')}}],
      pass: [{processes: {650: '/usr/bin/dockerd'}, answers: {'command iptables-save': RULES('')}}],
    },
  }),
]
