// SPDX-License-Identifier: Apache-2.0
import type {FilterRule} from '../../model/node/network.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {ofHost} from '../lib/units.ts'

const RULES = (policy: string, more = '') =>
  `*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ${policy} [0:0]\n:DOCKER - [0:0]\n:DOCKER-USER - [0:0]\n-A FORWARD -j DOCKER-USER\n` +
  `-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n-A FORWARD -i docker0 ! -o docker0 -j ACCEPT\n` +
  `-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD\n${more}-A DOCKER-USER -j RETURN\nCOMMIT\n`
const NODE = {650: '/usr/bin/dockerd', 700: '/usr/bin/kubelet'}

/** Neither Docker's rules, nor those of kube-proxy, nor those for answers only, let new traffic of pods pass. */
export function acceptsPods({chain, text}: FilterRule): boolean {
  const target = /(?:^| )-[jg] (\S+)/.exec(text)?.[1] ?? ''
  if (chain !== 'FORWARD' || /^(?:DROP|REJECT|RETURN|LOG|NFLOG|MARK|CONNMARK)$/.test(target)) return false
  if (target !== 'ACCEPT') return !/^(?:DOCKER[\w-]*|KUBE-(?!ROUTER|POD)[\w-]*|ufw\S*)$/.test(target)
  if (/(?:^| )-[io] (?:docker0|docker_gwbridge|br-[0-9a-f]{12})(?: |$)/.test(text) || /docker-ext-bridges/.test(text)) return false
  return !/(?:--ctstate|--state) (?:RELATED,ESTABLISHED|ESTABLISHED,RELATED|ESTABLISHED)(?: |$)/.test(text)
}

export const checks = [
  nodeCheck({
    id: 'forward-policy-drop',
    title: {pass: 'The FORWARD chain lets traffic of pods pass', fail: 'The FORWARD chain drops traffic of pods'},
    why:
      'dockerd sets the policy of the FORWARD chain to DROP when it switches forwarding on, and accepts what is for its own bridges ' +
      'only. The policy stays when Docker is stopped, until the next start of the host: pods on another network reach nothing beyond ' +
      'their node, and are not reached.',
    severity: 'high',
    fix:
      '`iptables -P FORWARD ACCEPT` once Docker is switched off, or accept the range of the pods (`iptables -A FORWARD -s POD-CIDR -j ' +
      'ACCEPT`, the same with -d), where nothing of the firewall needs the policy. It also has to be so after a reboot.',
    learnMore: 'https://github.com/moby/moby/issues/39439',
    unproven: 'A CNI plugin that passes by iptables (eBPF) is not hindered. Rules of nft that are not from iptables are not looked at.',
    needs: ['firewall'],
    run({firewall}, {facts}) {
      if (firewall?.forwardPolicy !== 'DROP' || ofHost(facts, facts.kubelets).length === 0 || firewall.rules.some(acceptsPods)) return []
      const docker = ofHost(facts, facts.dockers).some(({pid}) => pid !== undefined) ? 'Docker' : 'a Docker that no longer runs'
      const chains = firewall.chains.filter((name) => name.startsWith('DOCKER'))
      return [problem('forward', `The policy of FORWARD is DROP, and no rule but those of ${docker} and of kube-proxy accepts anything there.`, {
        evidence: [
          {source: 'iptables-save', text: ':FORWARD DROP'},
          ...(chains.length > 0 ? [{source: 'iptables-save', text: `chains ${chains.slice(0, 6).join(' ')}`}] : []),
        ],
      })]
    },
    examples: {
      fail: [{processes: NODE, answers: {'command iptables-save': RULES('DROP')}}],
      pass: [
        {processes: NODE, answers: {'command iptables-save': RULES('ACCEPT')}},
        {processes: NODE, answers: {'command iptables-save': RULES('DROP', '-A FORWARD -s 10.244.0.0/16 -j ACCEPT\n')}},
        {
          processes: NODE,
          answers: {'command iptables-save': RULES('DROP', '-A FORWARD -m comment --comment "cali:wUHhoiAYhphO9Mso" -j cali-FORWARD\n')},
        },
      ],
    },
  }),
]
