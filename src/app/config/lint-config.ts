// SPDX-License-Identifier: Apache-2.0
import {buildChain} from '../../chain/build.ts'
import {checks as configVersion} from '../../checks/containerd/containerd-config-version.ts'
import {checks as criDisabled} from '../../checks/containerd/containerd-cri-disabled.ts'
import {checks as registry} from '../../checks/containerd/containerd-registry.ts'
import {checks as removedSetting} from '../../checks/containerd/containerd-removed-setting.ts'
import {checks as runtimes} from '../../checks/containerd/containerd-runtimes.ts'
import {containerdForPods, runningContainerd} from '../../checks/lib/containerd.ts'
import {runOnNode} from '../../checks/run.ts'
import {type ConfigFile, type LintFinding, lintContainerd} from '../../config/containerd/lint.ts'
import {type ConfigVersion, versionIn} from '../../config/containerd/layout.ts'
import {tomlTableAt, type TomlTable, type TomlValue} from '../../config/toml/value.ts'
import {openLiveHost} from '../../host/live-host.ts'
import type {Check, NodeContext, Proof, Severity} from '../../model/check.ts'
import type {ContainerdFacts, Facts} from '../../model/facts.ts'
import type {FileStat, Host} from '../../model/host.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {ContainerdFile} from '../../model/node/containerd.ts'
import type {NodeFacts} from '../../model/node-facts.ts'
import {absent, type Observed, ok, valueOf} from '../../model/observed.ts'
import {isAtLeast} from '../../model/version.ts'
import {collectFacts} from '../../probes/collect.ts'
import {tomlKeyLines} from '../../probes/node/containerd-toml-lines.ts'
import {mergeContainerdTables, readContainerdConfig} from '../../probes/parse/containerd-config.ts'
import {type ConfigFiles, DEFAULT_FILE, readConfigFiles} from './config-files.ts'

export interface LintQuestion {
  /** path on the host, or the text of standard input; undefined: the configuration that this host's containerd reads */
  readonly main?: string | {readonly text: string}
  readonly root?: string
  /** version of the containerd that reads the file; undefined: what runs, else every generation that could read it */
  readonly containerd?: string
}

export interface LintReport {
  readonly files: readonly {readonly path: string; readonly version: number}[]
  /** the containerds that were thought of as readers */
  readonly containerd: readonly string[]
  readonly findings: readonly LintFinding[]
  readonly missing: ConfigFiles['missing']
}

const CHECKS: readonly Check[] = [...configVersion, ...criDisabled, ...removedSetting, ...runtimes, ...registry]
const ORDER: readonly Severity[] = ['blocker', 'high', 'medium', 'low', 'info']
const ASK_MS = 2000

/** Finds what a configuration of containerd says and does not do. @throws UserError where it cannot be read */
export async function lintConfig({main, root, containerd}: LintQuestion): Promise<LintReport> {
  const host = openLiveHost({...(root !== undefined && {root}), askTimeoutMs: ASK_MS})
  const facts = await collectFacts(main === undefined ? host : NOTHING_THERE)
  const here = main === undefined ? nodeOf(facts, {}) : undefined
  const config = readConfigFiles(host, main ?? (here && containerdForPods(here)?.configFile.value) ?? DEFAULT_FILE)
  const readers = readersOf(config.files, containerd ?? (here && runningContainerd(here)))
  const withFile = containerdsWith(facts, config.files)
  // a file may be for another host: those of nodes have systemd
  const init = main === undefined ? valueOf(facts.machine.init) : undefined
  const findings = readers.flatMap((version) => {
    const node = nodeOf(withFile, {containerd: version})
    const reader = {configVersion: newestVersion(version), version}
    return [...fromChecks(node, config.files), ...lintContainerd(config.files, reader, {systemd: init === undefined || init === 'systemd'})]
  })
  return {
    files: config.files.map(({path, document}) => ({path, version: versionIn(document.value['version'])})), containerd: readers,
    findings: sorted(distinct(findings)), missing: config.missing,
  }
}

/** The containerd that is known to read the file, else one of each generation that can. */
function readersOf([main]: readonly ConfigFile[], known: string | undefined): readonly string[] {
  if (known !== undefined) return [known]
  const version = versionIn(main?.document.value['version'])
  return version >= 4 ? ['2.3'] : version === 3 ? ['2.1'] : ['1.7', '2.1']
}

function newestVersion(version: string): ConfigVersion {
  return isAtLeast(version, '2.3') ? 4 : isAtLeast(version, '2.0') ? 3 : 2
}

function nodeOf(facts: Facts, {containerd}: {readonly containerd?: string}): NodeContext {
  const upgrade = {target: 'containerd', kubernetes: '1.24', ...(containerd !== undefined && {containerd}), oracle: {}} as const
  return {name: 'this file', facts, chain: buildChain(facts), clients: [], upgrade}
}

/** The facts with one containerd of the host that reads these files, in place of whatever was found. */
function containerdsWith(facts: Facts, files: readonly ConfigFile[]): Facts {
  const tables = files.map(({document}) => jsonOf(document.value) as JsonObject)
  const path = files[0]?.path ?? DEFAULT_FILE
  const setting = (value: string) => ({value, source: path})
  const one: ContainerdFacts = {
    address: setting('/run/containerd/containerd.sock'), root: setting('/var/lib/containerd'), state: setting('/run/containerd'), configFile: setting(path),
    config: ok(readContainerdConfig(mergeContainerdTables(tables), files.map((file) => file.path)), path), bundles: absent('/run/containerd'),
  }
  return {...facts, containerds: [one]}
}

function fromChecks(node: NodeContext, files: readonly ConfigFile[]): readonly LintFinding[] {
  const read = files.map(({path, document}): ContainerdFile => {
    const version = document.value['version']
    return {path, ...(typeof version === 'number' && {version}), table: jsonOf(document.value) as JsonObject, lines: tomlKeyLines(document.text)}
  })
  const known = {
    containerdConfigs: ok([{address: '/run/containerd/containerd.sock', files: read}], read[0]?.path ?? ''),
    containerdBinaries: absent(''), containerdDefaultHosts: absent(''),
  } as Partial<NodeFacts> as NodeFacts
  return runOnNode(CHECKS, node, known).flatMap(({check, outcomes}) => outcomes.flatMap((outcome): readonly LintFinding[] => {
    if (outcome.state !== 'problem') return []
    const {file, line} = placeOf(outcome.evidence[0], files)
    return [{
      id: check.id, severity: outcome.severity ?? check.severity, file, ...(line !== undefined && {line}), text: outcome.text, why: check.why,
      fix: textOf(outcome.fix ?? check.fix),
    }]
  }))
}

function textOf(fix: Check['fix']): string {
  return typeof fix === 'string' ? fix : fix.containerd
}

/** Evidence names a file, mostly with a line. */
function placeOf(proof: Proof | undefined, files: readonly ConfigFile[]): {readonly file: string; readonly line?: number} {
  const source = proof?.source ?? ''
  const file = files.find(({path}) => source === path || source.startsWith(`${path}:`))?.path ?? files[0]?.path ?? ''
  const line = Number(source.slice(file.length + 1))
  return Number.isInteger(line) && line > 0 ? {file, line} : {file}
}

/** The same at the same place, seen by two generations of containerd, is told once. */
function distinct(findings: readonly LintFinding[]): readonly LintFinding[] {
  return findings.filter((one, index) => findings.findIndex(({id, file, line}) => id === one.id && file === one.file && line === one.line) === index)
}

function sorted(findings: readonly LintFinding[]): readonly LintFinding[] {
  return findings.toSorted((one, other) =>
    ORDER.indexOf(one.severity) - ORDER.indexOf(other.severity) || one.file.localeCompare(other.file, 'en') || (one.line ?? 0) - (other.line ?? 0))
}

/** TOML has dates and big integers, which JSON has not. */
function jsonOf(value: TomlValue): Json {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (Array.isArray(value)) return (value as readonly TomlValue[]).map(jsonOf)
  if (typeof value === 'bigint' || value instanceof Date) return String(value)
  const json = Object.create(null) as Record<string, Json>
  for (const [key, member] of Object.entries(tomlTableAt(value as TomlTable, []))) json[key] = jsonOf(member)
  return json
}

/** A host without anything: the checks then see the file alone. */
const NOTHING_THERE: Host = {
  origin: {kind: 'snapshot', file: 'a file alone'},
  text: (path: string): Observed<string> => absent(path),
  entries: (path: string): Observed<readonly string[]> => absent(path),
  target: (path: string): Observed<string> => absent(path),
  stat: (path: string): Observed<FileStat> => absent(path),
  ask: async <T>(question: string): Promise<Observed<T>> => absent(question),
  within: () => NOTHING_THERE,
  localPath: () => undefined,
}
