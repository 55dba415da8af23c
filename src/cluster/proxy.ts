// SPDX-License-Identifier: Apache-2.0

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy that the environment names for a server, by the rules of Go's net/http, which kubectl follows: none for localhost, none for
 * what NO_PROXY lists (a host, a domain and all below it, an IPv4 network, `*`).
 */
export function proxyFor(server: string, environment: Environment): string | undefined {
  const {protocol, hostname, port} = new URL(server)
  const name = protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = environment[name] ?? environment[name.toLowerCase()]
  if (proxy === undefined || proxy === '') return undefined
  if (hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')) return undefined
  const exceptions = (environment['NO_PROXY'] ?? environment['no_proxy'] ?? '').split(/[,\s]+/).filter((word) => word !== '')
  if (exceptions.some((word) => covers(word.toLowerCase(), hostname, port))) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

function covers(exception: string, host: string, port: string): boolean {
  if (exception === '*') return true
  const network = /^(\d+\.\d+\.\d+\.\d+)\/(\d{1,2})$/.exec(exception)
  if (network !== null) return inNetwork(host, network[1] ?? '', Number(network[2]))
  const [, name = '', ofPort] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(exception) ?? []
  if (name === '' || (ofPort !== undefined && ofPort !== port)) return false
  return host === name || host.endsWith(`.${name}`)
}

function inNetwork(host: string, network: string, bits: number): boolean {
  const [address, base] = [ipv4(host), ipv4(network)]
  if (address === undefined || base === undefined || bits > 32) return false
  const size = 2 ** (32 - bits)
  return Math.floor(address / size) === Math.floor(base / size)
}

function ipv4(host: string): number | undefined {
  const parts = host.split('.').map(Number)
  return parts.length === 4 && parts.every((part) => part >= 0 && part <= 255) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined
}
