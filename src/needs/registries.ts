// SPDX-License-Identifier: Apache-2.0
import {criTablesOf, jsonAt, membersAt, proofAt, textAt, textsAt} from '../checks/lib/containerd.ts'
import {stringsOf} from '../checks/lib/docker-settings.ts'
import {hostOf, isRange, withoutScheme} from '../checks/lib/docker-topics-registry.ts'
import {parseImage} from '../checks/lib/pod-images.ts'
import type {Setting} from '../model/facts.ts'
import type {PodImage, Registry, Remark} from '../model/migration/needs.ts'
import type {ContainerdFile} from '../model/node/containerd.ts'
import {valueOf} from '../model/observed.ts'
import {byName, type Reading, settingOf} from './reading.ts'

export interface Registries {
  readonly registries: readonly Registry[]
  readonly certificates: Readonly<Record<string, Setting>>
  readonly remarks: readonly Remark[]
}

/** What dockerd takes for insecure without being told (moby registry/config.go). */
const LOOPBACK_SOURCE = 'default of dockerd: 127.0.0.0/8'

/**
 * Registries with what is special about them: mirrors of docker.io and insecure registries of Docker, or what config.toml of containerd
 * says of registries. A name that is none, which could lead a file elsewhere, is left out with a remark.
 */
export function registryNeeds(reading: Reading, images: readonly PodImage[]): Registries {
  const found = reading.onDocker ? ofDocker(reading, images) : reading.runtime === 'containerd' ? ofContainerd(reading) : {entries: [], remarks: []}
  const [good, bad] = [found.entries.filter(({host}) => isRegistryHost(host)), found.entries.filter(({host}) => !isRegistryHost(host))]
  const folders = valueOf(reading.known.dockerCertificates) ?? []
  return {
    registries: merged(good),
    certificates: reading.onDocker ? byName(folders.filter(isRegistryHost).map(certificatesAt)) : {},
    remarks: [...found.remarks, ...bad.map(invalidRemark), ...credentialRemarks(reading)],
  }
}

interface Entry {
  readonly host: string
  readonly mirrors?: readonly Setting[]
  readonly insecure?: Setting
  readonly scheme?: 'http' | 'https'
}

interface Found {
  readonly entries: readonly Entry[]
  readonly remarks: readonly Remark[]
}

function certificatesAt(name: string): readonly [string, Setting] {
  const path = `/etc/docker/certs.d/${name}`
  return [name, {value: path, source: path}]
}

const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/

/** `docker.io`, `registry.example.com:5000`, `[fd00::1]:5000`, and `_default`, which containerd has for all. */
function isRegistryHost(host: string): boolean {
  if (host === '_default') return true
  const name = host.replace(/:\d{1,5}$/, '')
  return host.length <= 260 && (/^\[[0-9A-Fa-f:]{2,45}\]$/.test(name) || name.split('.').every((label) => LABEL.test(label)))
}

function invalidRemark({host, mirrors, insecure}: Entry): Remark {
  const source = insecure?.source ?? mirrors?.[0]?.source
  return {
    level: 'loss', text: `"${host.slice(0, 100)}" is not the name of a registry, and is not carried over.`,
    next: 'Correct it where it is written, or configure the registry for the new runtime by hand.', ...(source !== undefined && {source}),
  }
}

/** One entry per registry, in order of first mention. */
function merged(entries: readonly Entry[]): readonly Registry[] {
  return [...Map.groupBy(entries, ({host}) => host)].map(([host, all]) => {
    const insecure = all.find((one) => one.insecure !== undefined)?.insecure
    const scheme = all.find((one) => one.scheme !== undefined)?.scheme
    const mirrors = all.flatMap((one) => one.mirrors ?? [])
    return {
      host, mirrors: mirrors.filter(({value}, index) => mirrors.findIndex((other) => other.value === value) === index),
      ...(insecure && {insecure}), ...(scheme && {scheme}),
    }
  })
}

// ---------------------------------------------------------------- Docker

function ofDocker(reading: Reading, images: readonly PodImage[]): Found {
  const parts = [mirrorsOfDocker(reading), insecureOfDocker(reading, images), loopback(reading, images)]
  return {entries: parts.flatMap(({entries}) => entries), remarks: parts.flatMap(({remarks}) => remarks)}
}

/** Mirrors of Docker are for docker.io only (moby registry/service_v2.go). */
function mirrorsOfDocker({uses}: Reading): Found {
  const use = uses.get('registry-mirrors')
  if (use === undefined) return {entries: [], remarks: []}
  const urls = stringsOf(use.value).map((url) => url.replace(/\/+$/, ''))
  const good = urls.filter((url) => /^https?:\/\/[^\s"'\\@]+$/.test(url) && isRegistryHost(hostOf(url)))
  const bad = urls.filter((url) => !good.includes(url))
  return {
    entries: good.length === 0 ? [] : [{host: 'docker.io', mirrors: good.map((url) => settingOf(use, url))}],
    remarks: bad.map((url): Remark => ({
      level: 'loss', source: settingOf(use, '').source,
      text: `The mirror ${withoutUser(url).slice(0, 100)} of docker.io is not carried over: dockerd takes http:// and https:// with a host and no user.`,
      next: 'Correct it where it is written, or configure the mirror for the new runtime by hand.',
    })),
  }
}

function insecureOfDocker({uses}: Reading, images: readonly PodImage[]): Found {
  const use = uses.get('insecure-registries')
  if (use === undefined) return {entries: [], remarks: []}
  const told = stringsOf(use.value)
  const hosts = told.filter((entry) => !isRange(withoutScheme(entry)))
  const ranges = [...new Set(told.map(withoutScheme).filter((entry) => isRange(entry) && !isLoopbackRange(entry)))]
  const inRange = (range: string) => [...new Set(images.flatMap(({name}) => registryOf(name) ?? []).filter((host) => isIn(host, range)))]
  return {
    entries: [
      ...hosts.map((entry): Entry => ({
        host: withoutScheme(entry).replace(/\/+$/, ''), insecure: settingOf(use, withoutScheme(entry)), ...(entry.startsWith('http://') && {scheme: 'http' as const}),
      })),
      ...ranges.flatMap((range) => inRange(range).map((host): Entry => ({host, insecure: settingOf(use, range)}))),
    ],
    remarks: ranges.map((range) => rangeRemark(range, inRange(range), settingOf(use, '').source)),
  }
}

function rangeRemark(range: string, hosts: readonly string[], source: string): Remark {
  const known = hosts.length === 0
    ? 'no image of a pod here names an address in it'
    : `only ${hosts.join(', ')}, which images of pods here name, ${hosts.length === 1 ? 'is' : 'are'} carried over`
  return {
    level: 'loss', source,
    text: `Docker takes any certificate, or none, from every registry in ${range}, also by names that resolve to it; no other runtime knows ranges of addresses: ${known}.`,
    next: 'Find the registries in that range that images are pulled from, and name each with host and port in insecure-registries before you plan again.',
  }
}

/** Registries at loopback addresses need no setting in Docker: they do elsewhere, where images are named so. */
function loopback({uses}: Reading, images: readonly PodImage[]): Found {
  const hosts = [...new Set(images.flatMap(({name}) => registryOf(name) ?? []).filter(isLoopbackHost))]
  const told = stringsOf(uses.get('insecure-registries')?.value).map(withoutScheme)
  const implied = hosts.filter((host) => !told.includes(host))
  return {
    entries: implied.filter((host) => host !== 'localhost').map((host) => ({host, insecure: {value: '127.0.0.0/8', source: LOOPBACK_SOURCE}})),
    remarks: implied.map((host): Remark => ({
      level: 'note', source: LOOPBACK_SOURCE, text: host === 'localhost'
        ? 'Images named localhost/… are in no registry: they have to be moved.'
        : `Docker takes ${host} for insecure without being told, and images of pods here are named so; the new runtime is told.`,
    })),
  }
}

/** The registry in the name of an image, with its port. */
function registryOf(image: string): string | undefined {
  return parseImage(image).registry
}

function isLoopbackHost(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/.test(host)
}

function isLoopbackRange(range: string): boolean {
  return /^127\.|^::1\/128$/.test(range)
}

/** Whether the address in `host:port` is in an IPv4 range; false for names, whose addresses are not known, and for IPv6. */
function isIn(host: string, range: string): boolean {
  const [base = '', bits = ''] = range.split('/')
  const [address, network] = [ipv4(host.replace(/:\d+$/, '')), ipv4(base)]
  const size = Number(bits)
  if (address === undefined || network === undefined || size > 32) return false
  const block = 2 ** (32 - size)
  return Math.floor(address / block) === Math.floor(network / block)
}

function ipv4(text: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number)
  return parts === undefined || parts.some((part) => part > 255) ? undefined : parts.reduce((sum, part) => sum * 256 + part, 0)
}

// ---------------------------------------------------------------- containerd

/** `registry.mirrors` and `registry.configs` of the CRI plugin; what hosts.toml files say is theirs. */
function ofContainerd(reading: Reading): Found {
  const parts = reading.containerdFiles.flatMap((file) => criTablesOf(file).map((found) => fromTable(reading, file, found)))
  return {entries: parts.flatMap(({entries}) => entries), remarks: parts.flatMap(({remarks}) => remarks)}
}

type CriTable = ReturnType<typeof criTablesOf>[number]

function fromTable(reading: Reading, file: ContainerdFile, {table, path}: CriTable): Found {
  const at = (...keys: readonly string[]) => proofAt(file, [...path, 'registry', ...keys]).source
  const mirrors = membersAt(table, 'registry', 'mirrors').map(([name, value]) => mirrorEntry(name, textsAt(value, 'endpoint'), at('mirrors', name)))
  const insecure = membersAt(table, 'registry', 'configs')
    .filter(([, value]) => jsonAt(value, 'tls', 'insecure_skip_verify') === true)
    .map(([host]): Entry => ({host, insecure: {value: host, source: at('configs', host)}, scheme: 'https'}))
  return {entries: [...mirrors, ...insecure], remarks: [...configRemarks(table, at), ...pathRemarks(reading, table, at)]}
}

/** An endpoint that is the registry itself is no mirror; over http it says that it speaks no TLS. */
function mirrorEntry(name: string, endpoints: readonly string[], source: string): Entry {
  const host = name === '*' ? '_default' : name
  const own = new Set([name, ...(name === 'docker.io' ? ['registry-1.docker.io'] : [])])
  const plain = endpoints.find((url) => own.has(hostOf(url)) && url.startsWith('http://'))
  const mirrors = endpoints.filter((url) => /^https?:\/\/[^\s"'\\@]+$/.test(url) && !own.has(hostOf(url))).map((url) => ({value: url.replace(/\/+$/, ''), source}))
  return {host, mirrors, ...(plain !== undefined && {insecure: {value: plain, source}, scheme: 'http' as const})}
}

function configRemarks(table: CriTable['table'], at: (...keys: readonly string[]) => string): readonly Remark[] {
  return membersAt(table, 'registry', 'configs').flatMap(([host, value]): readonly Remark[] => {
    const files = ['ca_file', 'cert_file', 'key_file'].flatMap((key) => textAt(value, 'tls', key) ?? [])
    return [
      ...(files.length > 0 ? [{
        level: 'note' as const, source: at('configs', host),
        text: `containerd has certificates for ${host} in its configuration: ${files.join(', ')}.`,
        next: 'Name them in the hosts.toml of that registry (ca, client); for CRI-O put them into /etc/containers/certs.d.',
      }] : []),
      ...(jsonAt(value, 'auth') === undefined ? [] : [{
        level: 'note' as const, source: at('configs', host),
        text: `containerd has credentials for ${host} in its configuration; they are not copied.`,
        next: 'Use imagePullSecrets or a credential provider of the kubelet; for the sandbox image have it on the node.',
      }]),
    ]
  })
}

function pathRemarks({upgrade}: Reading, table: CriTable['table'], at: (...keys: readonly string[]) => string): readonly Remark[] {
  const folder = textAt(table, 'registry', 'config_path')
  if (folder === undefined || upgrade.target !== 'cri-o') return []
  return [{
    level: 'loss', source: at('config_path'), text: `containerd reads registries from ${folder}; CRI-O does not know such files.`,
    next: 'Write the mirrors and insecure registries of its hosts.toml files into /etc/containers/registries.conf.d.',
  }]
}

// ---------------------------------------------------------------- credentials

function credentialRemarks({known, onDocker}: Reading): readonly Remark[] {
  const files = valueOf(known.registryCredentials) ?? []
  if (files.length === 0 || !onDocker) return []
  return [{
    level: 'note', source: files[0] ?? '',
    text:
      `There are registry credentials in ${files.join(', ')}. rtctl does not read or copy them: the kubelet goes on using its own, ` +
      'the new runtime pulls the sandbox image without.',
    next: 'Pull with imagePullSecrets or a credential provider of the kubelet; have the sandbox image on the node.',
  }]
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/]*@/, '//…@')
}
