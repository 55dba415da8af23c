// SPDX-License-Identifier: Apache-2.0
import type {DockerFacts, Facts, Process} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {Json} from '../../model/json.ts'
import type {DockerSetting} from '../../model/node/docker.ts'
import {absent, type Observed, ok, unreadable, valueOf} from '../../model/observed.ts'
import {type FlagSyntax, parseFlags} from '../parse/flags.ts'
import {environmentFiles, unitCommand} from '../unit-command.ts'
import {jsonKeyLines} from './docker-json-lines.ts'

const SYNTAX: FlagSyntax = {
  short: {H: 'host', g: 'graph', D: 'debug', l: 'log-level', s: 'storage-driver', b: 'bridge', G: 'group', p: 'pidfile'},
  switches: [
    'allow-direct-routing', 'cri-containerd', 'debug', 'experimental', 'icc', 'init', 'ip-forward', 'ip-forward-no-drop', 'ip-masq', 'ip6tables', 'iptables',
    'ipv6', 'live-restore', 'no-new-privileges', 'raw-logs', 'rootless', 'selinux-enabled', 'tls', 'tlsverify', 'userland-proxy', 'validate',
  ],
}
/** Where distributions put options of dockerd, beside what docker.service names. */
const OPTION_FILES = ['/etc/default/docker', '/etc/sysconfig/docker', '/etc/sysconfig/docker-storage', '/etc/sysconfig/docker-network', '/etc/conf.d/docker']
const MOST_VALUES = 200
const LONGEST_TEXT = 200

/** Every Docker of the host itself; those of machines inside it configure nothing of the node. */
export function dockersOfHost({dockers, processes}: Facts): readonly DockerFacts[] {
  return dockers.filter(({pid}) => pid === undefined || processes.inside[pid] === undefined)
}

/** What every dockerd of the host is told. A daemon.json that cannot be read or understood makes all unreadable. */
export function readDockerSettings(host: Host, facts: Facts): Observed<readonly DockerSetting[]> {
  const dockers = dockersOfHost(facts)
  if (dockers.length === 0) return absent('/etc/docker/daemon.json')
  const found: DockerSetting[] = []
  for (const docker of dockers) {
    if (docker.config.state === 'unreadable') return docker.config
    if (docker.config.state === 'ok') {
      const text = host.text(docker.config.source)
      if (text.state !== 'ok') return text.state === 'absent' ? unreadable(text.source, 'EIO', 'it vanished while it was read') : text
      found.push(...fileSettings(docker.config.value, text.value, docker.config.source))
    }
    found.push(...flagSettings(host, facts, docker))
  }
  return ok(found.slice(0, MOST_VALUES), dockers[0]?.config.source ?? '/etc/docker/daemon.json')
}

function fileSettings(config: Readonly<Record<string, unknown>>, text: string, path: string): readonly DockerSetting[] {
  const lines = jsonKeyLines(text)
  return Object.entries(config).map(([name, value]): DockerSetting => {
    const line = lines.get(JSON.stringify([name]))
    const inner = typeof value === 'object' && value !== null && !Array.isArray(value) ? linesWithin(lines, name, Object.keys(value)) : undefined
    return {
      name, from: 'file', value: value as Json, source: line === undefined ? path : `${path}:${line}`,
      text: cut(`${JSON.stringify(name)}: ${JSON.stringify(value)}`), ...(inner && {lines: inner}),
    }
  })
}

function linesWithin(lines: ReadonlyMap<string, number>, name: string, keys: readonly string[]): Readonly<Record<string, number>> {
  const found = keys.flatMap((key): readonly (readonly [string, number])[] => {
    const line = lines.get(JSON.stringify([name, key]))
    return line === undefined ? [] : [[key, line]]
  })
  return Object.fromEntries(found)
}

/** From the running process, else from the unit that would start it. */
function flagSettings(host: Host, facts: Facts, {pid}: DockerFacts): readonly DockerSetting[] {
  const process: Process | undefined = pid === undefined ? undefined : valueOf(facts.processes.all)?.find((one) => one.pid === pid)
  const unit = facts.units.find(({name}) => name === 'docker.service')
  const command = process === undefined ? unit && unitCommand(host, unit) : {words: process.argv, source: `argv of pid ${process.pid}`}
  const flags = parseFlags((command?.words ?? []).slice(1), SYNTAX)
  if (command === undefined || flags.length === 0) return []
  const places = writtenPlaces(host, facts, flags.map(({name}) => name))
  return flags.map(({name, value}) => {
    const written = places.get(name)
    return {name, from: 'flag', value, source: command.source, text: cut(`--${name}=${value}`), ...(written && {written})}
  })
}

/** Lines of option files and of docker.service that name a flag: where an operator has to look for it. */
function writtenPlaces(host: Host, {units}: Facts, names: readonly string[]): ReadonlyMap<string, {source: string; text: string}> {
  const unit = units.find(({name}) => name === 'docker.service')
  const found = new Map<string, {source: string; text: string}>()
  const take = (source: string, text: string) => {
    for (const name of names) if (!found.has(name) && namesFlag(text, name)) found.set(name, {source, text: cut(text.trim())})
  }
  for (const path of new Set([...(unit ? environmentFiles(unit) : []), ...OPTION_FILES])) {
    const lines = (valueOf(host.text(path)) ?? '').split('\n')
    for (const [index, line] of lines.entries()) if (!/^\s*[#;]/.test(line)) take(`${path}:${index + 1}`, line)
  }
  for (const key of ['Service.ExecStart', 'Service.Environment']) for (const {value, source} of unit?.settings[key] ?? []) take(source, value)
  return found
}

function namesFlag(text: string, name: string): boolean {
  return text.split(`--${name}`).slice(1).some((after) => !/^[\w-]/.test(after))
}

function cut(text: string): string {
  return text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text
}
