// SPDX-License-Identifier: Apache-2.0
import {criTablesOf, isTable, proofAt} from '../checks/lib/containerd.ts'
import {shown} from '../checks/lib/docker-topic.ts'
import type {Setting} from '../model/facts.ts'
import type {Json, JsonObject} from '../model/json.ts'
import type {SettingFate, Verdict} from '../model/migration/needs.ts'
import type {ContainerdFile} from '../model/node/containerd.ts'
import type {Reading} from './reading.ts'
import {withoutSecrets, withoutUsers} from './secrets.ts'

const told = (fate: SettingFate['fate'], reason: string): SettingFate => ({fate, reason})
const translated = (reason: string) => told('translated', reason)

/** What a runtime that speaks the CRI itself is told: containerd, CRI-O or cri-dockerd. */
export function criVerdicts(reading: Reading): readonly Verdict[] {
  if (reading.runtime === 'containerd') return reading.containerdFiles.flatMap((file) => [...topVerdicts(file), ...pluginVerdicts(file)]).slice(0, MOST)
  if (reading.runtime === 'cri-o') return crioVerdicts(reading)
  return reading.runtime === 'cri-dockerd' ? criDockerdVerdicts(reading) : []
}

const MOST = 300

// ---------------------------------------------------------------- containerd

const EDITED = translated('config.toml is edited: it goes on saying so, in the form of the version of containerd to come.')
const BY_HAND = {
  criO: told('none', 'rtctl has no equivalent for it in CRI-O: look it up in crio.conf(5), and write a drop-in if pods need it.'),
  criDockerd: told('none', 'rtctl has no equivalent for it in Docker: look up what it does, and configure dockerd by hand if pods need it.'),
}
const REGISTRY = told('none', 'Nothing is written for dockerd: name mirrors of docker.io and insecure registries in daemon.json, and put certificates into /etc/docker/certs.d.')
const HANDLER = told('none', 'Pods cannot choose among the runtimes of dockerd: its default runtime is the only one they get.')

/** Keys below the CRI plugin, by their path: the first that fits counts. */
const KEYS: readonly {readonly path: RegExp; readonly criO: SettingFate; readonly criDockerd: SettingFate}[] = [
  {
    path: /^(?:sandbox_image|pinned_images\.sandbox)$/, criO: translated('It becomes pause_image below [crio.image] in a drop-in.'),
    criDockerd: translated('It becomes --pod-infra-container-image of cri-dockerd.'),
  },
  {
    path: /^cni\.conf_dir$/,
    criO: translated('It becomes network_dir below [crio.network] in a drop-in.'),
    criDockerd: translated('It becomes --cni-conf-dir of cri-dockerd.'),
  },
  {
    path: /^cni\.bin_dirs?$/,
    criO: translated('It becomes plugin_dirs below [crio.network] in a drop-in.'),
    criDockerd: translated('It becomes --cni-bin-dir of cri-dockerd.'),
  },
  {
    path: /^(?:containerd\.)?default_runtime_name$/,
    criO: translated('It becomes default_runtime below [crio.runtime] in a drop-in.'),
    criDockerd: HANDLER,
  },
  {
    path: /^containerd\.runtimes\.runc$/,
    criO: told('not-needed', 'CRI-O has a handler for runc; the cgroup driver becomes cgroup_manager.'),
    criDockerd: told('not-needed', 'dockerd has runc; the cgroup driver is native.cgroupdriver of its exec-opts.'),
  },
  {path: /^containerd\.runtimes\./, criO: translated('It becomes a handler in a drop-in of CRI-O.'), criDockerd: HANDLER},
  {
    path: /^registry\.config_path$/,
    criO: told('none', 'CRI-O does not read hosts.toml: write what those files say into /etc/containers/registries.conf.d.'),
    criDockerd: REGISTRY,
  },
  {path: /^registry\.mirrors\./, criO: translated('Its endpoints become mirrors of that registry in registries.conf.d.'), criDockerd: REGISTRY},
  {
    path: /^registry\./,
    criO: translated('insecure_skip_verify becomes insecure = true in registries.conf.d; credentials and certificates are not copied.'),
    criDockerd: REGISTRY,
  },
  {
    path: /^(?:containerd\.)?snapshotter$/, criO: told('not-needed', 'CRI-O stores layers by a driver of its own, overlay by default.'),
    criDockerd: told('not-needed', 'dockerd stores layers by a driver of its own, overlay2 by default.'),
  },
  {
    path: /^systemd_cgroup$/, criO: translated('The cgroup driver becomes cgroup_manager below [crio.runtime] in a drop-in.'),
    criDockerd: told('none', 'Write native.cgroupdriver=systemd to exec-opts in daemon.json.'),
  },
]

/** Tables of which each entry is one thing: they get one row. */
const WHOLE = /^(?:containerd\.runtimes|registry\.mirrors|registry\.configs|registry\.auths)$/

function pluginVerdicts(file: ContainerdFile): readonly Verdict[] {
  return criTablesOf(file).flatMap(({table, path, plugin}) => rowsOf(table).map(({keys, value}): Verdict => {
    const name = keys.join('.')
    const known = KEYS.find((one) => one.path.test(name))
    return {
      setting: `config.toml ${plugin} ${name}`, value: textOf(keys, value), source: proofAt(file, [...path, ...keys]).source,
      verdict: {containerd: EDITED, 'cri-o': known?.criO ?? BY_HAND.criO, 'cri-dockerd': known?.criDockerd ?? BY_HAND.criDockerd},
    }
  }))
}

/** Keys of containerd itself that are not about its plugins. */
function topVerdicts(file: ContainerdFile): readonly Verdict[] {
  const {plugins: _plugins, version: _version, ...rest} = file.table
  return rowsOf(rest).map(({keys, value}): Verdict => ({
    setting: `config.toml ${keys.join('.')}`, value: textOf(keys, value), source: proofAt(file, keys).source,
    verdict: {
      containerd: EDITED, 'cri-o': told('not-needed', 'It is about containerd itself: CRI-O has its own.'),
      'cri-dockerd': told('not-needed', 'It is about containerd itself, which dockerd does without or goes on using.'),
    },
  }))
}

interface Row {
  readonly keys: readonly string[]
  readonly value: Json
}

/** The leaves of a table that say anything: a file that was dumped has all defaults, most of them empty. */
function rowsOf(table: JsonObject, above: readonly string[] = []): readonly Row[] {
  return Object.entries(table).flatMap(([key, value]): readonly Row[] => {
    const keys = [...above, key]
    const isWhole = WHOLE.test(above.join('.'))
    if (isTable(value) && !isWhole && keys.length < 8) return rowsOf(value, keys)
    return isWhole || saysSomething(value) ? [{keys, value}] : []
  })
}

function saysSomething(value: Json): boolean {
  return !(value === '' || value === false || value === 0 || value === null || (typeof value === 'object' && Object.keys(value).length === 0))
}

function textOf(keys: readonly string[], value: Json): string {
  return shown(withoutSecrets(keys.at(-1) ?? '', value))
}

// ---------------------------------------------------------------- CRI-O

/** What is read of CRI-O: more may be in its files, which are left as they are. */
function crioVerdicts({crio}: Reading): readonly Verdict[] {
  if (crio === undefined) return []
  const row = (name: string, setting: Setting | undefined, containerd: SettingFate, criDockerd: SettingFate): readonly Verdict[] => setting === undefined ? [] : [{
    setting: `crio.conf ${name}`, value: setting.value, source: setting.source,
    verdict: {containerd, 'cri-o': told('stays', 'CRI-O stays, and goes by it.'), 'cri-dockerd': criDockerd},
  }]
  return [
    ...row('cgroup_manager', crio.cgroupManager, translated('It becomes SystemdCgroup of every handler in config.toml.'), told('none', 'Write native.cgroupdriver to exec-opts in daemon.json.')),
    ...row('default_runtime', crio.defaultRuntime, translated('It becomes default_runtime_name in config.toml.'), HANDLER),
    ...row('network_dir', crio.cniDirectory, translated('It becomes conf_dir of CNI in config.toml.'), translated('It becomes --cni-conf-dir of cri-dockerd.')),
    ...Object.entries(crio.runtimes).flatMap(([name, {path = '', type = ''}]) =>
      row(
        `runtimes.${name}`, {value: [path, type].filter((part) => part !== '').join(' '), source: crio.files[0] ?? 'crio.conf'},
        translated('It becomes a handler in config.toml.'), HANDLER,
      )),
    ...crio.files.slice(0, 20).flatMap((path) => row('(other settings)', {value: path, source: path},
      told('none', 'Only the settings above are read of it: compare the file with config.toml for what else pods need (registries, limits, hooks).'),
      told('none', 'Only the settings above are read of it: compare the file with daemon.json for what else pods need.'))),
  ]
}

// ---------------------------------------------------------------- cri-dockerd

const CRI_DOCKERD: Readonly<Record<string, {readonly containerd: SettingFate; readonly criO: SettingFate}>> = {
  'pod-infra-container-image': {
    containerd: translated('It becomes the sandbox image in config.toml.'),
    criO: translated('It becomes pause_image below [crio.image] in a drop-in.'),
  },
  'cni-conf-dir': {
    containerd: translated('It becomes conf_dir of CNI in config.toml.'),
    criO: translated('It becomes network_dir below [crio.network] in a drop-in.'),
  },
  'cni-bin-dir': {
    containerd: translated('It becomes bin_dir (from 2.1 on bin_dirs) of CNI in config.toml.'),
    criO: translated('It becomes plugin_dirs below [crio.network] in a drop-in.'),
  },
}
const ENDS = told('not-needed', 'It is about cri-dockerd itself, and ends with it.')

/** The arguments of the cri-dockerd that runs. */
function criDockerdVerdicts({criDockerd}: Reading): readonly Verdict[] {
  if (criDockerd === undefined) return []
  const {argv, pid} = criDockerd
  return argv.slice(1).flatMap((word, index): readonly Verdict[] => {
    const [, name = '', joined] = /^--?([a-z][\w-]*)(?:=(.*))?$/s.exec(word) ?? []
    if (name === '') return []
    const next = argv[index + 2]
    const value = joined ?? (next === undefined || next.startsWith('-') ? 'true' : next)
    const known = Object.hasOwn(CRI_DOCKERD, name) ? CRI_DOCKERD[name] : undefined
    return [{
      setting: `cri-dockerd --${name}`, value: withoutUsers(value), source: `argv of pid ${pid}`,
      verdict: {containerd: known?.containerd ?? ENDS, 'cri-o': known?.criO ?? ENDS, 'cri-dockerd': told('stays', 'cri-dockerd stays, and has it.')},
    }]
  })
}
