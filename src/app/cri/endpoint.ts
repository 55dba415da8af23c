// SPDX-License-Identifier: Apache-2.0
import type {CriAddress} from '../../cri/channel.ts'
import type {Facts} from '../../model/facts.ts'
import {valueOf} from '../../model/observed.ts'
import {UserError} from '../../model/user-error.ts'

/** Where a service of a runtime is, and how that is known. */
export interface Endpoint {
  readonly address: CriAddress
  /** the address as a URL: `unix:///run/containerd/containerd.sock` */
  readonly url: string
  /** who named it: `--runtime-endpoint`, `/etc/crictl.yaml`, `the kubelet on this host …` */
  readonly why: string
  /** what the user should know of it: one sentence each */
  readonly notes: readonly string[]
}

/** What somebody told of an endpoint. */
export interface Told {
  readonly text: string
  readonly why: string
}

/** An endpoint that was told wrong. */
const EXAMPLE = 'Give it as unix:///run/containerd/containerd.sock, for example.'

/**
 * Reads an endpoint as kubelet and crictl take it: `unix:///path`, a bare path, `tcp://host:port`.
 *
 * @throws UserError for anything else
 */
export function parseEndpoint({text, why}: Told): Endpoint {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  switch (scheme) {
    case undefined:
      return {...unixEndpoint(text, why), notes: [`${why}: ${text} has no scheme, it is taken as unix://${text}`]}
    case 'unix':
      return {...unixEndpoint(text.slice('unix://'.length), why), notes: []}
    case 'tcp':
      return tcpEndpoint(text, why)
    case 'npipe':
      throw new UserError(`${why}: ${text} is a named pipe of Windows, and rtctl runs on Linux nodes.`, EXAMPLE)
    default:
      throw new UserError(`${why}: rtctl cannot connect to ${scheme}:// endpoints, told was ${text}.`, EXAMPLE)
  }
}

function unixEndpoint(path: string, why: string): Omit<Endpoint, 'notes'> {
  if (!path.startsWith('/')) throw new UserError(`${why}: the endpoint "${path}" is no absolute path.`, EXAMPLE)
  return {address: {kind: 'unix', path}, url: `unix://${path}`, why}
}

function tcpEndpoint(text: string, why: string): Endpoint {
  const url = URL.parse(text)
  const port = Number(url?.port)
  if (url === null || url.hostname === '' || !(port > 0)) {
    throw new UserError(`${why}: ${text} is no address with a port.`, 'Give it as tcp://127.0.0.1:3735, for example.')
  }
  const note = `${why}: ${text} is not encrypted and asks for no password: whoever reaches this port is root on the node`
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return {address: {kind: 'tcp', host, port}, url: text, why, notes: [note]}
}

/** A place that answers the CRI on a host. */
export interface FoundEndpoint {
  readonly path: string
  /** who named it, as in CriEndpointFacts */
  readonly reasons: readonly string[]
}

/** The endpoints of the host itself that answer the CRI, the kubelet's own first. */
export function foundEndpoints({criEndpoints}: Facts): readonly FoundEndpoint[] {
  return criEndpoints
    .filter(({inside, answer}) => inside === undefined && (valueOf(answer)?.apiVersions.length ?? 0) > 0)
    .map(({address, reasons}) => ({path: address, reasons}))
    .toSorted((one, other) => rank(one) - rank(other))
}

function rank({reasons}: FoundEndpoint): number {
  return reasons.some((reason) => reason.includes('kubelet')) ? 0 : 1
}

/**
 * The endpoint to use when nobody told one.
 *
 * @throws UserError when there is none, or several and the kubelet uses none of them
 */
export function pickEndpoint(found: readonly FoundEndpoint[]): Endpoint {
  const [first, second] = found
  const next = 'Name it with --runtime-endpoint, CONTAINER_RUNTIME_ENDPOINT or in /etc/crictl.yaml.'
  if (first === undefined) throw new UserError('No CRI endpoint was told, and none was found on this host.', `${next} \`rtctl inspect\` shows what runs here.`)
  if (second !== undefined && rank(first) === rank(second)) {
    throw new UserError(`No CRI endpoint was told, and several answer on this host: ${found.map(({path}) => `unix://${path}`).join(', ')}.`, next)
  }
  return {address: {kind: 'unix', path: first.path}, url: `unix://${first.path}`, why: `found on this host: ${first.reasons.join(', ')}`, notes: []}
}
