// SPDX-License-Identifier: Apache-2.0
import type {NodeNeeds, OciRuntime, Remark} from '../../model/migration/needs.ts'
import {isPlain, refusedRemark} from '../lib/plain-text.ts'
import {tomlAt, type TomlPath, tomlTableAt, type TomlTable, tomlTextAt} from '../toml/value.ts'
import type {NewValue} from '../toml/write.ts'
import {isKnownToBe, layoutOf, type Reader, RUNC_TYPE, TRANSFER} from './layout.ts'

/** A key of config.toml as it has to be. */
export interface Wish {
  /** of the row that shows it; several keys may make one row */
  readonly name: string
  readonly path: TomlPath
  /** undefined: it has to be gone */
  readonly value: NewValue | undefined
  readonly declared?: {readonly value: string; readonly source: string}
  /** how the row shows the value, where it is not as in the file */
  shows?(value: unknown): string
  /** a value that somebody wrote into the file by hand is kept */
  readonly soft?: true
  /** containerd does the same by itself: not worth a line in a file that does not have it */
  readonly implied?: boolean
}

export interface Wishes {
  readonly wishes: readonly Wish[]
  readonly remarks: readonly Remark[]
}

const NONE: Wishes = {wishes: [], remarks: []}
const CDI_SINCE = '1.7'
const BIN_DIRS_SINCE = '2.1'

/** The keys of config.toml that a node's needs come to. @param now the file as it is, brought to the version to come */
export function wishesOf(needs: NodeNeeds, reader: Reader, now: TomlTable): Wishes {
  const parts = [
    sandboxImage(needs, reader), runtimes(needs, reader, now), cgroupDriver(needs, reader, now), cni(needs, reader), downloads(needs, reader),
    daemon(needs, reader), cdi(needs, reader), pullTimeout(needs, reader),
  ]
  return {wishes: parts.flatMap(({wishes}) => wishes), remarks: parts.flatMap(({remarks}) => remarks)}
}

function declared(
  setting: {readonly value: unknown; readonly source: string}, value = String(setting.value),
): {readonly declared: {readonly value: string; readonly source: string}} {
  return {declared: {value, source: setting.source}}
}

function sandboxImage({sandboxImage: image}: NodeNeeds, {configVersion}: Reader): Wishes {
  if (image === undefined) return NONE
  if (!isPlain(image.value)) return {wishes: [], remarks: [refusedRemark('the sandbox image', image.source)]}
  return {wishes: [{name: 'sandbox image', path: layoutOf(configVersion).sandboxImage, value: image.value, ...declared(image)}], remarks: []}
}

/** Handlers by name; runc is always one. */
export function handlersOf(needs: NodeNeeds): readonly OciRuntime[] {
  const plain = needs.runtimes.filter(({handler}) => isPlain(handler) && handler !== '')
  const hasRunc = plain.some(({handler}) => handler === 'runc')
  return hasRunc ? plain : [{handler: 'runc', type: RUNC_TYPE, source: 'containerd'}, ...plain]
}

/** Where the wrapper of a handler's program is, which adds arguments that containerd cannot take. */
export function wrapperOf({handler}: OciRuntime): string {
  return `/usr/local/lib/rtctl/runtime-${handler.replace(/[^A-Za-z0-9_.-]/g, '_')}`
}

/** Where runsc's own shim takes its flags from. */
export function runscConfigOf({handler}: OciRuntime): string {
  return `/etc/containerd/${handler.replace(/[^A-Za-z0-9_.-]/g, '_')}.toml`
}

export function isRunsc({type}: OciRuntime): boolean {
  return type === 'io.containerd.runsc.v1'
}

function runtimes(needs: NodeNeeds, {configVersion}: Reader, now: TomlTable): Wishes {
  const layout = layoutOf(configVersion)
  const all = handlersOf(needs)
  const wishes = all.flatMap((runtime): readonly Wish[] => {
    const at = [...layout.runtimes, runtime.handler]
    const name = `runtime ${runtime.handler}`
    const there = tomlTextAt(now, [...at, 'runtime_type'])
    // a hand-made handler of the same name is what somebody wanted
    const type: Wish = {
      name, path: [...at, 'runtime_type'], value: runtime.type, declared: {value: runtime.binary ?? runtime.type, source: runtime.source},
      ...(there !== undefined && {soft: true as const}), implied: runtime.handler === 'runc' && runtime.type === RUNC_TYPE && configVersion > 2,
    }
    return [type, ...programOf(runtime, at, name)]
  })
  const {value, source} = needs.defaultRuntime
  const known = all.some(({handler}) => handler === value) || tomlAt(now, [...layout.runtimes, value]) !== undefined
  const remark: Remark = {
    level: 'blocker', text: `The default runtime ${value} is none of the runtimes that are known`, next: 'Name one of them as the default, and plan again.', source,
  }
  if (!known) return {wishes, remarks: [remark]}
  return {
    wishes: [...wishes, {name: 'default runtime', path: [...layout.containerd, 'default_runtime_name'], value, implied: value === 'runc', ...declared(needs.defaultRuntime)}],
    remarks: all.length <= needs.runtimes.length + 1 && needs.runtimes.every(({handler}) => isPlain(handler)) ? [] : [refusedRemark('the name of a runtime', 'daemon.json')],
  }
}

function programOf(runtime: OciRuntime, at: TomlPath, name: string): readonly Wish[] {
  const hasArguments = (runtime.arguments ?? []).length > 0
  if (isRunsc(runtime)) {
    return hasArguments ? [
      {name, path: [...at, 'options', 'TypeUrl'], value: 'io.containerd.runsc.v1.options', soft: true},
      {name, path: [...at, 'options', 'ConfigPath'], value: runscConfigOf(runtime), soft: true},
    ] : []
  }
  const binary = hasArguments && runtime.binary !== undefined ? wrapperOf(runtime) : runtime.binary
  if (binary === undefined || !isPlain(binary)) return []
  return runtime.type === RUNC_TYPE
    ? [{name, path: [...at, 'options', 'BinaryName'], value: binary, soft: true}]
    : [{name, path: [...at, 'runtime_path'], value: binary, soft: true}]
}

/** For every handler of runc, also those that only the file has: one that lacks it makes cgroups of another form. */
function cgroupDriver(needs: NodeNeeds, {configVersion}: Reader, now: TomlTable): Wishes {
  const layout = layoutOf(configVersion)
  const {driver} = needs.cgroup
  const own = handlersOf(needs)
  const inFile = Object.entries(tomlTableAt(now, layout.runtimes)).flatMap(([name, table]) => {
    const type = tomlTextAt(table, ['runtime_type']) ?? own.find(({handler}) => handler === name)?.type ?? (configVersion > 2 ? RUNC_TYPE : '')
    return type === RUNC_TYPE ? [name] : []
  })
  const names = [...new Set([...own.filter(({type}) => type === RUNC_TYPE).map(({handler}) => handler), ...inFile])]
    .filter((name) => (tomlTextAt(now, [...layout.runtimes, name, 'runtime_type']) ?? RUNC_TYPE) === RUNC_TYPE)
  return {
    wishes: names.map((name) => ({
      name: name === needs.defaultRuntime.value ? 'cgroup driver' : `cgroup driver of ${name}`, shows: (value) => (value === true ? 'systemd' : 'cgroupfs'),
      path: [...layout.runtimes, name, 'options', 'SystemdCgroup'], value: driver.value === 'systemd', ...declared(driver),
    })),
    remarks: [],
  }
}

function cni(needs: NodeNeeds, reader: Reader): Wishes {
  const at = layoutOf(reader.configVersion).cni
  const {confDir, binDirs} = needs.cni
  if (![confDir.value, ...binDirs.value].every(isPlain)) return {wishes: [], remarks: [refusedRemark('a folder of CNI', confDir.source)]}
  const conf: Wish = {name: 'CNI configuration', path: [...at, 'conf_dir'], value: confDir.value, implied: confDir.value === '/etc/cni/net.d', ...declared(confDir)}
  const [first, ...more] = binDirs.value
  if (first === undefined) return {wishes: [conf], remarks: []}
  // the default is not the same in all packages: only of a node that runs on containerd it is what has been there
  const said = {...declared(binDirs, binDirs.value.join(', ')), implied: needs.from.runtime === 'containerd'}
  const name = 'CNI plugins'
  if (isKnownToBe(reader, BIN_DIRS_SINCE)) {
    return {wishes: [conf, {name, path: [...at, 'bin_dir'], value: undefined}, {name, path: [...at, 'bin_dirs'], value: binDirs.value, ...said}], remarks: []}
  }
  const remark: Remark = {
    level: 'loss', text: `containerd before ${BIN_DIRS_SINCE} takes one folder of CNI plugins, ${first}: ${more.join(', ')} would not be looked into`,
    next: `Link the plugins of ${more.join(', ')} into ${first}.`, source: binDirs.source,
  }
  return {
    wishes: [conf, {name, path: [...at, 'bin_dirs'], value: undefined}, {name, path: [...at, 'bin_dir'], value: first, ...said}],
    remarks: more.length === 0 ? [] : [remark],
  }
}

/**
 * Since 2.1 the transfer service pulls images: any other number than 3 at the old place makes containerd go back to its old way of pulling
 * (containerd internal/cri/config: CheckLocalImagePullConfigs).
 */
function downloads({downloads: number}: NodeNeeds, reader: Reader): Wishes {
  if (number === undefined) return NONE
  const {images} = layoutOf(reader.configVersion)
  const name = 'downloads at a time'
  if (!isKnownToBe(reader, BIN_DIRS_SINCE)) {
    return {wishes: [{name, path: [...images, 'max_concurrent_downloads'], value: number.value, soft: true, ...declared(number)}], remarks: []}
  }
  return {
    wishes: [
      {name, path: [...images, 'max_concurrent_downloads'], value: undefined},
      {name, path: ['plugins', TRANSFER, 'max_concurrent_downloads'], value: number.value, soft: true, ...declared(number)},
    ],
    remarks: [],
  }
}

function daemon(needs: NodeNeeds, {configVersion}: Reader): Wishes {
  const layout = layoutOf(configVersion)
  const {logLevel, logFormat, metricsAddress, oomScore, selinux} = needs
  const root = dataRootOf(needs)
  const wishes: Wish[] = []
  if (root !== undefined) wishes.push({name: 'data', path: ['root'], value: root.value, soft: true, declared: {value: root.was, source: root.source}})
  if (logLevel !== undefined) wishes.push({name: 'log level', path: ['debug', 'level'], value: logLevel.value, soft: true, ...declared(logLevel)})
  if (logFormat !== undefined) wishes.push({name: 'log format', path: ['debug', 'format'], value: logFormat.value, soft: true, ...declared(logFormat)})
  if (metricsAddress !== undefined) wishes.push({name: 'metrics', path: layout.metricsAddress, value: metricsAddress.value, soft: true, ...declared(metricsAddress)})
  if (oomScore !== undefined) wishes.push({name: 'OOM score', path: ['oom_score'], value: oomScore.value, soft: true, ...declared(oomScore)})
  if (selinux !== undefined) wishes.push({name: 'SELinux', path: [...layout.runtime, 'enable_selinux'], value: selinux.value, ...declared(selinux)})
  const bad = wishes.filter(({value}) => typeof value === 'string' && !isPlain(value))
  return {wishes: wishes.filter((wish) => !bad.includes(wish)), remarks: bad.map(({name, declared: said}) => refusedRemark(name, said?.source ?? ''))}
}

/** containerd and Docker cannot share a folder: beside Docker's own, where that is what the node has. */
export function dataRootOf({dataRoot, from}: NodeNeeds): {readonly value: string; readonly was: string; readonly source: string} | undefined {
  if (dataRoot === undefined) return undefined
  const path = dataRoot.value.replace(/(?<=.)\/+$/, '')
  if (path !== from.dockerDataRoot?.replace(/(?<=.)\/+$/, '')) return {value: path, was: path, source: dataRoot.source}
  return {value: `${path.slice(0, path.lastIndexOf('/'))}/containerd`, was: path, source: dataRoot.source}
}

function cdi({cdiSpecDirs}: NodeNeeds, reader: Reader): Wishes {
  if (cdiSpecDirs === undefined) return NONE
  const {runtime} = layoutOf(reader.configVersion)
  if (!cdiSpecDirs.value.every(isPlain)) return {wishes: [], remarks: [refusedRemark('a folder of CDI', cdiSpecDirs.source)]}
  if (!isKnownToBe(reader, CDI_SINCE)) {
    const text = `containerd before ${CDI_SINCE} does not know CDI: devices of ${cdiSpecDirs.value.join(', ')} are not there for pods`
    return {wishes: [], remarks: [{level: 'loss', text, next: `Use containerd ${CDI_SINCE} or later.`, source: cdiSpecDirs.source}]}
  }
  const wishes: Wish[] = [{name: 'CDI', path: [...runtime, 'cdi_spec_dirs'], value: cdiSpecDirs.value, ...declared(cdiSpecDirs, cdiSpecDirs.value.join(', '))}]
  // it is on by default since 2.0, and cannot be switched off in later ones
  return {wishes: isKnownToBe(reader, '2.0') ? wishes : [{name: 'CDI', path: [...runtime, 'enable_cdi'], value: true}, ...wishes], remarks: []}
}

function pullTimeout({pullProgressTimeout: timeout}: NodeNeeds, reader: Reader): Wishes {
  if (timeout === undefined) return NONE
  const {images} = layoutOf(reader.configVersion)
  if (!isKnownToBe(reader, CDI_SINCE) || !/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(timeout.value)) {
    const text =
      `A pull without progress is given up after containerd's own time, not after ${timeout.value.slice(0, 100)}: containerd before ` +
      `${CDI_SINCE} has no such setting`
    return {wishes: [], remarks: [{level: 'note', text, source: timeout.source}]}
  }
  const path = [...images, 'image_pull_progress_timeout']
  return {wishes: [{name: 'pull without progress', path, value: timeout.value, soft: true, ...declared(timeout)}], remarks: []}
}
