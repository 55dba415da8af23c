// SPDX-License-Identifier: Apache-2.0
import {handlersOf, jsonAt, proofAt, textAt} from '../checks/lib/containerd.ts'
import {membersOf, stringsOf} from '../checks/lib/docker-settings.ts'
import {handlerOf, runtimeOf} from '../checks/lib/docker-topics-runtime.ts'
import type {Setting} from '../model/facts.ts'
import type {Json} from '../model/json.ts'
import type {OciRuntime, Remark} from '../model/migration/needs.ts'
import {valueOf} from '../model/observed.ts'
import {type Reading, settingOf} from './reading.ts'

export interface Runtimes {
  readonly runtimes: readonly OciRuntime[]
  readonly defaultRuntime: Setting
  readonly remarks: readonly Remark[]
}

const RUNC = 'io.containerd.runc.v2'
const RUNSC = 'io.containerd.runsc.v1'
/** Names under which runc itself goes: no handler has to be made for these. */
const RUNC_NAMES = new Set(['runc', 'runc.v2', RUNC, 'io.containerd.runtime.v1.linux'])
/** Name of a RuntimeClass handler (kubernetes, validation of node.k8s.io: a DNS label). */
const HANDLER = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

/** The OCI runtimes that the old runtime knows beside runc, and which of them pods without a RuntimeClass get. */
export function runtimeNeeds(reading: Reading): Runtimes {
  const found = reading.onDocker ? ofDocker(reading) : reading.runtime === 'containerd' ? ofContainerd(reading) : ofCrio(reading)
  const good = found.runtimes.filter(({handler}) => HANDLER.test(handler))
  const bad = found.runtimes.filter((one) => !good.includes(one))
  const runtimes = good.filter(({handler}, index) => good.findIndex((other) => other.handler === handler) === index)
  const twice = good.filter((one) => !runtimes.includes(one))
  return {
    runtimes, defaultRuntime: found.defaultRuntime,
    remarks: [
      ...found.remarks,
      ...bad.map(({handler, source}): Remark => ({
        level: 'loss', source, text: `"${handler.slice(0, 80)}" is no name for a handler, and is not carried over.`, next: 'Define it for the new runtime by hand.',
      })),
      ...twice.map(({handler, source}): Remark => ({
        level: 'loss', source, text: `Two runtimes would have the handler ${handler}; only the first one is carried over.`,
        next: 'Define the other one for the new runtime by hand.',
      })),
      ...runtimes.flatMap((runtime) => about(runtime, reading)),
      ...defaultRemarks(runtimes, found.defaultRuntime),
    ],
  }
}

type Found = Runtimes

/** What a runtime needs that no file of configuration brings. */
function about({handler, type, arguments: args = [], options = {}, source}: OciRuntime, {upgrade: {target}, onDocker}: Reading): readonly Remark[] {
  const shim = /^io\.containerd\.([\w-]+)\.(v\d+)$/.exec(type)
  const needsShim = target === 'containerd' && onDocker && type !== RUNC && shim !== null
  return [
    ...(needsShim ? [{
      level: 'note' as const, source,
      text: `The handler ${handler} of containerd needs the program containerd-shim-${shim[1]}-${shim[2]} in the PATH of containerd.`,
      next: `Install it before the migration: it comes with ${handler}.`,
    }] : []),
    ...(args.length > 0 && target !== 'cri-dockerd' ? [{
      level: 'note' as const, source,
      text: `Docker starts ${handler} with ${args.length === 1 ? 'an argument' : 'arguments'} of its own (${args.join(' ').slice(0, 200)}), which no CRI runtime hands on.`,
      next: 'A wrapper program has to add them, or the configuration file of that runtime.',
    }] : []),
    ...(target === 'containerd' && onDocker && Object.keys(options).length > 0 ? [{
      level: 'note' as const, source, text: `Docker gives the shim of ${handler} options of its own: ${Object.keys(options).join(', ').slice(0, 200)}.`,
      next: 'See that the handler in config.toml has them.',
    }] : []),
    ...(handler === 'nvidia' && target !== 'cri-dockerd' ? [{
      level: 'note' as const, source, text: 'Pods have their GPUs through the nvidia runtime: the device plugin needs its handler, too.',
      next: 'See that nvidia-container-toolkit is 1.17.4 or later for containerd 2, and compare with `nvidia-ctk runtime configure`.',
    }] : []),
  ]
}

function defaultRemarks(runtimes: readonly OciRuntime[], {value, source}: Setting): readonly Remark[] {
  if (value === 'runc' || runtimes.some(({handler}) => handler === value)) return []
  return [{
    level: 'blocker', source,
    text: `The default runtime is ${value}, and nothing says what program that is.`,
    next: 'Correct it where it is written, and plan again.',
  }]
}

// ---------------------------------------------------------------- Docker

function ofDocker(reading: Reading): Found {
  const {uses, docker} = reading
  const use = uses.get('runtimes')
  const told = membersOf(use?.value)
  const defaults = uses.get('default-runtime')
  const said = valueOf(docker?.api)?.defaultRuntime
  const name = stringsOf(defaults?.value).at(-1) ?? said ?? 'runc'
  const source = defaults === undefined ? said === undefined ? 'default of dockerd' : docker?.api.source ?? '' : settingOf(defaults, '').source
  // a default that is a containerd shim by its full name, or nvidia, which Docker finds in PATH, need no entry in `runtimes`
  const implied = !RUNC_NAMES.has(name) && !told.some(([one]) => one === name) && (name.startsWith('io.containerd.') || name === 'nvidia')
  const names = [...told.map(([one]) => one), ...(implied ? [name] : [])].filter((one) => !RUNC_NAMES.has(one))
  const placeOf = (one: string) => (implied && one === name ? source : use && lineOf(use, one)) ?? 'dockerd'
  return {
    runtimes: names.map((one) => dockerRuntime(one, reading, told.find(([other]) => other === one)?.[1], placeOf(one))),
    defaultRuntime: {value: RUNC_NAMES.has(name) ? 'runc' : handlerOf(name), source},
    remarks: names.flatMap((one) => lostArguments(one, reading, placeOf(one))),
  }
}

/** A wrapper can stand for a program that is called like runc, not for a shim. */
function takesArguments(type: string): boolean {
  return type === RUNC || type === RUNSC
}

function lostArguments(name: string, reading: Reading, source: string): readonly Remark[] {
  const {type, args} = runtimeOf(name, reading)
  if (args.length === 0 || takesArguments(type) || reading.upgrade.target === 'cri-dockerd') return []
  return [{
    level: 'loss', source, text: `Docker starts ${name} with arguments (${args.join(' ').slice(0, 200)}), which its shim ${type.slice(0, 60)} does not take.`,
    next: 'Put them into the configuration file of that runtime.',
  }]
}

function lineOf(use: NonNullable<ReturnType<Reading['uses']['get']>>, name: string): string {
  const setting = use.settings.find(({value, from}) => (from === 'file' ? membersOf(value).some(([one]) => one === name) : true))
  const line = setting?.lines !== undefined && Object.hasOwn(setting.lines, name) ? setting.lines[name] : undefined
  if (setting === undefined) return use.key
  return line === undefined ? setting.written?.source ?? setting.source : `${setting.source.replace(/:\d+$/, '')}:${line}`
}

/** The program that Docker calls is one like runc, or runsc itself. Of other types it is not the shim, which containerd looks for. */
function dockerRuntime(name: string, reading: Reading, told: Json | undefined, source: string): OciRuntime {
  const {type, binary, args} = runtimeOf(name, reading)
  const shim = shimAt(type)
  if (shim !== undefined) return {handler: handlerOf(name), ...shim, source}
  const options = optionsOf(jsonAt(told, 'options'))
  const path = typeof told === 'string' ? told : textAt(told, 'path')
  const isShimOnly = path === undefined && (textAt(told, 'runtimeType') ?? textAt(told, 'runtime-type')) !== undefined
  return {
    handler: handlerOf(name), type, source,
    ...(!isShimOnly && takesArguments(type) && !name.startsWith('io.containerd.') && {binary}),
    ...(args.length > 0 && takesArguments(type) && {arguments: args}),
    ...(Object.keys(options).length > 0 && {options}),
  }
}

/** Docker takes the path of a shim for a type; containerd wants the type by its name, and the path beside it. */
function shimAt(type: string): Pick<OciRuntime, 'type' | 'binary'> | undefined {
  const [, name, version] = /^\/(?:[^/]+\/)*containerd-shim-([\w-]+)-(v\d+)$/.exec(type) ?? []
  return name === undefined || version === undefined ? undefined : {type: `io.containerd.${name}.${version}`, binary: type}
}

/** The scalars of a table of options: what a shim takes. */
function optionsOf(table: Json | undefined): Readonly<Record<string, string | number | boolean>> {
  const options = Object.create(null) as Record<string, string | number | boolean>
  for (const [key, value] of membersOf(table)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') options[key] = value
  }
  return options
}

// ---------------------------------------------------------------- containerd and CRI-O

/** Handlers of the CRI plugin. The cgroup driver is no option to carry over: it is a need of its own. */
function ofContainerd({containerdFiles, containerd}: Reading): Found {
  const runtimes = containerdFiles.flatMap((file) => handlersOf(file).flatMap(({name, table, path}): readonly OciRuntime[] => {
    const binary = textAt(table, 'options', 'BinaryName') ?? textAt(table, 'runtime_path')
    const {BinaryName: _binary, SystemdCgroup: _driver, ...options} = optionsOf(jsonAt(table, 'options'))
    if (name === 'runc' && binary === undefined) return []
    return [{
      handler: name, type: textAt(table, 'runtime_type') ?? RUNC, source: proofAt(file, path).source, ...(binary !== undefined && {binary}),
      ...(Object.keys(options).length > 0 && {options}),
    }]
  }))
  const name = valueOf(containerd?.config)?.defaultRuntime
  const defaultRuntime = name === undefined ? {value: 'runc', source: 'default of containerd'} : {value: name, source: containerd?.configFile.value ?? ''}
  return {runtimes, defaultRuntime, remarks: []}
}

/** CRI-O has crun or runc by default, which any runtime has a handler for; others become handlers. */
function ofCrio({crio}: Reading): Found {
  const source = crio?.files[0] ?? 'crio.conf'
  const runtimes = Object.entries(crio?.runtimes ?? {}).filter(([name]) => name !== 'runc').map(([handler, {path, type}]): OciRuntime => ({
    handler, source, type: type === 'vm' ? `io.containerd.${/kata/.test(path ?? handler) ? 'kata' : handler}.v2` : RUNC,
    ...(path !== undefined && path !== '' && {binary: path}),
  }))
  const told = crio?.defaultRuntime
  const isOwn = runtimes.some(({handler}) => handler === told?.value)
  return {runtimes, defaultRuntime: told !== undefined && isOwn ? told : {value: 'runc', source: told?.source ?? 'default of CRI-O'}, remarks: []}
}
