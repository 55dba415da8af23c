// SPDX-License-Identifier: Apache-2.0
import type {Generated, GeneratedFile, SettingRow, Target, TargetFiles, Wanted} from '../../model/migration/config.ts'
import type {NodeNeeds, OciRuntime, Remark} from '../../model/migration/needs.ts'
import {existingAt, fileUnlessSame, matchesOf, unreadableRemark} from '../lib/existing.ts'
import {joinGenerated, NOTHING} from '../lib/generated.ts'
import {isPlain, refusedRemark} from '../lib/plain-text.ts'
import {unitPaths} from '../lib/unit-file.ts'
import {CannotEditToml, openToml, type TomlDocument} from '../toml/document.ts'
import {removeToml, setToml} from '../toml/edit.ts'
import {tomlAt, type TomlPath, tomlTextAt, tomlTextsAt} from '../toml/value.ts'
import {writeKey} from '../toml/write.ts'
import {BASE_SPEC, baseSpecText, limitsOf, unitLimitsDo} from './base-spec.ts'
import {CERTS_D, HOSTS_FILES, hostsFile, hostsFilesOf, type RegistryHosts, registriesOf} from './hosts.ts'
import {importRemarks} from './imports.ts'
import {CONFIG_FILE, CRI_NAMES, isKnownToBe, layoutOf, type Reader, RUNC_TYPE, versionIn} from './layout.ts'
import {migrateContainerd} from './migrate.ts'
import {takeOldRegistry} from './old-registry.ts'
import {handlersOf, isRunsc, runscConfigOf, type Wish, wishesOf, wrapperOf} from './settings.ts'
import {LIMITS_DROP_IN, PROXY_DROP_IN, UNIT, unitFiles} from './units.ts'

type Containerd = Extract<Target, {readonly name: 'containerd'}>

const CONF_D = '/etc/containerd/conf.d/*.toml'
/** Where imports of config.toml lie, by the manuals of containerd, NVIDIA and the distributions. */
const IMPORTS = [CONF_D, '/etc/containerd/config.d/*.toml', '/etc/containerd/*.toml']

/** What is read of the node before the configuration of containerd is made. */
export function wanted(needs: NodeNeeds, target: Target): Wanted {
  if (target.name !== 'containerd') return {files: [], patterns: []}
  const unit = unitPaths(UNIT)
  const hosts = [...new Set([...needs.registries.map(({host}) => host), ...Object.keys(needs.certificates)])].filter((host) => !host.includes('/'))
  return {
    files: [
      CONFIG_FILE, BASE_SPEC, LIMITS_DROP_IN, PROXY_DROP_IN, ...unit.files, ...hosts.flatMap((host) => hostsFilesOf(CERTS_D, host)),
      ...needs.runtimes.flatMap((runtime) => [wrapperOf(runtime), runscConfigOf(runtime)]),
    ],
    patterns: [
      ...IMPORTS, ...unit.patterns, HOSTS_FILES,
      ...Object.values(needs.certificates).flatMap(({value}) => [`${value}/*.crt`, `${value}/*.cert`]),
    ],
  }
}

/**
 * The configuration of containerd that a node needs: config.toml of the version of the target, hosts.toml for each registry that is
 * special, drop-ins of the unit, and what these name. What is there is edited; an older config.toml is migrated first.
 */
export function generate(needs: NodeNeeds, target: Target, files: TargetFiles): Generated {
  if (target.name !== 'containerd') return NOTHING
  return joinGenerated([configFiles(needs, target, files), runtimeFiles(needs, files), unitFiles(needs, files)])
}

/** config.toml under construction. */
interface Draft {
  readonly document: TomlDocument
  readonly rows: readonly SettingRow[]
  readonly remarks: readonly Remark[]
  readonly hosts: readonly RegistryHosts[]
  /** the file was of an older version */
  readonly isMigrated: boolean
}

function configFiles(needs: NodeNeeds, target: Containerd, files: TargetFiles): Generated {
  const existing = existingAt(files, CONFIG_FILE)
  if (existing.state === 'unreadable') return {...NOTHING, remarks: [unreadableRemark(CONFIG_FILE, existing)]}
  const text = existing.state === 'ok' && existing.text.trim() !== '' ? existing.text : undefined
  try {
    const start = text === undefined ? newConfig(target) : openConfig(text, target)
    if ('level' in start) return {...NOTHING, remarks: [start]}
    const draft = configured(start, needs, target, files, text === undefined)
    const made = draft.hosts.map((host) => hostsFile(folderOf(draft.document, target), host, files))
    const file: GeneratedFile = {path: CONFIG_FILE, text: draft.document.text, mode: 0o644, why: 'The configuration of containerd', part: 'runtime'}
    return {
      files: [...fileUnlessSame(existing, file), ...made.flatMap((one) => one.files), ...baseSpec(needs, files)],
      rows: [...draft.rows, ...draft.hosts.flatMap(({rows}) => rows)],
      remarks: [...draft.remarks, ...made.flatMap((one) => one.remarks), ...importRemarks(draft.document, needs, target, importsOf(draft.document, files))],
    }
  } catch (error) {
    if (!(error instanceof CannotEditToml)) throw error
    const remark: Remark = {
      level: 'blocker', text: `${CONFIG_FILE} cannot be edited: ${error.message}`, source: CONFIG_FILE,
      next: 'Mend the file, or move it away so that rtctl writes a new one, and plan again.',
    }
    return {...NOTHING, remarks: [remark]}
  }
}

function newConfig({configVersion, version}: Containerd): Draft {
  const imports = isKnownToBe({configVersion, version}, '2.2') ? `imports = ["${CONF_D}"]\n` : ''
  const document = openToml(`# Written by rtctl. Everything that is not here has containerd's own default: containerd config default\nversion = ${configVersion}\n${imports}`,
    configVersion === 2 ? '"' : "'")
  return {document, rows: [], remarks: [], hosts: [], isMigrated: false}
}

/** What is there, brought to the version to come; a remark where it is of a later one. */
function openConfig(text: string, {configVersion, version}: Containerd): Draft | Remark {
  const document = openToml(text, configVersion === 2 ? '"' : "'")
  const now = versionIn(document.value['version'])
  if (now > configVersion) {
    return {
      level: 'blocker', text: `${CONFIG_FILE} is of version ${now}, and the containerd to come reads version ${configVersion} at most`, source: `${CONFIG_FILE} version`,
      next: 'Install the containerd that the file is for, or move the file away so that rtctl writes a new one.',
    }
  }
  const migrated = migrateContainerd(document, {configVersion, version})
  const row: SettingRow = {
    name: 'configuration version', declared: {value: String(now), source: `${CONFIG_FILE} version`},
    effective: {value: String(now), source: `${CONFIG_FILE} version`}, after: {value: String(configVersion), source: `${CONFIG_FILE} version`},
  }
  return {
    document: migrated.document, hosts: [], isMigrated: now !== configVersion,
    rows: now === configVersion ? [] : [row],
    remarks: migrated.notes.map(({level, text: note}): Remark => ({
      level: level === 'dropped' ? 'loss' : 'note', text: `${CONFIG_FILE}: ${note}`, source: CONFIG_FILE,
    })),
  }
}

function configured(start: Draft, needs: NodeNeeds, target: Containerd, files: TargetFiles, isNew: boolean): Draft {
  const {wishes, remarks} = wishesOf(needs, target, start.document.value)
  const enabled = withCri(start)
  const all = [...wishes, ...baseSpecWishes(needs, target, start.document)].map((wish) => (isNew ? {...wish, implied: false} : wish))
  const set = all.reduce((draft, wish) => withWish(draft, wish, needs), enabled)
  return withRegistries({...set, remarks: [...set.remarks, ...remarks, ...limitsOf(needs).remarks]}, needs, target, files, isNew)
}

/** Packages of Docker bring a configuration in which CRI is off. */
function withCri(draft: Draft): Draft {
  const now = tomlTextsAt(draft.document.value, ['disabled_plugins'])
  const left = now.filter((name) => !CRI_NAMES.includes(name))
  if (left.length === now.length) return draft
  const row: SettingRow = {
    name: 'CRI', declared: {value: 'disabled', source: `${CONFIG_FILE} disabled_plugins`}, effective: {value: 'disabled', source: `${CONFIG_FILE} disabled_plugins`},
    after: {value: 'enabled', source: `${CONFIG_FILE} disabled_plugins`},
  }
  return {...draft, document: setToml(draft.document, ['disabled_plugins'], left), rows: [...draft.rows, row]}
}

function withWish(draft: Draft, {name, path, value, declared, soft, shows, implied}: Wish, {from}: NodeNeeds): Draft {
  if (value === undefined) return {...draft, document: removeToml(draft.document, path)}
  const now = tomlAt(draft.document.value, path)
  if (now === undefined && implied === true) {
    const after = {value: shown(value), source: 'containerd\'s own default'}
    return {...draft, rows: [...draft.rows, {name, ...(declared !== undefined && {declared}), after}]}
  }
  const isSet = now !== undefined && now !== '' && !(Array.isArray(now) && now.length === 0)
  const keeps = soft === true && isSet
  const document = keeps ? draft.document : setToml(draft.document, path, value)
  const source = `${CONFIG_FILE} ${keyOf(path)}`
  const told = (what: unknown) => shows?.(what) ?? shown(what)
  const after = {value: told(keeps ? now : value), source}
  // of a node that runs on containerd already, the file says what holds now
  const effective = from.runtime === 'containerd' && isSet ? {value: told(now), source} : undefined
  const row: SettingRow = {name, ...(declared !== undefined && {declared}), ...(effective !== undefined && {effective}), after}
  return {...draft, document, rows: [...draft.rows, row]}
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.map(String).join(', ') : String(value)
}

/** A path as people write it: `plugins."io.containerd.grpc.v1.cri".sandbox_image`. */
export function keyOf(path: TomlPath): string {
  return path.map((key) => writeKey(key, '"')).join('.')
}

function withRegistries(draft: Draft, needs: NodeNeeds, target: Containerd, files: TargetFiles, isNew: boolean): Draft {
  const {registry} = layoutOf(target.configVersion)
  const wished = registriesOf(needs, files)
  const old = takeOldRegistry(draft.document, registry, CONFIG_FILE)
  const before = tomlTextAt(draft.document.value, [...registry, 'config_path'])
  const hasOld = tomlAt(draft.document.value, [...registry, 'mirrors']) !== undefined || old.hosts.length > 0
  const hosts = joinedHosts(needs.from.runtime === 'containerd' ? withoutSame(wished.hosts, old.hosts) : wished.hosts, old.hosts)
  // a containerd that runs with mirrors of the old kind may go on with them
  const goesOn = needs.from.runtime === 'containerd' && !draft.isMigrated && before === undefined && hosts.length === old.hosts.length
  if (!isNew && ((!hasOld && hosts.length === 0) || goesOn)) return {...draft, remarks: [...draft.remarks, ...wished.remarks]}
  const folder = folderOf(draft.document, target)
  const document = setToml(old.document, [...registry, 'config_path'], folder)
  const rest = (before ?? '').split(':').slice(1).filter((path) => path !== '' && path !== folder)
  const several: Remark = {
    level: 'note', text: `config_path has one folder from now on, ${folder}: containerd is known not to use _default/hosts.toml where there are several`,
    next: `Move what pods need of ${rest.join(', ')} there.`, source: `${CONFIG_FILE} ${keyOf([...registry, 'config_path'])}`,
  }
  const row: SettingRow = {
    name: 'registries', ...(before !== undefined && {declared: {value: before, source: CONFIG_FILE}}),
    after: {value: folder, source: `${CONFIG_FILE} ${keyOf([...registry, 'config_path'])}`},
  }
  return {
    ...draft, document, rows: [...draft.rows, row], hosts,
    remarks: [...draft.remarks, ...wished.remarks, ...old.remarks, ...(rest.length > 0 ? [several] : [])],
  }
}

/** The folder with a hosts.toml for each registry: the one that is configured, else containerd's own. */
function folderOf(document: TomlDocument, {configVersion}: Containerd): string {
  const [first] = (tomlTextAt(document.value, [...layoutOf(configVersion).registry, 'config_path']) ?? '').split(':')
  return first?.startsWith('/') === true && isPlain(first) && !first.split('/').includes('..') ? first : CERTS_D
}

/** What a containerd is told of its registries is in its configuration: that is taken as it is. */
function withoutSame(wished: readonly RegistryHosts[], old: readonly RegistryHosts[]): readonly RegistryHosts[] {
  return wished.map((one) => (old.some(({host}) => host === one.host) ? {...one, endpoints: []} : one))
}

/** One for each registry; what is said of the same endpoint in two places holds together. */
function joinedHosts(...hosts: readonly (readonly RegistryHosts[])[]): readonly RegistryHosts[] {
  const all = hosts.flat()
  return [...new Set(all.map(({host}) => host))].map((host) => {
    const same = all.filter((one) => one.host === host)
    const endpoints = same.flatMap((one) => one.endpoints)
    return {
      host, rows: same.flatMap(({rows}) => rows),
      endpoints: [...new Set(endpoints.map(({url}) => url))].map((url) => Object.assign({url}, ...endpoints.filter((one) => one.url === url))),
    }
  })
}

// ---------------------------------------------------------------- limits and runtimes

function needsBaseSpec(needs: NodeNeeds): boolean {
  const {limits} = limitsOf(needs)
  return limits.length > 0 && (!unitLimitsDo(limits) || !needs.from.systemd)
}

/** For every handler of runc: the limits were Docker's for all containers. */
function baseSpecWishes(needs: NodeNeeds, {configVersion}: Reader, document: TomlDocument): readonly Wish[] {
  if (!needsBaseSpec(needs)) return []
  const {runtimes} = layoutOf(configVersion)
  const {limits} = limitsOf(needs)
  const [first] = limits
  const declared = {value: limits.map(({name, soft, hard}) => `${name}=${soft}:${hard}`).join(' '), source: first?.source ?? ''}
  return handlersOf(needs).filter(({type}) => type === RUNC_TYPE).map(({handler}) => ({
    name: 'limits of containers', path: [...runtimes, handler, 'base_runtime_spec'], value: BASE_SPEC, declared,
    ...(tomlTextAt(document.value, [...runtimes, handler, 'base_runtime_spec']) !== undefined && {soft: true as const}),
  }))
}

function baseSpec(needs: NodeNeeds, files: TargetFiles): readonly GeneratedFile[] {
  if (!needsBaseSpec(needs)) return []
  const existing = existingAt(files, BASE_SPEC)
  const {limits} = limitsOf(needs)
  const file = {path: BASE_SPEC, text: baseSpecText(limits), mode: 0o644, why: 'Limits of all containers, as Docker had them', part: 'runtime'} as const
  // it is rtctl's own: what is there came from an earlier plan
  return existing.state === 'unreadable' ? [file] : fileUnlessSame(existing, file)
}

/** What handlers name beside their program: wrappers that add arguments, and the flags of runsc. */
function runtimeFiles(needs: NodeNeeds, files: TargetFiles): Generated {
  return joinGenerated(handlersOf(needs).filter((runtime) => (runtime.arguments ?? []).length > 0).map((runtime): Generated => {
    const all = [runtime.binary ?? '', ...runtime.arguments ?? []]
    if (!all.every(isPlain)) return {...NOTHING, remarks: [refusedRemark(`an argument of the runtime ${runtime.handler}`, runtime.source)]}
    const path = isRunsc(runtime) ? runscConfigOf(runtime) : wrapperOf(runtime)
    const existing = existingAt(files, path)
    if (existing.state === 'unreadable') return {...NOTHING, remarks: [unreadableRemark(path, existing)]}
    return {...NOTHING, files: fileUnlessSame(existing, isRunsc(runtime) ? runscFile(runtime, existing.state === 'ok' ? existing.text : undefined) : wrapper(runtime))}
  }))
}

function wrapper(runtime: OciRuntime): GeneratedFile {
  const quoted = [runtime.binary ?? 'runc', ...runtime.arguments ?? []].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`)
  return {
    path: wrapperOf(runtime), mode: 0o755, part: 'runtime', why: `Starts the runtime ${runtime.handler} with the arguments that Docker gave it`,
    text: `#!/bin/sh\n# Written by rtctl: containerd gives an OCI runtime no arguments of its own.\nexec ${quoted.join(' ')} "$@"\n`,
  }
}

/** Flags of runsc as its shim takes them (gVisor's documentation: containerd/configuration). Those that are there already stay. */
function runscFile(runtime: OciRuntime, present: string | undefined): GeneratedFile {
  const start = openToml(present ?? '# Written by rtctl: the arguments that Docker gave to runsc.\n')
  const document = (runtime.arguments ?? []).reduce((here, argument) => {
    const [, key = '', value = 'true'] = /^--?([A-Za-z][\w-]*)(?:=(.*))?$/.exec(argument) ?? []
    return key === '' || tomlAt(here.value, ['runsc_config', key]) !== undefined ? here : setToml(here, ['runsc_config', key], value)
  }, start)
  return {path: runscConfigOf(runtime), text: document.text, mode: 0o644, part: 'runtime', why: `Flags of the runtime ${runtime.handler}`}
}

// ---------------------------------------------------------------- imports

/** The files that config.toml imports, in the order containerd loads them, with what they say. */
function importsOf(document: TomlDocument, files: TargetFiles): {readonly path: string; readonly text: string | undefined}[] {
  return tomlTextsAt(document.value, ['imports']).flatMap((pattern) => {
    const path = pattern.startsWith('/') ? pattern : `/etc/containerd/${pattern.replace(/^\.\//, '')}`
    if (IMPORTS.includes(path)) return matchesOf(files, path).paths.filter((one) => one !== CONFIG_FILE).map((one) => ({path: one, text: textAt(files, one)}))
    return [{path, text: textAt(files, path)}]
  })
}

function textAt(files: TargetFiles, path: string): string | undefined {
  const existing = existingAt(files, path)
  return existing.state === 'ok' ? existing.text : undefined
}
