// SPDX-License-Identifier: Apache-2.0
import {CannotEditToml, lineOf, type TomlDocument} from '../toml/document.ts'
import {isTomlTable, sameToml, shownToml, tomlAt, type TomlPath, tomlTableAt, tomlTextAt, type TomlValue} from '../toml/value.ts'
import {writeKeys} from '../toml/write.ts'
import {CRI, CRI_IMAGES, CRI_RUNTIME, isKnownToBe, layoutOf, type Reader, RUNC_TYPE, versionIn} from './layout.ts'
import {disablesCri, migrateContainerd} from './migrate.ts'

/** A file of a configuration, main file first, imports in the order containerd loads them. */
export interface ConfigFile {
  readonly path: string
  readonly document: TomlDocument
}

/** Something in a configuration that does not do what it says. */
export interface LintFinding {
  /** stable, kebab-case: a check of preflight, or a rule of lint */
  readonly id: string
  readonly severity: 'blocker' | 'high' | 'medium' | 'low' | 'info'
  readonly file: string
  readonly line?: number
  readonly text: string
  readonly why: string
  readonly fix: string
}

/** What several files do to each other, and what the cgroup driver comes to; the checks of preflight have the rest. */
export function lintContainerd(files: readonly ConfigFile[], reader: Reader, host: {readonly systemd: boolean}): readonly LintFinding[] {
  return [
    ...overrides(files, reader), ...replacedTables(files, reader), ...addedToLists(files), ...registryTls(files, reader), ...cgroupDriver(files, reader, host),
  ]
}

const IMPORTS_WHY =
  'containerd loads imported files after the main one: what they say wins over it, lists are put together. containerd 1.x takes ' +
  'the table of a plugin from the last file that has one, 2.x merges them key by key.'

function finding(file: ConfigFile, path: TomlPath, rest: Omit<LintFinding, 'file' | 'line'>): LintFinding {
  const line = lineOf(file.document, path)
  return {...rest, file: file.path, ...(line !== undefined && {line})}
}

/** Every pair of files, the later one last. */
function pairs(files: readonly ConfigFile[]): readonly (readonly [ConfigFile, ConfigFile])[] {
  return files.flatMap((file, index) => files.slice(index + 1).map((later) => [file, later] as const))
}

/** Values of the main file that an import has otherwise. Both are compared as the later version has them. */
function overrides(files: readonly ConfigFile[], reader: Reader): readonly LintFinding[] {
  const asRead = new Map(files.map((file) => [file, brought(file.document, reader)] as const))
  return pairs(files).flatMap(([file, later]) => {
    const [ours, theirs] = [asRead.get(file) ?? file.document, asRead.get(later) ?? later.document]
    return leaves(theirs.value, []).filter(([path]) => path[0] !== 'version' && path[0] !== 'imports').flatMap(([path, value]): readonly LintFinding[] => {
      const before = tomlAt(ours.value, path)
      const isCri = path[0] === 'plugins'
      // 1.x does not merge the tables of plugins: those are told as a whole
      if (before === undefined || isTomlTable(before) || Array.isArray(before) || sameToml(before, value) || value === '') return []
      if (isCri && !isKnownToBe(reader, '2.0')) return []
      return [finding(later, placeIn(later.document, path), {
        id: 'containerd-import-override', severity: 'medium', why: IMPORTS_WHY,
        text: `${later.path} has ${writeKeys(path, '"')} = ${shownToml(value)}, and wins over ${shownToml(before)} of ${file.path}.`,
        fix: `Write the value in one of the two files only. \`containerd config dump\` shows which one holds.`,
      })]
    })
  })
}

function brought(document: TomlDocument, reader: Reader): TomlDocument {
  if (versionIn(document.value['version']) >= reader.configVersion) return document
  try {
    return migrateContainerd(document, reader).document
  } catch (error) {
    // then it is compared as it is
    if (error instanceof CannotEditToml) return document
    throw error
  }
}

/** Where a setting that was brought to a later version is in the file as it is. */
function placeIn(document: TomlDocument, path: TomlPath): TomlPath {
  if (tomlAt(document.value, path) !== undefined) return path
  const names = path[0] === 'plugins' && (path[1] === CRI_RUNTIME || path[1] === CRI_IMAGES) ? [CRI, 'cri'] : []
  const own = names.map((name) => ['plugins', name]).find((table) => tomlAt(document.value, table) !== undefined) ?? path.slice(0, 1)
  const exact = [...own, ...path.slice(2)]
  return tomlAt(document.value, exact) === undefined ? own : exact
}

function leaves(value: TomlValue, path: TomlPath): readonly (readonly [TomlPath, TomlValue])[] {
  if (!isTomlTable(value)) return [[path, value]]
  return Object.entries(value).flatMap(([key, member]) => leaves(member, [...path, key]))
}

/** containerd 1.x: of two files with the table of a plugin, only the later one counts. */
function replacedTables(files: readonly ConfigFile[], reader: Reader): readonly LintFinding[] {
  if (isKnownToBe(reader, '2.0')) return []
  return pairs(files).flatMap(([file, later]) => Object.keys(tomlTableAt(later.document.value, ['plugins'])).flatMap((plugin): readonly LintFinding[] => {
    const lost = keysOf(file.document, plugin).filter((key) => !keysOf(later.document, plugin).includes(key))
    if (lost.length === 0) return []
    return [finding(later, ['plugins', plugin], {
      id: 'containerd-import-replaces-table', severity: 'high', why: IMPORTS_WHY,
      text:
        `${later.path} has the table ${writeKeys(['plugins', plugin], '"')}: containerd 1.x takes it as a whole, and ` +
        `${lost.slice(0, 5).join(', ')}${lost.length > 5 ? ' and more' : ''} of ${file.path} ${lost.length === 1 ? 'does' : 'do'} not count.`,
      fix: 'Write the whole table in one of the two files, or use containerd 2, which merges them.',
    })]
  }))
}

function keysOf(document: TomlDocument, plugin: string): readonly string[] {
  return leaves(tomlTableAt(document.value, ['plugins', plugin]), []).map(([path]) => writeKeys(path, '"')).filter((key) => key !== '')
}

/** An import that disables CRI again. */
function addedToLists([main, ...imports]: readonly ConfigFile[]): readonly LintFinding[] {
  if (main === undefined || disablesCri(main.document).length > 0 || tomlAt(main.document.value, ['disabled_plugins']) === undefined) return []
  return imports.filter(({document}) => disablesCri(document).length > 0).map((file) => finding(file, ['disabled_plugins'], {
    id: 'containerd-import-adds-to-list', severity: 'blocker', why: IMPORTS_WHY,
    text: `${main.path} leaves CRI on, and ${file.path} adds ${disablesCri(file.document).join(', ')} to disabled_plugins: CRI is off.`,
    fix: `Take it out of disabled_plugins in ${file.path}.`,
  }))
}

/** containerd 2 takes mirrors and credentials of the old kind, and warns "Ignoring unknown key" of their TLS settings (seen with 2.1.9). */
function registryTls(files: readonly ConfigFile[], reader: Reader): readonly LintFinding[] {
  if (!isKnownToBe(reader, '2.0')) return []
  const tables = [['plugins', 'cri', 'registry'], ['plugins', CRI, 'registry'], ['plugins', CRI_IMAGES, 'registry']]
  return files.flatMap((file) => tables.flatMap((table) => Object.keys(tomlTableAt(file.document.value, [...table, 'configs'])).flatMap((host): readonly LintFinding[] => {
    const path = [...table, 'configs', host, 'tls']
    if (Object.keys(tomlTableAt(file.document.value, path)).length === 0) return []
    return [finding(file, path, {
      id: 'containerd-registry-tls-ignored', severity: 'high',
      text: `${file.path} has TLS settings of ${shownToml(host)} in registry.configs: containerd 2 does not read them.`,
      why:
        'containerd 2.0 dropped registry.configs.*.tls: a private CA is not trusted any more, and skip_verify is not in force; pulls ' +
        'fail with "x509: certificate signed by unknown authority".',
      fix: 'Write ca, client or skip_verify into /etc/containerd/certs.d/<registry>/hosts.toml, the mirrors too, and set config_path.',
    })]
  })))
}

/** Where a file of its version has its settings; 1 is told as 2. */
function ownLayout({value}: TomlDocument): ReturnType<typeof layoutOf> {
  const version = versionIn(value['version'])
  return layoutOf(version >= 4 ? 4 : version === 3 ? 3 : 2)
}

/** The cgroup driver that containerd 2 tells the kubelet, which takes it without a word since 1.31. */
function cgroupDriver(files: readonly ConfigFile[], reader: Reader, {systemd}: {readonly systemd: boolean}): readonly LintFinding[] {
  const [main] = files
  if (main === undefined || !systemd || !isKnownToBe(reader, '2.0') || files.some(({document}) => disablesCri(document).length > 0)) return []
  const layout = layoutOf(reader.configVersion)
  const documents = files.map((file) => ({file, brought: brought(file.document, reader)}))
  const name = documents.flatMap((one) => tomlTextAt(one.brought.value, [...layout.containerd, 'default_runtime_name']) ?? []).at(-1) ?? 'runc'
  const handler = [...layout.runtimes, name]
  const type = documents.flatMap((one) => tomlTextAt(one.brought.value, [...handler, 'runtime_type']) ?? []).at(-1) ?? RUNC_TYPE
  const driver = documents.flatMap((one) => {
    const value = tomlAt(one.brought.value, [...handler, 'options', 'SystemdCgroup'])
    return typeof value === 'boolean' ? [{file: one.file, value}] : []
  }).at(-1)
  if (type !== RUNC_TYPE || driver?.value === true) return []
  const {file} = driver ?? {file: main}
  return [finding(file, driver === undefined ? ['version'] : placeIn(file.document, [...handler, 'options', 'SystemdCgroup']), {
    id: 'containerd-answers-cgroupfs', severity: 'high',
    text:
      `The handler ${name} has ${driver === undefined ? 'no SystemdCgroup' : 'SystemdCgroup = false'}: on a host with systemd containerd ` +
      'tells the kubelet to use cgroupfs.',
    why:
      'A kubelet from 1.31 on asks the runtime for its cgroup driver (RuntimeConfig) and takes the answer, whatever its own ' +
      'configuration says. With cgroupfs beside systemd two managers write to one tree, and nodes become unstable under load.',
    fix:
      `Write SystemdCgroup = true in [${writeKeys([...ownLayout(file.document).runtimes, name, 'options'], '"')}], and ` +
      `runtime_type = "${RUNC_TYPE}" in the table around it.`,
  })]
}
