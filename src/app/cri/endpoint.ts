// SPDX-License-Identifier: Apache-2.0
import type {CriAddress} from '../../cri/channel.ts'
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

/** What to do about an endpoint that was told wrong. */
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

/** A place where a runtime may answer on a host. */
export interface FoundEndpoint {
  /** path of the socket */
  readonly path: string
  /** who named it: `kubelet: argv of pid 12`, `containerd, pid 34` */
  readonly reasons: readonly string[]
}

/** Nothing to connect to has the status of a connection that fails, as with crictl. */
const NOT_FOUND = 1

const NAME_IT = 'Name it with --runtime-endpoint, CONTAINER_RUNTIME_ENDPOINT or in /etc/crictl.yaml.'

/**
 * What the running kubelets of a host use, whether it answers or not: another runtime beside it is never what was meant.
 *
 * @returns undefined where no kubelet runs
 * @throws UserError when two kubelets use different ones
 */
export function kubeletEndpoint(told: readonly Told[]): Endpoint | undefined {
  const all = new Map(told.map((one) => parseEndpoint(one)).map((endpoint) => [endpoint.url.replace('unix:///var/run/', 'unix:///run/'), endpoint]))
  if (all.size > 1) throw several('the kubelets of this host use several', [...all.keys()])
  const [only] = all.values()
  return only === undefined ? undefined : {...only, notes: []}
}

/**
 * The endpoint to use when nobody told one and no kubelet runs.
 *
 * @param answering those that answer the CRI
 * @param silent those that somebody is told to use, or that are there, and do not answer it
 * @throws UserError when there is none, or several to choose from
 */
export function pickEndpoint(answering: readonly FoundEndpoint[], silent: readonly FoundEndpoint[]): Endpoint {
  const found = answering.length > 0 ? answering : silent
  const ofKubelet = found.filter(({reasons}) => reasons.some((reason) => reason.startsWith('kubelet')))
  const [first, second] = ofKubelet.length > 0 ? ofKubelet : found
  if (first === undefined) throw new UserError('No CRI endpoint was told, and none was found on this host.', `${NAME_IT} \`rtctl inspect\` shows what runs here.`, NOT_FOUND)
  if (second !== undefined) throw several(`${answering.length > 0 ? 'several answer' : 'of several none answers'} on this host`, found.map(({path}) => `unix://${path}`))
  return {address: {kind: 'unix', path: first.path}, url: `unix://${first.path}`, why: `found on this host: ${first.reasons.join(', ')}`, notes: []}
}

function several(what: string, urls: readonly string[]): UserError {
  return new UserError(`No CRI endpoint was told, and ${what}: ${urls.join(', ')}.`, NAME_IT)
}
