// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {HostText} from '../../model/node-facts.ts'
import type {DockerDisk, DockerNodeFacts, DockerPlugin, DockerSetting} from '../../model/node/docker.ts'
import {absent, mapObserved, type Observed, ok, valueOf} from '../../model/observed.ts'
import {namesIn} from '../files.ts'
import {booleanAt, parseJsonTable, stringAt} from '../parse/untrusted.ts'
import {readUnpushedImages} from './docker-images.ts'
import {readDnfContainerd} from './docker-dnf.ts'
import {readUnattendedPackages} from './docker-packages.ts'
import {readProxies} from './docker-proxies.ts'
import {askCriDockerd} from './docker-cri-dockerd.ts'
import {dockersOfHost, readDockerSettings} from './docker-settings.ts'

const MOST = 100
const CERTIFICATES = '/etc/docker/certs.d'
const HOSTS = '/etc/containerd/certs.d'
const WANTS = '/etc/systemd/system'
const LEGACY_PLUGINS = ['/run/docker/plugins', '/etc/docker/plugins', '/usr/lib/docker/plugins']
const APPARMOR = '/sys/kernel/security/apparmor/profiles'
/** Where `docker login` and the kubelet's keyring keep credentials (kubernetes, pkg/credentialprovider/config.go). */
const CREDENTIALS = [
  '/var/lib/kubelet/config.json', '/var/lib/kubelet/.dockercfg', '/.docker/config.json', '/.dockercfg', '/root/.docker/config.json', '/root/.dockercfg',
]

/** The facts of this topic, see {@link DockerNodeFacts}. */
export async function probeDocker(host: Host, facts: Facts): Promise<DockerNodeFacts> {
  const dockers = dockersOfHost(facts)
  const root = dockers[0]?.dataRoot.value
  const dockerSettings = readDockerSettings(host, facts)
  const dockerCertificates = root === undefined ? absent(CERTIFICATES) : nonEmpty(host.entries(CERTIFICATES))
  return {
    dockerSettings,
    dockerCertificates,
    registryTexts: hasRegistries(dockerSettings, dockerCertificates) ? readRegistryTexts(host) : absent(HOSTS),
    dockerDisk: root === undefined ? absent('/var/lib/docker') : readDisk(host, root),
    unpushedImages: root === undefined ? absent('/var/lib/docker/image') : readUnpushedImages(host, root),
    registryCredentials: root === undefined ? absent('/root/.docker') : readCredentials(host),
    dockerGroup: root === undefined ? absent('/etc/group') : readGroup(host, groupOf(dockerSettings)),
    dockerPlugins: root === undefined ? absent('/run/docker/plugins') : readPlugins(host, root),
    enabledDockerUnits: readEnabledUnits(host, facts),
    dockerApparmor: root === undefined ? absent(APPARMOR) : mapObserved(host.text(APPARMOR), (text) => /^docker-default /m.test(text)),
    runtimeProxies: readProxies(host, facts),
    criDockerd: await askCriDockerd(host, facts),
    unattendedPackages: root === undefined ? absent('/var/lib/dpkg') : readUnattendedPackages(host),
    dnfContainerd: root === undefined ? absent('/etc/yum.repos.d') : readDnfContainerd(host),
  }
}

function nonEmpty<T>(observed: Observed<readonly T[]>): Observed<readonly T[]> {
  return observed.state === 'ok' && observed.value.length === 0 ? absent(observed.source) : observed
}

// ---------------------------------------------------------------- registries

function hasRegistries(settings: Observed<readonly DockerSetting[]>, certificates: Observed<readonly string[]>): boolean {
  return certificates.state === 'ok' || (valueOf(settings) ?? []).some(({name}) => /^(?:registry-mirrors?|insecure-registr(?:y|ies))$/.test(name))
}

function readRegistryTexts(host: Host): Observed<readonly HostText[]> {
  const paths = [
    '/etc/containerd/config.toml',
    ...namesIn(host, HOSTS).slice(0, MOST).map((name) => `${HOSTS}/${name}/hosts.toml`),
    '/etc/containers/registries.conf',
    ...namesIn(host, '/etc/containers/registries.conf.d').filter((name) => name.endsWith('.conf')).slice(0, MOST)
      .map((name) => `/etc/containers/registries.conf.d/${name}`),
  ]
  const found: HostText[] = []
  for (const path of paths) {
    const text = host.text(path)
    if (text.state === 'unreadable') return text
    if (text.state === 'ok') found.push({path, text: text.value})
  }
  return found.length === 0 ? absent(HOSTS) : ok(found, HOSTS)
}

/** That they exist is all that may be known. */
function readCredentials(host: Host): Observed<readonly string[]> {
  const homes = namesIn(host, '/home').slice(0, MOST).map((name) => `/home/${name}/.docker/config.json`)
  const found: string[] = []
  for (const path of [...CREDENTIALS, ...homes]) {
    const stat = host.stat(path)
    if (stat.state === 'ok' && stat.value.type === 'file') found.push(path)
    if (stat.state === 'unreadable' && CREDENTIALS.includes(path)) return stat
  }
  return found.length === 0 ? absent('/root/.docker/config.json') : ok(found, found[0] ?? '')
}

// ---------------------------------------------------------------- disk, group, plugins, units

function readDisk(host: Host, dataRoot: string): Observed<DockerDisk> {
  const own = host.stat(dataRoot)
  const containerd = nearest(host, '/var/lib/containerd')
  const containers = nearest(host, '/var/lib/containers')
  if (own.state !== 'ok') return own
  if (containerd === undefined || containers === undefined) return absent('/var/lib')
  return ok({dataRoot, device: own.value.device, targets: {'/var/lib/containerd': containerd, '/var/lib/containers': containers}}, own.source)
}

function nearest(host: Host, path: string): {readonly device: string; readonly exists: boolean} | undefined {
  for (let here = path; ; here = here.slice(0, here.lastIndexOf('/')) || '/') {
    const stat = valueOf(host.stat(here))
    if (stat !== undefined) return {device: stat.device, exists: here === path}
    if (here === '/') return undefined
  }
}

function groupOf(settings: Observed<readonly DockerSetting[]>): string {
  const told = (valueOf(settings) ?? []).find(({name}) => name === 'group')?.value
  return typeof told === 'string' && told !== '' ? told : 'docker'
}

function readGroup(host: Host, group: string): DockerNodeFacts['dockerGroup'] {
  const read = host.text('/etc/group')
  if (read.state !== 'ok') return read
  const fields = read.value.split('\n').map((line) => line.split(':')).find(([name]) => name === group)
  if (fields === undefined) return absent(read.source)
  return ok({group, members: (fields[3] ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '').slice(0, MOST)}, read.source)
}

/** Plugins with a socket or a file that points at one, and managed ones (moby, plugin/manager.go: PLUGIN-ID/config.json). */
function readPlugins(host: Host, dataRoot: string): Observed<readonly DockerPlugin[]> {
  const found: DockerPlugin[] = []
  for (const folder of LEGACY_PLUGINS) {
    const names = host.entries(folder)
    if (names.state === 'unreadable') return names
    for (const name of (valueOf(names) ?? []).slice(0, MOST)) {
      const plugin = /^(.+)\.(?:sock|spec|json)$/.exec(name)?.[1]
      if (plugin !== undefined) found.push({name: plugin, path: `${folder}/${name}`})
    }
  }
  const ids = host.entries(`${dataRoot}/plugins`)
  if (ids.state === 'unreadable') return ids
  for (const id of (valueOf(ids) ?? []).filter((name) => /^[0-9a-f]{64}$/.test(name)).slice(0, MOST)) {
    const path = `${dataRoot}/plugins/${id}/config.json`
    const table = valueOf(mapObserved(host.text(path), parseJsonTable))
    if (table !== undefined && booleanAt(table, 'plugin', 'Enabled') !== false) found.push({name: stringAt(table, 'plugin', 'Name') ?? id.slice(0, 12), path})
  }
  return found.length === 0 ? absent('/run/docker/plugins') : ok(found, found[0]?.path ?? '')
}

/** Links of `systemctl enable`; a masked unit starts in no way. */
function readEnabledUnits(host: Host, {units}: Facts): DockerNodeFacts['enabledDockerUnits'] {
  const known = new Set(units.filter(({masked}) => !masked).map(({name}) => name))
  const found: {unit: string; link: string}[] = []
  if (!known.has('docker.service') && !known.has('docker.socket')) return absent(WANTS)
  for (const target of ['multi-user.target.wants', 'sockets.target.wants']) {
    const names = host.entries(`${WANTS}/${target}`)
    if (names.state === 'unreadable') return names
    for (const unit of ['docker.service', 'docker.socket']) {
      if (known.has(unit) && valueOf(names)?.includes(unit)) found.push({unit, link: `${WANTS}/${target}/${unit}`})
    }
  }
  return found.length === 0 ? absent(`${WANTS}/sockets.target.wants`) : ok(found, WANTS)
}
