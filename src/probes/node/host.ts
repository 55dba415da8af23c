// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {HostNodeFacts, RuntimePackage} from '../../model/node/host.ts'
import {absent, mapObserved, ok, unreadable, valueOf} from '../../model/observed.ts'
import {namesIn} from '../files.ts'
import {mergeUnitFiles} from '../parse/unit-file.ts'
import {automaticPackages, isHeld} from '../parse/dpkg.ts'
import {probeConmonCgroup, probePauseImage} from './host-crio.ts'
import {probeDockerLeftovers, probeIdleShims} from './host-leftovers.ts'
import {probeImagePolicy} from './host-image-policy.ts'
import {probeHostScripts} from './host-scripts.ts'
import {probeStorage} from './host-storage.ts'
import {readTexts, type TextPlace} from './host-texts.ts'
import {probeDockerUsers, probeEnabledRuntimes, probeProblemDetectors} from './host-units.ts'

/** The facts of this topic, see {@link HostNodeFacts}. */
export async function probeHost(host: Host, facts: Facts): Promise<HostNodeFacts> {
  const [hostScripts, auditRules, monitoring, storage, exclusionLists] = await Promise.all([
    probeHostScripts(host), saysDocker(host, AUDIT), saysDocker(host, MONITORING), probeStorage(host, facts), probeExclusionLists(host),
  ])
  return {
    hostScripts, auditRules, monitoring, storage, exclusionLists,
    crioConmonCgroup: probeConmonCgroup(host, facts),
    crioPauseImage: probePauseImage(host, facts),
    dockerUsers: probeDockerUsers(host),
    problemDetectors: probeProblemDetectors(host, facts),
    runtimePackages: probePackages(host),
    selinux: probeSelinux(host),
    ociHooks: probeOciHooks(host),
    imagePolicy: probeImagePolicy(host, facts),
    otherRuntimes: probeOtherRuntimes(host),
    crictlProgram: probeCrictlProgram(host),
    dockerLeftovers: probeDockerLeftovers(host, facts),
    systemdDefaults: probeSystemdDefaults(host),
    enabledRuntimes: probeEnabledRuntimes(host, facts),
    idleShims: probeIdleShims(host, facts),
  }
}

const AUDIT: readonly TextPlace[] = [{path: '/etc/audit/rules.d', names: /\.rules$/}, {path: '/etc/audit/audit.rules'}]

/** As packages of these agents arrange them. */
const MONITORING: readonly TextPlace[] = [
  {path: '/etc/monit/monitrc'}, {path: '/etc/monitrc'},
  ...['/etc/monit/conf.d', '/etc/monit.d', '/etc/monit/conf-enabled'].map((path) => ({path, names: /^[^.].*[^~]$/})),
  {path: '/etc/nagios/nrpe.cfg'}, {path: '/etc/nagios/nrpe_local.cfg'}, {path: '/etc/nagios/nrpe.d', names: /\.cfg$/},
  ...[
    '/etc/zabbix/zabbix_agentd.conf', '/etc/zabbix/zabbix_agent2.conf', '/etc/telegraf/telegraf.conf', '/etc/collectd/collectd.conf',
    '/etc/collectd.conf',
  ].map((path) => ({path})),
  ...[
    '/etc/zabbix/zabbix_agentd.d', '/etc/zabbix/zabbix_agentd.conf.d', '/etc/zabbix/zabbix_agent2.d', '/etc/zabbix/zabbix_agent2.d/plugins.d',
    '/etc/telegraf/telegraf.d', '/etc/collectd/collectd.conf.d', '/etc/collectd.d',
  ].map((path) => ({path, names: /\.conf$/})),
  {path: '/etc/datadog-agent/conf.d/docker.d', names: /\.yaml$/}, {path: '/etc/netdata/go.d/docker.conf'}, {path: '/etc/netdata/go.d/dockerd.conf'},
  {path: '/etc/munin/plugin-conf.d', names: /^[\w-]+$/}, {path: '/etc/default/prometheus-node-exporter'},
]

async function saysDocker(host: Host, places: readonly TextPlace[]): Promise<HostNodeFacts['auditRules']> {
  return mapObserved(await readTexts(host, places, (text) => /docker/i.test(text)), ({texts, unread}) =>
    ({texts: texts.map(({path, text}) => ({path, text})), unread}))
}

/** Where programs of the host have the paths that they leave out. Files that hold passwords of backups, too, are not read. */
const EXCLUSIONS: readonly TextPlace[] = [
  ...[
    '/etc/updatedb.conf', '/etc/clamav/clamd.conf', '/etc/clamd.conf', '/etc/aide/aide.conf', '/etc/aide.conf', '/etc/tripwire/twpol.txt', '/etc/rkhunter.conf',
    '/etc/rkhunter.conf.local', '/var/ossec/etc/ossec.conf', '/etc/opt/microsoft/mdatp/managed/mdatp_managed.json', '/etc/rsnapshot.conf',
  ].map((path) => ({path})),
  {path: '/etc/clamd.d', names: /\.conf$/}, {path: '/etc/aide/aide.conf.d', names: /^[^.]/}, {path: '/etc/restic', names: /exclude/}, {path: '/etc/borg', names: /exclude/},
]

/** A snapshot of before these were read says nothing of them: for paths that are left out that is no reason to leave a check undecided. */
async function probeExclusionLists(host: Host): Promise<HostNodeFacts['exclusionLists']> {
  const read = await readTexts(host, EXCLUSIONS, (text) => text.includes('/var/lib/docker'))
  return mapObserved(read, ({texts, unread}) => ({
    texts: texts.map(({path, text}) => ({path, text})), unread: unread.filter((one) => one.state !== 'unreadable' || one.reason !== 'not-captured'),
  }))
}

const PACKAGES = ['docker-ce', 'docker.io', 'docker-ee', 'moby-engine', 'containerd.io', 'containerd', 'moby-containerd', 'runc', 'cri-dockerd']

/** A package that is removed loses its md5sums, also where its configuration stays. */
function probePackages(host: Host): HostNodeFacts['runtimePackages'] {
  const names = PACKAGES.filter((name) => host.stat(`/var/lib/dpkg/info/${name}.md5sums`).state === 'ok')
  if (names.length === 0) return absent('/var/lib/dpkg/info')
  const states = host.text('/var/lib/apt/extended_states')
  if (states.state === 'unreadable') return states
  const automatic = automaticPackages(valueOf(states) ?? '')
  const some = names.some((name) => automatic.has(name) && /containerd/.test(name))
  const status = some ? host.text('/var/lib/dpkg/status') : undefined
  if (status?.state === 'unreadable') return status
  const held = (name: string) => isHeld((status && valueOf(status)) ?? '', name)
  const known = names.map((name): RuntimePackage => ({name, automatic: automatic.has(name), held: automatic.has(name) && held(name)}))
  return ok(known, '/var/lib/dpkg')
}

const CONTAINER_DATA = ['/var/lib/containerd', '/var/lib/containers', '/var/lib/docker']

function probeSelinux(host: Host): HostNodeFacts['selinux'] {
  const enforce = host.text('/sys/fs/selinux/enforce')
  if (enforce.state !== 'ok') return enforce
  const policy = /^\s*SELINUXTYPE=\s*([\w-]+)/m.exec(valueOf(host.text('/etc/selinux/config')) ?? '')?.[1] ?? 'targeted'
  if (enforce.value.trim() !== '1') return ok({enforcing: false, policy, knows: []}, enforce.source)
  const contexts = host.text(`/etc/selinux/${policy}/contexts/files/file_contexts`)
  if (contexts.state === 'absent') return unreadable(contexts.source, 'unsupported', 'SELinux enforces a policy whose file contexts are not there')
  const knows = (text: string) => CONTAINER_DATA.filter((path) => new RegExp(`^${path}[(\\s/]`, 'm').test(text))
  return mapObserved(contexts, (text) => ({enforcing: true, policy, knows: knows(text)}))
}

/** oci-hooks(5); the folder of the administrator comes after that of packages. */
function probeOciHooks(host: Host): HostNodeFacts['ociHooks'] {
  const folders = ['/usr/share/containers/oci/hooks.d', '/etc/containers/oci/hooks.d']
  const files = folders.flatMap((folder) => namesIn(host, folder).filter((name) => name.endsWith('.json')).map((name) => `${folder}/${name}`))
  return files.length === 0 ? absent(folders[0] ?? '') : ok(files.slice(0, 100), folders[0] ?? '')
}

function probeSystemdDefaults(host: Host): HostNodeFacts['systemdDefaults'] {
  const folder = '/etc/systemd/system.conf.d'
  const dropIns = namesIn(host, folder).filter((name) => name.endsWith('.conf')).slice(0, 50).map((name) => `${folder}/${name}`)
  const paths = ['/etc/systemd/system.conf', ...dropIns]
  const files = paths.flatMap((path) => {
    const text = host.text(path)
    return text.state === 'ok' ? [{path, text: text.value}] : []
  })
  const last = Object.entries(mergeUnitFiles(files)).flatMap(([key, values]) => {
    const value = values.at(-1)
    return value === undefined ? [] : [[key, value] as const]
  })
  return last.length === 0 ? absent('/etc/systemd/system.conf') : ok(Object.fromEntries(last), '/etc/systemd/system.conf')
}

const OTHERS: readonly (readonly [string, string])[] = [
  ['rkt', '/var/lib/rkt'], ['rkt', '/run/rktlet.sock'], ['frakti', '/run/frakti.sock'], ['cri-containerd', '/run/cri-containerd.sock'],
  ['PouchContainer', '/var/lib/pouch'], ['PouchContainer', '/run/pouchcri.sock'], ['LXD', '/var/lib/lxd/unix.socket'],
  ['LXD', '/var/snap/lxd/common/lxd/unix.socket'], ['Incus', '/var/lib/incus/unix.socket'], ['Podman', '/run/podman/podman.sock'],
]

function probeOtherRuntimes(host: Host): HostNodeFacts['otherRuntimes'] {
  const found = OTHERS.filter(([, path]) => host.stat(path).state === 'ok').map(([runtime, path]) => ({runtime, path}))
  return found.length === 0 ? absent('/var/lib') : ok(found, '/var/lib')
}

function probeCrictlProgram(host: Host): HostNodeFacts['crictlProgram'] {
  const places = ['/usr/bin/crictl', '/usr/local/bin/crictl', '/usr/local/sbin/crictl', '/opt/bin/crictl']
  const path = places.find((one) => host.stat(one).state === 'ok')
  return path === undefined ? absent('/usr/bin/crictl') : ok(path, path)
}
