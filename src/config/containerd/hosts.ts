// SPDX-License-Identifier: Apache-2.0
import type {GeneratedFile, SettingRow, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {type Existing, existingAt, fileUnlessSame, matchesOf, unreadableRemark} from '../lib/existing.ts'
import {isPlain, refusedRemark} from '../lib/plain-text.ts'
import {CannotEditToml, openToml, type TomlDocument} from '../toml/document.ts'
import {setToml} from '../toml/edit.ts'
import {tomlAt, tomlTableAt} from '../toml/value.ts'
import {writeKey, writeValue} from '../toml/write.ts'

export const CERTS_D = '/etc/containerd/certs.d'
/** Every hosts.toml, also of a folder that a configuration names otherwise. */
export const HOSTS_FILES = '/etc/containerd/*/*/hosts.toml'
/** Docker never verifies these, and containerd has the same rule for them. */
const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1/128']

/** A place that images of a registry are asked of. */
export interface Endpoint {
  /** `https://mirror.example.com` */
  readonly url: string
  readonly skipVerify?: boolean
  readonly ca?: readonly string[]
  readonly client?: readonly (readonly [certificate: string, key: string])[]
}

/** What is special about a registry: one hosts.toml. */
export interface RegistryHosts {
  /** `docker.io`, `registry.example.com:5000`, `_default` */
  readonly host: string
  /** asked in this order, then the registry itself */
  readonly endpoints: readonly Endpoint[]
  readonly rows: readonly SettingRow[]
}

/** The registry that the name docker.io stands for. */
const DOCKER_HUB = 'https://registry-1.docker.io'

/** Registries of a node: mirrors, certificates, and those that Docker does not verify. */
export function registriesOf(needs: NodeNeeds, files: TargetFiles): {readonly hosts: readonly RegistryHosts[]; readonly remarks: readonly Remark[]} {
  const remarks: Remark[] = []
  const hosts = [...new Set([...needs.registries.map(({host}) => host), ...Object.keys(needs.certificates)])].flatMap((host) => {
    const registry = needs.registries.find((one) => one.host === host)
    if (LOOPBACK.includes(host)) return []
    if (!isHost(host)) {
      const source = registry?.insecure?.source
      remarks.push(host.includes('/') ? rangeRemark(host, source) : refusedRemark('the name of a registry', source ?? 'daemon.json'))
      return []
    }
    const mirrors = (registry?.mirrors ?? []).filter(({value, source}) => {
      if (isUrl(value)) return true
      remarks.push({level: 'loss', text: `${JSON.stringify(value.slice(0, 200))} is no address of a mirror`, source})
      return false
    })
    const endpoints = [
      ...mirrors.flatMap(({value}) => endpointsFor(value, needs, files)),
      ...(registry?.insecure !== undefined || certificatesFor(host, needs, files) !== undefined ? endpointsFor(`https://${host}`, needs, files) : []),
    ]
    return [{host, endpoints: distinct(endpoints), rows: rowsOf(host, needs, files)}]
  })
  return {hosts: hosts.filter(({endpoints}) => endpoints.length > 0), remarks}
}

function distinct(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  return endpoints.filter(({url}, index) => endpoints.findIndex((other) => other.url === url) === index)
}

/** A name or address with or without a port: becomes the name of a folder. */
function isHost(host: string): boolean {
  return host.length <= 255 && /^(?:_default|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host) && !host.includes('..')
}

function isUrl(value: string): boolean {
  if (!isPlain(value) || !/^https?:\/\/[^\s"'\\]+$/.test(value)) return false
  return URL.canParse(value) && new URL(value).username === ''
}

function rangeRemark(range: string, source: string | undefined): Remark {
  return {
    level: 'loss', text: `${range} names a range of registries: containerd takes registries by name only`,
    next: 'Write a hosts.toml for each registry of the range that pods use.', ...(source !== undefined && {source}),
  }
}

/** One address, or for a registry that Docker does not verify two: without verifying first, then in plain HTTP, as dockerd does. */
function endpointsFor(url: string, needs: NodeNeeds, files: TargetFiles): readonly Endpoint[] {
  const {host, protocol} = new URL(url)
  const insecure = needs.registries.some((one) => one.host === host && one.insecure !== undefined)
  const endpoint: Endpoint = {url: url.replace(/\/+$/, ''), ...(protocol === 'https:' && certificatesFor(host, needs, files))}
  if (protocol === 'http:' || !insecure) return [endpoint]
  return [{...endpoint, skipVerify: true}, {url: endpoint.url.replace(/^https:/, 'http:')}]
}

/** Files that Docker takes for a registry: `*.crt` verify it, `NAME.cert` with `NAME.key` identify the node (dockerd's documentation). */
function certificatesFor(host: string, needs: NodeNeeds, files: TargetFiles): Pick<Endpoint, 'ca' | 'client'> | undefined {
  const folder = Object.hasOwn(needs.certificates, host) ? needs.certificates[host] : undefined
  if (folder === undefined) return undefined
  const ca = matchesOf(files, `${folder.value}/*.crt`).paths
  const client = matchesOf(files, `${folder.value}/*.cert`).paths.map((path) => [path, path.replace(/cert$/, 'key')] as const)
  return ca.length + client.length === 0 ? undefined : {...(ca.length > 0 && {ca}), ...(client.length > 0 && {client})}
}

function rowsOf(host: string, needs: NodeNeeds, files: TargetFiles): readonly SettingRow[] {
  const registry = needs.registries.find((one) => one.host === host)
  const path = `${CERTS_D}/${host}/hosts.toml`
  const rows: SettingRow[] = []
  const mirrors = registry?.mirrors ?? []
  const [mirror] = mirrors
  if (mirror !== undefined) {
    const value = mirrors.map((one) => one.value).join(', ')
    rows.push({name: `registry mirrors of ${host}`, declared: {value, source: mirror.source}, after: {value, source: `${path} host`}})
  }
  if (registry?.insecure !== undefined) {
    rows.push({name: `insecure registry ${host}`, declared: registry.insecure, after: {value: 'https unverified, then http', source: `${path} skip_verify`}})
  }
  const folder = Object.hasOwn(needs.certificates, host) ? needs.certificates[host] : undefined
  if (folder !== undefined && certificatesFor(host, needs, files) !== undefined) {
    rows.push({name: `certificates of ${host}`, declared: folder, after: {value: folder.value, source: `${path} ca, client`}})
  }
  return rows
}

/** Paths that may have the hosts.toml of a registry, the first that is there counts (containerd docs/hosts.md). */
export function hostsFilesOf(folder: string, host: string): readonly [string, string] {
  const at = host.lastIndexOf(':')
  const own = `${folder}/${host}/hosts.toml`
  return [at > 0 && !host.endsWith(']') ? `${folder}/${host.slice(0, at)}_${host.slice(at + 1)}_/hosts.toml` : own, own]
}

/** The hosts.toml of a registry: a new one, or what is there with what it lacks. */
export function hostsFile(
  folder: string, {host, endpoints}: RegistryHosts, files: TargetFiles,
): {readonly files: readonly GeneratedFile[]; readonly remarks: readonly Remark[]} {
  const [first, own] = hostsFilesOf(folder, host)
  const path = existingAt(files, first).state === 'ok' ? first : own
  const existing = existingHosts(files, path)
  if (existing.state === 'unreadable') return {files: [], remarks: [unreadableRemark(path, existing)]}
  const file = {path, mode: 0o644, why: `How images of ${host} are pulled`, part: 'runtime'} as const
  if (existing.state === 'absent' || existing.text.trim() === '') {
    return {files: fileUnlessSame(existing, {...file, text: newHosts(host, endpoints)}), remarks: []}
  }
  try {
    const {document, kept} = mergedHosts(openToml(existing.text), endpoints)
    const remark: Remark = {
      level: 'note',
      text: `${path} is there already: ${kept.join(', ')} ${kept.length === 1 ? 'stays' : 'stay'} as written, and before what is added`,
      source: path,
    }
    return {files: fileUnlessSame(existing, {...file, text: document.text}), remarks: kept.length === 0 ? [] : [remark]}
  } catch (error) {
    if (!(error instanceof CannotEditToml)) throw error
    const urls = endpoints.map(({url}) => url).join(', ')
    return {files: [], remarks: [{
      level: 'blocker', text: `${path} cannot be edited: ${error.message}`,
      next: `Write the hosts ${urls} into it by hand, and plan again.`, source: path,
    }]}
  }
}

/** The registries of an old configuration are not known before it is read: those without a file are none of the matches. */
function existingHosts(files: TargetFiles, path: string): Existing {
  const existing = existingAt(files, path)
  const isOne = /^\/etc\/containerd\/[^/]+\/[^/]+\/hosts\.toml$/.test(path)
  const {paths, remarks} = matchesOf(files, HOSTS_FILES)
  const isUnasked = existing.state === 'unreadable' && existing.reason === 'not-captured'
  return isUnasked && isOne && remarks.length === 0 && !paths.includes(path) ? {state: 'absent'} : existing
}

function newHosts(host: string, endpoints: readonly Endpoint[]): string {
  const server = host === 'docker.io' ? `server = "${DOCKER_HUB}"\n\n` : ''
  return `# Written by rtctl: what Docker was told of ${host}.\n${server}${endpoints.map(hostTable).join('\n')}`
}

function hostTable({url, skipVerify, ca, client}: Endpoint): string {
  const pairs = (client ?? []).map((pair) => writeValue(pair, '"')).join(', ')
  return [
    `[host.${writeKey(url, '"')}]`,
    '  capabilities = ["pull", "resolve"]',
    ...(skipVerify === true ? ['  skip_verify = true'] : []),
    ...(ca === undefined ? [] : [`  ca = ${writeValue(ca, '"')}`]),
    ...(client === undefined ? [] : [`  client = [${pairs}]`]),
    '',
  ].join('\n')
}

/** Adds the hosts that are not there; of those that are, only keys that they have not. */
function mergedHosts(document: TomlDocument, endpoints: readonly Endpoint[]): {readonly document: TomlDocument; readonly kept: readonly string[]} {
  const urls = Object.keys(tomlTableAt(document.value, ['host']))
  let here = document
  for (const endpoint of endpoints) {
    const {url, skipVerify, ca} = endpoint
    const at = ['host', url]
    if (!urls.includes(url)) {
      const text = `${here.text}${here.text.endsWith('\n') ? '' : here.eol}${here.eol}${hostTable(endpoint).replaceAll('\n', here.eol)}`
      here = openToml(text)
      continue
    }
    if (skipVerify === true && tomlAt(here.value, [...at, 'skip_verify']) === undefined) here = setToml(here, [...at, 'skip_verify'], true)
    if (ca !== undefined && tomlAt(here.value, [...at, 'ca']) === undefined) here = setToml(here, [...at, 'ca'], ca)
  }
  const told = endpoints.filter(({url, skipVerify}) => skipVerify === true && tomlAt(here.value, ['host', url, 'skip_verify']) === false)
  const others = urls.filter((url) => !endpoints.some((one) => one.url === url))
  return {document: here, kept: [...new Set([...others, ...told.map(({url}) => url)])].map((url) => url.slice(0, 200))}
}
