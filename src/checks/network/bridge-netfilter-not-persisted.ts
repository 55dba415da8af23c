// SPDX-License-Identifier: Apache-2.0
import type {DockerFacts} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {compareVersions} from '../../model/version.ts'
import {nodeCheck, problem, unknown} from '../lib/define.ts'
import {ofHost} from '../lib/units.ts'

const NODE = {650: '/usr/bin/dockerd', 700: '/usr/bin/kubelet'}
const LOADED = {
  '/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n', '/sys/module/br_netfilter/initstate': 'live\n',
  '/etc/cni/net.d/10-flannel.conflist': '{"cniVersion":"0.3.1","name":"cbr0","plugins":[{"type":"flannel"}]}',
}
/** As in a container, whose /sys is not mounted. */
const WITHOUT_SYSFS = {
  '/proc/sys/net/bridge/bridge-nf-call-iptables': '1\n',
  '/proc/modules': 'br_netfilter 32768 0 - Live 0x0000000000000000\nbridge 311296 1 br_netfilter, Live 0x0\n',
}
/** They put pods on a bridge, so that packets between pods of a node pass iptables only with the module. */
const BRIDGES = new Set(['bridge', 'flannel', 'weave-net', 'kube-router', 'cni-bridge-fp'])

/** Up to 27.2 every start of dockerd with iptables loaded the module; later only what needs it does (moby, PR 48492 and 48676). */
function dockerLoadsIt([docker]: readonly DockerFacts[]): 'yes' | 'no' | 'unknown' {
  if (docker === undefined) return 'no'
  const config = valueOf(docker.config) ?? {}
  if (config['icc'] === false || config['userland-proxy'] === false) return 'yes'
  const version = valueOf(docker.api)?.version
  if (version === undefined) return 'unknown'
  return compareVersions(version, '27.3') < 0 ? 'yes' : 'no'
}

export const checks = [
  nodeCheck({
    id: 'bridge-netfilter-not-persisted',
    title: {pass: 'br_netfilter is loaded at boot without Docker, or is not needed', fail: 'br_netfilter is loaded only because Docker loaded it'},
    why:
      'kube-proxy rewrites the addresses of services with iptables, which sees packets between pods on the same bridge only when ' +
      'br_netfilter is loaded. dockerd loaded it; after the first reboot without Docker pods cannot reach services whose endpoint is ' +
      'on their own node. It looks like an application error, on some nodes only.',
    severity: 'high',
    fix:
      '`echo br_netfilter > /etc/modules-load.d/kubernetes.conf && modprobe br_netfilter`; set net.bridge.bridge-nf-call-iptables=1 ' +
      'and net.bridge.bridge-nf-call-ip6tables=1 in /etc/sysctl.d too.',
    learnMore: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
    unproven: 'Whether something other than modules-load.d loads it at boot is not known; a CNI plugin may.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['bridgeNetfilter'],
    run({bridgeNetfilter}, {facts}) {
      if (bridgeNetfilter === undefined || !bridgeNetfilter.loaded || bridgeNetfilter.builtIn === true || bridgeNetfilter.atBoot !== undefined) return []
      const docker = dockerLoadsIt(ofHost(facts, facts.dockers))
      if (docker === 'no') return []
      if (bridgeNetfilter.builtIn === undefined) return [unknown('/sys/module', 'cannot be known here: there is no sysfs')]
      const plugins = (valueOf(facts.cni.networks) ?? [])[0]?.plugins ?? []
      const bridge = plugins.find((type) => BRIDGES.has(type))
      const needed = bridge === undefined ? 'No CNI plugin is known here that needs it.' : `The CNI plugin ${bridge} needs it for services of pods on the same node.`
      const who = docker === 'yes' ? 'dockerd loads it at its start' : 'dockerd before 27.3 loads it at its start'
      const text =
        `br_netfilter is loaded now, no file of modules-load.d names it, and ${who}: after a reboot ` +
        `without Docker it is missing. ${needed}`
      return [problem('br_netfilter', text, {
        severity: bridge === undefined ? 'low' : 'high',
        evidence: [{source: '/proc/sys/net/bridge', text: 'br_netfilter is loaded'}, {source: '/etc/modules-load.d', text: 'no br_netfilter'}],
      })]
    },
    examples: {
      fail: [{processes: NODE, files: LOADED}, {processes: NODE, files: WITHOUT_SYSFS}],
      pass: [
        {processes: NODE, files: {...WITHOUT_SYSFS, '/proc/modules': 'overlay 151552 0 - Live 0x0\n'}},
        {processes: NODE, files: {...LOADED, '/etc/modules-load.d/k8s.conf': '# k8s\nbr_netfilter\n'}},
        {processes: NODE, files: {'/etc/hosts': ''}},
        {processes: {640: '/usr/bin/containerd'}, files: LOADED},
        {processes: NODE, files: {...WITHOUT_SYSFS, '/proc/modules': {unreadable: true}, '/etc/modules-load.d/k8s.conf': 'br_netfilter\n'}},
      ],
    },
  }),
]
