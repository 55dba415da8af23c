// SPDX-License-Identifier: Apache-2.0
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {ofHost} from '../lib/units.ts'

const NODE = {650: '/usr/bin/dockerd', 700: '/usr/bin/kubelet'}
const ON = {'/proc/sys/net/ipv4/ip_forward': '1\n'}
/** These switch it on themselves when they set up a pod, or when they start (containernetworking/plugins, calico felix). */
const SET_IT = new Set(['bridge', 'ptp', 'flannel', 'calico'])

export const checks = [
  nodeCheck({
    id: 'ip-forward-not-persisted',
    title: {pass: 'Forwarding of packets survives a reboot without Docker', fail: 'Forwarding of packets is on only because Docker switched it on'},
    why:
      'dockerd sets net.ipv4.ip_forward=1 when it starts. Where no file of sysctl.d does so too, it is 0 after the first reboot ' +
      'without Docker: pods reach nothing beyond their node unless the CNI plugin sets it, and kubeadm refuses to join or upgrade.',
    severity: 'medium',
    fix: '`echo net.ipv4.ip_forward=1 >> /etc/sysctl.d/99-kubernetes.conf && sysctl --system`.',
    learnMore: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/#prerequisite-ipv4-forwarding-optional',
    unproven: 'Whether a program other than those of sysctl.d and ufw sets it at boot is not known.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['forwarding'],
    run({forwarding}, {facts}) {
      const dockers = ofHost(facts, facts.dockers)
      if (forwarding?.now !== '1' || dockers.length === 0 || dockers.some(({config}) => valueOf(config)?.['ip-forward'] === false)) return []
      const {atBoot} = forwarding
      if (atBoot !== undefined && atBoot.value !== '0') return []
      const bySelf = (valueOf(facts.cni.networks) ?? [])[0]?.plugins.some((type) => SET_IT.has(type)) === true
      const text = atBoot === undefined ? 'no file of sysctl.d sets it' : `${atBoot.source} sets 0`
      const then = bySelf ? 'it is 0 after a reboot without Docker until the CNI plugin sets it' : 'it is 0 after a reboot without Docker'
      return [problem('ip_forward', `net.ipv4.ip_forward is 1 now, and ${text}: ${then}.`, {
        severity: bySelf ? 'medium' : 'high', evidence: [{source: '/proc/sys/net/ipv4/ip_forward', text: '1'}, {source: atBoot?.source ?? '/etc/sysctl.d', text}],
      })]
    },
    examples: {
      fail: [{processes: NODE, files: ON}, {processes: NODE, files: {...ON, '/etc/sysctl.d/10-secure.conf': 'net/ipv4/ip_forward = 0\n'}}],
      pass: [
        {processes: NODE, files: {...ON, '/usr/lib/sysctl.d/50-k8s.conf': '# pods\nnet.ipv4.ip_forward = 1\n'}},
        {processes: NODE, files: {...ON, '/etc/sysctl.conf': 'net.ipv4.ip_forward=1\n', '/etc/sysctl.d/99-sysctl.conf': {link: '/etc/sysctl.conf'}}},
        {processes: {640: '/usr/bin/containerd'}, files: ON},
      ],
    },
  }),
]
