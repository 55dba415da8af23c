// SPDX-License-Identifier: Apache-2.0
import type {Generated, GeneratedFile, SettingRow, Target, TargetFiles, Wanted} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {isAtLeast} from '../../model/version.ts'
import {Edits} from '../lib/edits.ts'
import {editFlags, flagsIn, isSafeFlagValue} from '../lib/flag-edit.ts'
import {joinGenerated, NOTHING} from '../lib/generated.ts'
import {effectiveUnit, unitLines, type UnitPart, unitPaths, unitValues} from '../lib/unit-file.ts'
import {commandWord} from '../lib/unit-write.ts'
import {spliced} from '../lib/words.ts'
import {dockerdFlags, type DockerdFlag} from './flags.ts'
import {serviceUnit, socketUnit} from './units.ts'

const SERVICE = 'cri-docker.service'
const SOCKET = 'cri-docker.socket'
const FOLDER = '/etc/systemd/system'
/** Before, cri-dockerd asks for an API older than Docker Engine 29 serves (cri-dockerd go.mod and backend; moby 29.0.0 release notes). */
const FOR_DOCKER_29 = '0.3.16'
/** The first that serves CRI v1, the only one that kubelets know from 1.26 on (cri-dockerd releases). */
const HAS_CRI_V1 = '0.3.0'
/** The last ones that serve CRI v1alpha2, which is all that kubelets before 1.23 know (cri-dockerd releases). */
const LAST_V1ALPHA2 = {'0.3': '0.3.21', '0.4': '0.4.1'} as const
const NAMES: Readonly<Record<string, string>> = {
  'pod-infra-container-image': 'sandbox image', 'cni-conf-dir': 'CNI configuration', 'cni-bin-dir': 'CNI plugins', 'image-pull-progress-deadline': 'pull without progress',
}

/** Units of cri-dockerd that are there. */
export function wanted(_needs: NodeNeeds, _target: Target): Wanted {
  const [service, socket] = [unitPaths(SERVICE), unitPaths(SOCKET)]
  return {files: [...service.files, ...socket.files], patterns: [...service.patterns, ...socket.patterns]}
}

/** Units of cri-dockerd where there are none, else the flags that its unit lacks. Docker's own configuration stays as it is. */
export function generate(needs: NodeNeeds, target: Target, files: TargetFiles): Generated {
  const remarks = versionRemarks(needs, target)
  if (!needs.from.systemd) {
    return {...NOTHING, remarks: [...remarks, {level: 'blocker', text: 'systemd does not run this node: rtctl has no other way to start cri-dockerd',
      next: 'Start it as the node starts its other daemons.'}]}
  }
  const {flags, remarks: refused} = dockerdFlags(needs)
  const [service, socket] = [effectiveUnit(files, SERVICE), effectiveUnit(files, SOCKET)]
  const blocked = [...service.remarks, ...socket.remarks]
  if (blocked.length > 0) return {...NOTHING, remarks: [...remarks, ...refused, ...blocked]}
  return joinGenerated([
    {remarks: [...remarks, ...refused, ...binaryRemarks(needs, target, service.parts)], rows: rowsOf(needs, flags)},
    service.parts.length === 0 ? {files: [newService(flags)]} : withFlags(service.parts, flags),
    socketOf(socket.parts, service.parts, target),
  ])
}

function newService(flags: ReadonlyMap<string, DockerdFlag>): GeneratedFile {
  const text = serviceUnit(new Map([...flags].map(([name, {value}]) => [name, value])))
  return {path: `${FOLDER}/${SERVICE}`, text, mode: 0o644, why: 'Starts cri-dockerd, Docker\'s CRI.', part: 'runtime'}
}

/** A socket unit, unless there is one or the service listens by itself. */
function socketOf(socket: readonly UnitPart[], service: readonly UnitPart[], target: Target): Partial<Generated> {
  const path = target.endpoint.replace(/^unix:\/\//, '').replace(/^\/var\/run\//, '/run/')
  if (!/^\/[\w./-]+$/.test(path)) return {remarks: [{level: 'blocker', text: 'the endpoint of cri-dockerd is not a unix:// URL of plain characters',
    next: 'Give an endpoint such as unix:///run/cri-dockerd.sock.'}]}
  if (socket.length === 0) {
    const command = unitValues(service, 'Service', 'ExecStart').at(-1)?.value
    if (command !== undefined && !/\bfd:\/\//.test(command)) return {}
    return {files: [{path: `${FOLDER}/${SOCKET}`, text: socketUnit(path), mode: 0o644, why: 'Where the kubelet reaches cri-dockerd.', part: 'runtime'}]}
  }
  const now = unitValues(socket, 'Socket', 'ListenStream').map(({value}) => value.replace('%t', '/run').replace(/^\/var\/run\//, '/run/'))
  if (now.includes(path)) return {}
  return {remarks: [{
    level: 'blocker', text: `${SOCKET} listens at ${now.join(', ') || 'nothing'}, not at ${path}`,
      next: `Plan with the endpoint that it has, or change ListenStream in ${socket[0]?.path ?? SOCKET}.`, source: socket[0]?.path ?? SOCKET,
  }]}
}

/** Gives the command of a unit that is there the flags it lacks. */
function withFlags(service: readonly UnitPart[], flags: ReadonlyMap<string, DockerdFlag>): Partial<Generated> {
  const part = service.findLast(({text}) => commandOf(text) !== undefined)
  const region = part && commandOf(part.text)
  if (part === undefined || region === undefined) {
    return {remarks: [{level: 'blocker', text: `${SERVICE} has no command that starts cri-dockerd`,
      next: `Correct it, or remove it and plan again.`, source: service[0]?.path ?? SERVICE}]}
  }
  const valued = new Set([...flags.keys(), 'container-runtime-endpoint'])
  const has = new Map(flagsIn(part.text, region, valued).map(({name, value}) => [name, value]))
  // flags without a value stand for true
  const missing = [...flags].filter(([name, {value}]) => !has.has(name) && !(name === 'network-plugin' && value === 'cni'))
  const other = [...flags].filter(([name, {value}]) => has.has(name) && has.get(name) !== undefined && has.get(name) !== value)
  const unsafe = other.filter(([, {value}]) => !isSafeFlagValue(value))
  const changed = new Map(other.filter((one) => !unsafe.includes(one)))
  const words = missing.map(([name, {value}]) => ` ${commandWord(value === 'true' ? `--${name}` : `--${name}=${value}`)}`).join('')
  const edits = new Edits([part])
  const text = spliced(part.text, [
    ...editFlags(part.text, region, valued, ({name}) => (changed.has(name) ? {value: changed.get(name)?.value ?? ''} : 'keep')),
    ...(words === '' ? [] : [{start: region.end, end: region.end, text: words}]),
  ])
  edits.change(part.path, text, `cri-dockerd is started as the kubelet had dockershim: ${[...missing, ...changed].map(([name]) => `--${name}`).join(', ')}`)
  return {
    files: edits.changed('runtime'),
    remarks: unsafe.map(([name, {source}]) => ({level: 'blocker', text: `--${name} of cri-dockerd has to change to what ${source} says, which cannot be written there safely`,
      next: `Change it in ${part.path} by hand.`, source: part.path})),
  }
}

function commandOf(text: string) {
  const line = unitLines(text).findLast(({section, key, value}) => section === 'Service' && key === 'ExecStart' && value.start < value.end)
  const program = line === undefined ? undefined : text.slice(line.value.start, line.value.end).split(/\s/)[0]
  return program !== undefined && /(?:^|\/)cri-dockerd$/.test(program.replace(/^[-@:+!]+/, '')) ? line?.value : undefined
}

// ---------------------------------------------------------------- remarks and rows

function versionRemarks({from, kubelet}: NodeNeeds, {version}: Target): readonly Remark[] {
  const {docker} = from.versions
  if (version === undefined) {
    return docker !== undefined && isAtLeast(docker, '29')
      ? [{level: 'note', text: `Docker Engine ${docker} answers cri-dockerd ${FOR_DOCKER_29} and later only`,
        next: 'Compare with `cri-dockerd --version`.'}] : []
  }
  const remarks: Remark[] = []
  if (docker !== undefined && isAtLeast(docker, '29') && !isAtLeast(version, FOR_DOCKER_29)) {
    remarks.push({level: 'blocker', text: `cri-dockerd ${version} asks for an API that Docker Engine ${docker} does not serve any more`,
      next: `Install cri-dockerd ${FOR_DOCKER_29} or later.`})
  }
  const next = kubelet.version ?? from.versions.kubelet
  if (next !== undefined && isAtLeast(next, '1.26') && !isAtLeast(version, HAS_CRI_V1)) {
    remarks.push({level: 'blocker', text: `cri-dockerd ${version} does not serve CRI v1, and a kubelet ${next} knows nothing else`,
      next: `Install cri-dockerd ${FOR_DOCKER_29} or later.`})
  }
  if (next !== undefined && !isAtLeast(next, '1.23') && !hasV1alpha2(version)) {
    remarks.push({level: 'blocker', text: `cri-dockerd ${version} does not serve CRI v1alpha2, and a kubelet ${next} knows nothing else`,
      next: `Install cri-dockerd ${LAST_V1ALPHA2['0.3']}, or go to Kubernetes 1.24 in the same step.`})
  }
  return remarks
}

function hasV1alpha2(version: string): boolean {
  const last = isAtLeast(version, '0.4') ? LAST_V1ALPHA2['0.4'] : LAST_V1ALPHA2['0.3']
  return !isAtLeast(version, last) || isAtLeast(last, version)
}

/** No file says whether a program is installed. */
function binaryRemarks({from}: NodeNeeds, {version}: Target, service: readonly UnitPart[]): readonly Remark[] {
  if (from.runtime === 'cri-dockerd' || service.length > 0) return []
  return [{
    level: 'note', text: `cri-dockerd has to be installed as /usr/bin/cri-dockerd before the migration${version === undefined ? '' : ` (${version})`}; rtctl writes its units and brings no programs`,
    next: 'Check with `/usr/bin/cri-dockerd --version` on the node.',
  }]
}

function rowsOf({cgroup}: NodeNeeds, flags: ReadonlyMap<string, DockerdFlag>): readonly SettingRow[] {
  const {value, source} = cgroup.driver
  return [
    {name: 'cgroup driver', declared: {value, source}, after: {value, source: 'Docker, as before'}},
    ...[...flags].flatMap(([name, flag]): readonly SettingRow[] => {
      const row = Object.hasOwn(NAMES, name) ? NAMES[name] : undefined
      return row === undefined ? [] : [{name: row, declared: {value: flag.value, source: flag.source}, after: {value: flag.value, source: `${SERVICE} --${name}`}}]
    }),
  ]
}
