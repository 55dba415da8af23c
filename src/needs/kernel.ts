// SPDX-License-Identifier: Apache-2.0
import {stringsOf} from '../checks/lib/docker-settings.ts'
import {acceptsPods} from '../checks/network/forward-policy-drop.ts'
import type {Setting} from '../model/facts.ts'
import type {NodeNeeds, Remark} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import {byName, type Reading} from './reading.ts'

/** Bridges that Docker makes: the default one, that of a swarm, and one for each network (moby, libnetwork). */
const DOCKER_LINK = /^(?:docker0|docker_gwbridge|br-[0-9a-f]{12})$/

/** What holds in the kernel now because Docker, or somebody by hand, made it so, and what Docker leaves there. */
export function kernelNeeds(reading: Reading): {readonly kernel: NodeNeeds['kernel']; readonly remarks: readonly Remark[]} {
  const firewall = valueOf(reading.known.firewall)
  const dropped = reading.docker !== undefined && firewall?.forwardPolicy === 'DROP'
  const passes = firewall?.rules.some(acceptsPods) === true
  return {
    kernel: {
      modules: modules(reading), sysctls: sysctls(reading),
      ...(dropped && !passes && {forwardDrop: {value: 'DROP', source: reading.known.firewall.source}}),
      links: reading.docker === undefined ? [] : (valueOf(reading.known.links) ?? []).filter((name) => DOCKER_LINK.test(name)),
      chains: (firewall?.chains ?? []).filter((name) => /^DOCKER(?:-[A-Z0-9-]+)?$/.test(name)),
    },
    remarks: [...(dropped && passes ? [policyRemark(reading)] : []), ...userRules(reading), ...unknownModule(reading)],
  }
}

function modules({known, onDocker, docker, uses}: Reading): readonly Setting[] {
  const bridge = valueOf(known.bridgeNetfilter)
  const driver = valueOf(docker?.api)?.storageDriver ?? stringsOf(uses.get('storage-driver')?.value).at(-1) ?? 'overlay2'
  const isOverlay = onDocker && docker !== undefined && driver.startsWith('overlay') && valueOf(known.storage)?.filesystems.includes('overlay') === true
  return [
    // dockerd has the kernel load it; a file that names it is found by whoever writes one
    ...(isOverlay ? [{value: 'overlay', source: '/proc/filesystems'}] : []),
    ...(bridge?.loaded === true && bridge.builtIn !== true && bridge.atBoot === undefined ? [{value: 'br_netfilter', source: '/proc/sys/net/bridge'}] : []),
  ]
}

/** With the module its switches are on unless a file says otherwise: that is the kernel's own default, and what Docker sets. */
function sysctls({known}: Reading): Readonly<Record<string, Setting>> {
  const [forwarding, bridge] = [valueOf(known.forwarding), valueOf(known.bridgeNetfilter)]
  const entries: (readonly [string, Setting])[] = []
  if (forwarding?.now === '1' && forwarding.atBoot?.value !== '1') entries.push(['net.ipv4.ip_forward', {value: '1', source: '/proc/sys/net/ipv4/ip_forward'}])
  if (bridge?.loaded === true && bridge.builtIn !== true && bridge.atBoot === undefined) {
    for (const family of ['iptables', 'ip6tables']) entries.push([`net.bridge.bridge-nf-call-${family}`, {value: '1', source: 'default of br_netfilter'}])
  }
  return byName(entries)
}

function policyRemark({known}: Reading): Remark {
  return {
    level: 'note', source: known.firewall.source,
    text: 'The policy of FORWARD is DROP; other rules than those of Docker accept traffic of pods, so that it is left as it is.',
  }
}

function userRules({known, upgrade: {target}}: Reading): readonly Remark[] {
  const rules = (valueOf(known.firewall)?.rules ?? []).filter(({chain, text}) => chain === 'DOCKER-USER' && !/^-j (?:RETURN|ACCEPT)$/.test(text))
  if (rules.length === 0 || target === 'cri-dockerd') return []
  return [{
    level: 'loss', source: known.firewall.source,
    text: `${rules.length === 1 ? 'A rule' : `${rules.length} rules`} in DOCKER-USER will not be passed any more without dockerd: what they forbid is allowed then.`,
    next: 'Move them to a chain of your own that FORWARD leads to and that is restored at boot, or to a NetworkPolicy.',
  }]
}

function unknownModule({known}: Reading): readonly Remark[] {
  const bridge = valueOf(known.bridgeNetfilter)
  if (bridge?.loaded !== true || bridge.builtIn !== undefined || bridge.atBoot !== undefined) return []
  return [{
    level: 'note', source: '/sys/module',
    text: 'Whether br_netfilter is a module or a part of the kernel cannot be told without sysfs; a file that has it loaded at boot does no harm.',
  }]
}
