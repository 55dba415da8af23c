// SPDX-License-Identifier: Apache-2.0
import type {FilterTable} from '../../model/node/network.ts'

const KEPT = /^(?::|-A (?:FORWARD|DOCKER[\w-]*) )/

/**
 * What is used of iptables-save's answer: of the filter table the names of its chains, the rules of FORWARD and of Docker's chains.
 * A node with thousands of services has megabytes of others.
 */
export function squeezeIptables(text: string): string {
  let table = ''
  const kept = text.split('\n').filter((line) => {
    if (line.startsWith('*')) table = line
    return table === '*filter' && (line.startsWith('*') || KEPT.test(line))
  })
  return kept.join('\n')
}

/** Reads what iptables-save prints (iptables-save(8)), the filter table of it. Rows that are none are left out. */
export function parseFilterTable(text: string): FilterTable {
  const lines = squeezeIptables(text).split('\n')
  const chains = lines.flatMap((line) => {
    const found = /^:(\S+) (\S+)/.exec(line)
    return found === null ? [] : [{name: found[1] ?? '', policy: found[2] ?? '-'}]
  })
  const policy = chains.find(({name}) => name === 'FORWARD')?.policy
  const rules = lines.flatMap((line) => {
    const found = /^-A (\S+) (.*)$/.exec(line)
    return found?.[1] === undefined ? [] : [{chain: found[1], text: found[2] ?? ''}]
  })
  return {...(policy !== undefined && {forwardPolicy: policy}), chains: chains.filter((one) => one.policy === '-').map(({name}) => name), rules}
}
