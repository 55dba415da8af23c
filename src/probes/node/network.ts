// SPDX-License-Identifier: Apache-2.0
import {runCommand} from '../../host/command.ts'
import type {Facts} from '../../model/facts.ts'
import {CannotAsk, type Host} from '../../model/host.ts'
import type {NetworkNodeFacts} from '../../model/node/network.ts'
import {absent, mapObserved, valueOf} from '../../model/observed.ts'
import {parseFilterTable, squeezeIptables} from '../parse/iptables.ts'
import {parseNamespaceLink} from '../parse/proc.ts'
import {readTexts} from './host-texts.ts'
import {probeCniBinFolders, probeCniConfigs, probeCniPrograms, probeInternalLoopback} from './network-cni.ts'
import {probeBridgeNetfilter, probeForwarding} from './network-kernel.ts'

/** The facts of this topic, see {@link NetworkNodeFacts}. */
export async function probeNetwork(host: Host, facts: Facts): Promise<NetworkNodeFacts> {
  const links = host.entries('/sys/class/net')
  const asked = probeFirewall(host, facts, valueOf(links) ?? [])
  const cniBinFolders = probeCniBinFolders(host, facts)
  const [savedFirewall, cniConfigs] = await Promise.all([probeSavedFirewall(host), probeCniConfigs(host, facts)])
  return {
    links, savedFirewall, cniConfigs, cniBinFolders,
    internalLoopback: probeInternalLoopback(host, facts),
    forwarding: probeForwarding(host),
    bridgeNetfilter: probeBridgeNetfilter(host),
    cniPrograms: probeCniPrograms(host, cniBinFolders),
    firewall: await asked,
  }
}

/** Only root may list the rules, and only of its own network namespace: a host without a trace of Docker is not asked. */
async function probeFirewall(host: Host, facts: Facts, links: readonly string[]): Promise<NetworkNodeFacts['firewall']> {
  const question = 'command iptables-save'
  const {dockers, processes} = facts
  if (dockers.every(({pid}) => pid !== undefined && processes.inside[pid] !== undefined) && !links.includes('docker0')) return absent(question)
  const answer = await host.ask<string>(question, async (limitMs) => {
    if (host.origin.kind !== 'live') throw new CannotAsk('unsupported', 'rtctl asks the kernel of this machine only')
    const [own, first] = (['self', '1'] as const).map((pid) => valueOf(mapObserved(host.target(`/proc/${pid}/ns/net`), parseNamespaceLink)))
    if (first === undefined) throw new CannotAsk('EACCES', 'the network namespace of the host cannot be told, and its rules are for root alone')
    if (own !== first) throw new CannotAsk('unsupported', 'rtctl runs in a network namespace of its own, with rules of its own')
    return squeezeIptables(await runCommand('iptables-save', [], limitMs))
  })
  return mapObserved(answer, parseFilterTable)
}

/** netfilter-persistent of Debian, iptables-services of Red Hat. */
const SAVED = ['/etc/iptables/rules.v4', '/etc/iptables/rules.v6', '/etc/sysconfig/iptables', '/etc/sysconfig/ip6tables', '/etc/iptables.rules']

async function probeSavedFirewall(host: Host): Promise<NetworkNodeFacts['savedFirewall']> {
  const read = await readTexts(host, SAVED.map((path) => ({path})), (text) => /^:DOCKER/m.test(text))
  return mapObserved(read, ({texts, unread}) => ({texts: texts.map(({path, text}) => ({path, text})), unread}))
}
