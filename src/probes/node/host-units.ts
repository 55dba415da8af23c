// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {HostNodeFacts, HostUnit, ProblemDetector} from '../../model/node/host.ts'
import {absent, ok, valueOf} from '../../model/observed.ts'
import {namesIn} from '../files.ts'
import {baseName} from '../parse/untrusted.ts'
import {probeUnits} from '../units.ts'
import {smallText} from './host-texts.ts'

const ADMIN = '/etc/systemd/system'
const LOCAL = '/usr/local/lib/systemd/system'
const UNIT = /\.(?:service|timer|socket|path|mount)$/
const MOST_UNITS = 300
/** The runtimes' own units, and the kubelet's, which is looked at by itself. */
const OWN = /^(?:docker|containerd|cri-docker|crio|kubelet|podman|buildkit)\.(?:service|socket)$|^systemd-/

/**
 * Units that say "docker", of those that the administrator wrote, changed or enabled: what a package brings and nobody enabled does
 * not run, and is not read.
 */
export function probeDockerUsers(host: Host): HostNodeFacts['dockerUsers'] {
  const own = host.entries(ADMIN)
  if (own.state === 'unreadable') return own
  const names = [...(valueOf(own) ?? []), ...namesIn(host, LOCAL)]
  const wanted = new Set(names.filter((name) => /\.(?:wants|requires)$/.test(name)).flatMap((name) => namesIn(host, `${ADMIN}/${name}`)))
  const changed = names.map((name) => (name.endsWith('.d') ? name.slice(0, -2) : name))
  const fileOf = (name: string) => name.replace(/@[^.]*\./, '@.')
  const timed = [...wanted].filter((name) => name.endsWith('.timer')).map((name) => name.replace(/\.timer$/, '.service'))
  const candidates = [...new Set([...changed, ...[...wanted].map(fileOf), ...timed])].filter((name) => UNIT.test(name) && !OWN.test(name))
  const units = probeUnits(host, candidates.slice(0, MOST_UNITS))
  const starting = new Set([...[...wanted].map(fileOf), ...timed, ...triggeredBy(units.filter(({name}) => wanted.has(name)))])
  const users = units.filter(({masked, settings}) => !masked && Object.values(settings).flat().some(({value}) => /docker/i.test(value)))
  return users.length === 0 ? absent(ADMIN) : ok(users.map((unit): HostUnit => ({...unit, starts: starting.has(unit.name)})), ADMIN)
}

/** What enabled timers, sockets and paths start, where they say so. */
function triggeredBy(units: readonly {readonly settings: HostUnit['settings']}[]): readonly string[] {
  const keys = ['Timer.Unit', 'Path.Unit', 'Socket.Service']
  return units.flatMap(({settings}) => keys.flatMap((key) => (settings[key] ?? []).map(({value}) => value)))
}

const VENDOR_WANTS = '/usr/lib/systemd/system/multi-user.target.wants'
const RUNTIMES = ['containerd.service', 'crio.service', 'cri-docker.service', 'cri-docker.socket']

/**
 * The units of runtimes that another one, a target as a rule, pulls in: by a link of `systemctl enable`, or as the kubelet's own unit
 * says; not looked for without a kubelet. What Docker's units pull in ends with them, and does not count.
 */
export function probeEnabledRuntimes(host: Host, {units, kubelets}: Facts): HostNodeFacts['enabledRuntimes'] {
  const known = units.filter(({name, masked}) => RUNTIMES.includes(name) && !masked).map(({name}) => name)
  if (known.length === 0 || kubelets.length === 0) return absent(ADMIN)
  const folders = host.entries(ADMIN)
  if (folders.state === 'unreadable') return folders
  const wanted = new Set(units.filter(({name}) => name === 'kubelet.service').flatMap(({settings}) =>
    ['Wants', 'Requires', 'BindsTo', 'Upholds'].flatMap((key) => (settings[`Unit.${key}`] ?? []).flatMap(({value}) => value.split(/\s+/)))))
  for (const folder of (valueOf(folders) ?? []).filter((name) => /\.(?:wants|requires)$/.test(name) && !name.startsWith('docker.'))) {
    const names = host.entries(`${ADMIN}/${folder}`)
    if (names.state === 'unreadable') return names
    for (const name of valueOf(names) ?? []) wanted.add(name)
  }
  // images that bring their runtime (Flatcar, Fedora CoreOS) have the link beside the units
  const vendors = known.every((name) => wanted.has(name)) ? [] : namesIn(host, VENDOR_WANTS)
  const found = known.filter((name) => wanted.has(name) || vendors.includes(name))
  return found.length === 0 ? absent(ADMIN) : ok(found, ADMIN)
}

const DETECTOR = 'node-problem-detector'
/** A process of a container is part of a pod, and found with that. */
const OF_CONTAINER = /kubepods|docker|cri-containerd|crio-|libpod/

/** node-problem-detectors of the host itself, with the configuration they name. */
export function probeProblemDetectors(host: Host, facts: Facts): HostNodeFacts['problemDetectors'] {
  const running = (valueOf(facts.processes.all) ?? []).filter(({argv}) => baseName(argv[0] ?? '') === DETECTOR)
  const ownPids = running.filter(({pid}) => !OF_CONTAINER.test(valueOf(host.text(`/proc/${pid}/cgroup`)) ?? ''))
  const found = running.length > 0 ? ownPids.map(({pid, argv}) => detectorOf(host, argv, `argv of pid ${pid}`)) : ofUnit(host)
  return found.length === 0 ? absent(DETECTOR) : ok(found, DETECTOR)
}

function ofUnit(host: Host): readonly ProblemDetector[] {
  return probeUnits(host, [`${DETECTOR}.service`]).flatMap(({settings}) =>
    (settings['Service.ExecStart'] ?? []).map(({value, source}) => detectorOf(host, value.split(/\s+/).slice(0, 200), source)))
}

function detectorOf(host: Host, argv: readonly string[], source: string): ProblemDetector {
  const words = argv.slice(1).flatMap((word) => word.replace(/^--[\w.-]+=/, '').split(','))
  const paths = [...new Set(words.filter((word) => word.startsWith('/') && word.endsWith('.json')))].slice(0, 30)
  const configs = paths.flatMap((path) => {
    const text = smallText(host, path)
    return text?.state === 'ok' ? [{path, text: text.value}] : []
  })
  return {argv, source, configs}
}
