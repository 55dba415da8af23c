// SPDX-License-Identifier: Apache-2.0
import type {KubeletFacts, Process, Setting, UnitFacts} from '../model/facts.ts'
import type {Host} from '../model/host.ts'
import {absent, mapObserved, type Observed, ok, valueOf} from '../model/observed.ts'
import {filesBelow} from './files.ts'
import {isAtLeast, NOT_RUNNING, probeKubeletVersion} from './kubelet-version.ts'
import {parseEnvFile} from './parse/env-file.ts'
import {type Flag, flagMap, flagValue} from './parse/flags.ts'
import {
  carrierFlags, commandWords, type KubeletProgram, parseKubeletArguments, platformConfigFlags, programOf,
} from './parse/kubelet-args.ts'
import {parseKubeletConfig, parseYaml} from './parse/kubelet-config.ts'
import {emptyMap, stringAt, type Table} from './parse/untrusted.ts'
import {environmentFiles, unitCommand} from './unit-command.ts'

const CONFIG = '/var/lib/kubelet/config.yaml'
const INSTANCE_CONFIG = '/var/lib/kubelet/instance-config.yaml'
/** The variables of kubeadm's drop-in and of the packages (kubernetes/release, 10-kubeadm.conf). */
const ENVIRONMENT_FILES = ['/var/lib/kubelet/kubeadm-flags.env', '/etc/default/kubelet', '/etc/sysconfig/kubelet']
const ENVIRONMENT_VARIABLES = ['KUBELET_KUBEADM_ARGS', 'KUBELET_EXTRA_ARGS']

/** Units that start a kubelet or a platform with one inside. */
const UNITS: readonly {readonly name: string; readonly program: KubeletProgram}[] = [
  {name: 'kubelet.service', program: 'kubelet'},
  {name: 'k3s.service', program: 'k3s'},
  {name: 'k3s-agent.service', program: 'k3s'},
  {name: 'rke2-server.service', program: 'rke2'},
  {name: 'rke2-agent.service', program: 'rke2'},
  {name: 'k0scontroller.service', program: 'k0s'},
  {name: 'k0sworker.service', program: 'k0s'},
  {name: 'snap.microk8s.daemon-kubelite.service', program: 'kubelite'},
  {name: 'snap.microk8s.daemon-kubelet.service', program: 'kubelite'},
]

/** The CRI endpoint a platform gives the kubelet it carries, unless told otherwise (k3s, rke2, k0s, microk8s documentation). */
const BUILT_IN: Partial<Record<KubeletProgram, string>> = {
  k3s: 'unix:///run/k3s/containerd/containerd.sock',
  rke2: 'unix:///run/k3s/containerd/containerd.sock',
  k0s: 'unix:///run/k0s/containerd.sock',
  kubelite: 'unix:///var/snap/microk8s/common/run/containerd.sock',
}
/** k3s has cri-dockerd inside since 1.24, for `--docker`. */
const K3S_CRI_DOCKERD = 'unix:///run/k3s/cri-dockerd/cri-dockerd.sock'
const MICROK8S_ARGS = '/var/snap/microk8s/current/args/kubelet'

const DOCKERSHIM_ENDPOINT = 'unix:///var/run/dockershim.sock'
const BEFORE_1_24 = 'default of kubelet before 1.24'
/** KubeletConfiguration's default since `containerRuntimeEndpoint` moved there. */
const CONTAINERD_ENDPOINT = 'unix:///run/containerd/containerd.sock'
/** Gone with dockershim: a kubelet that runs with one of these is older than 1.24 (kubernetes CHANGELOG-1.24). */
const DOCKERSHIM_FLAGS = [
  'experimental-dockershim-root-directory', 'docker-endpoint', 'image-pull-progress-deadline', 'network-plugin', 'cni-conf-dir',
  'cni-bin-dir', 'cni-cache-dir', 'network-plugin-mtu',
]

/**
 * Every running kubelet and how it is configured; where none runs, the one that is configured on disk. Of a running kubelet the
 * command line is the truth about flags; what the environment files say counts only where nothing else is said.
 *
 * @param processes the kubelet-carrying ones; a platform whose kubelet runs as a process of its own is left out
 * @param units those of kubelet.service and of the platforms
 */
export async function probeKubelets(
  host: Host, processes: readonly Process[], units: readonly UnitFacts[],
): Promise<readonly KubeletFacts[]> {
  const own = processes.filter((process) => !processes.some((child) => carries(process, child)))
  if (own.length > 0) return Promise.all(own.map((process) => readKubelet(host, running(process), units)))
  const launch = configured(host, units)
  return launch === undefined ? [] : [await readKubelet(host, launch, units)]
}

/** rke2, k0s and some k3s start a kubelet of their own: that one's command line says everything. */
function carries(platform: Process, child: Process): boolean {
  return child.ppid === platform.pid && BUILT_IN[running(platform).program] !== undefined && running(child).program === 'kubelet'
}

interface Launch {
  readonly pid?: number
  readonly program: KubeletProgram
  readonly words: readonly string[]
  readonly source: string
}

function running({pid, argv}: Process): Launch {
  const words = commandWords(argv)
  return {pid, program: programOf(words), words, source: `argv of pid ${pid}`}
}

/** What would be started: from a unit that exists, or the files that kubeadm leaves. */
function configured(host: Host, units: readonly UnitFacts[]): Launch | undefined {
  for (const {name, program} of UNITS) {
    const unit = units.find((candidate) => candidate.name === name && !candidate.masked)
    if (unit === undefined) continue
    const command = unitCommand(host, unit)
    return {program, words: command?.words ?? [], source: command?.source ?? unit.files[0] ?? name}
  }
  const left = [CONFIG, ...ENVIRONMENT_FILES].find((path) => host.stat(path).state === 'ok')
  return left === undefined ? undefined : {program: 'kubelet', words: [], source: left}
}

/** Flags from one place. */
interface Layer {
  readonly flags: readonly Flag[]
  readonly source: string
}

type FileState = KubeletFacts['files'][number]

/** Reads files and remembers which were looked at. */
interface Files {
  readonly seen: FileState[]
  read(path: string): Observed<string>
}

function filesOf(host: Host): Files {
  const seen: FileState[] = []
  return {
    seen,
    read(path) {
      const text = host.text(path)
      if (!seen.some((file) => file.path === text.source)) seen.push({path: text.source, state: text.state})
      return text
    },
  }
}

async function readKubelet(host: Host, launch: Launch, units: readonly UnitFacts[]): Promise<KubeletFacts> {
  const files = filesOf(host)
  const written = environmentLayers(host, files, launch, units)
  const bare = launch.pid === undefined && launch.words.length === 0
  const layers = [...launchLayers(files, host, launch, units), ...(bare ? written : [])]
  const version = launch.pid === undefined ? NOT_RUNNING : await probeKubeletVersion(host, launch.pid)
  const flags = Object.assign(emptyMap<string>(), ...layers.toReversed().map((layer) => flagMap(layer.flags))) as Record<string, string>
  const config = readConfig(host, files, launch.program, flags, bare)
  const containerRuntime = findRuntime(layers, launch.program, version)
  const cgroupDriver = settingIn(layers, 'cgroup-driver') ?? configSetting(config.merged, 'cgroupDriver')
  const endpoints = [
    ...flagged(layers), ...config.endpoints, ...(bare ? [] : flagged(written)), ...instanceEndpoints(files),
    ...defaultEndpoints(launch.program, containerRuntime, version),
  ]
  return {
    ...(launch.pid !== undefined && {pid: launch.pid}),
    program: launch.program,
    version,
    flags,
    endpoints: withoutRepeats(endpoints),
    ...(containerRuntime && {containerRuntime}),
    ...(cgroupDriver && {cgroupDriver}),
    config: config.merged,
    files: files.seen,
  }
}

// ---------------------------------------------------------------- flags

/** The command line, and for the platforms the files that hold more flags; the first layer that has a flag wins. */
function launchLayers(files: Files, host: Host, launch: Launch, units: readonly UnitFacts[]): readonly Layer[] {
  const {program, words, source} = launch
  const {kubelet, platform, argsFile} = carrierFlags(program, words)
  const layers: Layer[] = [{flags: [...platform, ...kubelet], source}]
  if (program === 'k3s' || program === 'rke2') {
    // the running process may hide its arguments: then those of its unit are the best there is
    const unit = launch.pid !== undefined && words.length <= 2 ? platformUnit(host, files, program, units) : undefined
    if (unit !== undefined) layers.push(unit)
    layers.push(...platformFileLayers(host, files, program, flagValue(platform, 'config')))
  }
  if (program === 'kubelite') {
    const text = files.read(argsFile ?? MICROK8S_ARGS)
    if (text.state === 'ok') layers.push({flags: parseKubeletArguments(withSnapPaths(text.value)), source: text.source})
  }
  return layers
}

function platformUnit(host: Host, files: Files, program: KubeletProgram, units: readonly UnitFacts[]): Layer | undefined {
  for (const {name} of UNITS.filter((row) => row.program === program)) {
    const unit = units.find((candidate) => candidate.name === name)
    const command = unit && unitCommand(host, unit, (path) => files.read(path))
    if (command === undefined) continue
    const {kubelet, platform} = carrierFlags(program, command.words)
    return {flags: [...platform, ...kubelet], source: command.source}
  }
  return undefined
}

/** config.yaml and the drop-ins beside it, which override it (k3s docs). */
function platformFileLayers(host: Host, files: Files, program: KubeletProgram, told: string | undefined): readonly Layer[] {
  const main = told ?? `/etc/rancher/${program}/config.yaml`
  const dropIns = filesBelow(host, `${main}.d`).filter((path) => /\.ya?ml$/.test(path))
  return [...dropIns.toReversed(), main].flatMap((path) => {
    const flags = mapObserved(files.read(path), (text) => platformConfigFlags(parseYaml(text)))
    return flags.state === 'ok' ? [{flags: [...flags.value.platform, ...flags.value.kubelet], source: flags.source}] : []
  })
}

/** The variables snapd sets for microk8s, as they appear in its args files. */
function withSnapPaths(text: string): string {
  return text.replace(/\$\{?SNAP_COMMON\}?/g, '/var/snap/microk8s/common').replace(/\$\{?SNAP_DATA\}?/g, '/var/snap/microk8s/current')
}

/** What a plain kubelet's environment files say: for its next start, where it runs. */
function environmentLayers(host: Host, files: Files, launch: Launch, units: readonly UnitFacts[]): readonly Layer[] {
  if (launch.program !== 'kubelet' && launch.program !== 'hyperkube') return []
  const unit = units.find(({name}) => name === 'kubelet.service')
  const paths = new Set([...ENVIRONMENT_FILES, ...(unit ? environmentFiles(unit) : [])])
  const layers = [...paths].flatMap((path) => {
    const text = files.read(path)
    return text.state === 'ok' ? [{flags: environmentFlags(text.value), source: text.source}] : []
  })
  const command = unit && unitCommand(host, unit)
  // the last file has the last word on the command line: KUBELET_EXTRA_ARGS after KUBELET_KUBEADM_ARGS
  return [...layers.toReversed(), ...(command ? [{flags: carrierFlags('kubelet', command.words).kubelet, source: command.source}] : [])]
}

function environmentFlags(text: string): readonly Flag[] {
  const variables = parseEnvFile(text)
  return ENVIRONMENT_VARIABLES.flatMap((name) => parseKubeletArguments(variables.get(name) ?? ''))
}

function settingIn(layers: readonly Layer[], name: string): Setting | undefined {
  for (const {flags, source} of layers) {
    const value = flagValue(flags, name)
    if (value !== undefined) return {value, source}
  }
  return undefined
}

/** Endpoints given by flag; k0s writes `remote:unix://…` or `docker:unix://…`. */
function flagged(layers: readonly Layer[]): readonly Setting[] {
  return layers.flatMap(({flags, source}) => {
    const value = flagValue(flags, 'container-runtime-endpoint') ?? flagValue(flags, 'cri-socket')?.replace(/^(remote|docker):/, '')
    return value === undefined || value === '' ? [] : [{value, source}]
  })
}

// ---------------------------------------------------------------- configuration files

interface Config {
  readonly merged: KubeletFacts['config']
  /** the last drop-in that sets one first, the main file last */
  readonly endpoints: readonly Setting[]
}

/**
 * The file of `--config` and the drop-ins of `--config-dir`: every `*.conf` below it in the order of their paths, each merged over
 * what came before (kubernetes, cmd/kubelet/app: mergeKubeletConfigurations).
 */
function readConfig(host: Host, files: Files, program: KubeletProgram, flags: Readonly<Record<string, string>>, bare: boolean): Config {
  const isRancher = program === 'k3s' || program === 'rke2'
  // --config of k3s, rke2 and k0s is a file of their own
  const main = isRancher || program === 'k0s' ? undefined : flags['config'] ?? (bare ? CONFIG : undefined)
  const directory = flags['config-dir'] ?? (isRancher ? `/var/lib/rancher/${program}/agent/etc/kubelet.conf.d` : undefined)
  const dropIns = directory === undefined ? [] : filesBelow(host, directory).filter((path) => path.endsWith('.conf'))
  const paths = [...(main === undefined ? [] : [main]), ...dropIns]
  if (paths.length === 0) return {merged: absent('--config'), endpoints: []}
  const reads = paths.map((path) => mapObserved(files.read(path), parseKubeletConfig))
  const endpoints = reads.toReversed().flatMap((read) => endpointIn(read))
  return {merged: mergeConfigs(reads), endpoints}
}

/** One file that cannot be read makes the whole unreadable: any key could be in it. */
function mergeConfigs(reads: readonly Observed<Table>[]): KubeletFacts['config'] {
  const broken = reads.find((read) => read.state === 'unreadable')
  if (broken?.state === 'unreadable') return broken
  const merged = emptyMap<Setting<unknown>>()
  const there = reads.filter((read) => read.state === 'ok')
  for (const {value, source} of there) {
    for (const [key, member] of Object.entries(value)) merged[key] = {value: member, source}
  }
  return there[0] === undefined ? absent(reads[0]?.source ?? CONFIG) : ok(merged, there[0].source)
}

function endpointIn(read: Observed<Table>): readonly Setting[] {
  const value = stringAt(valueOf(read), 'containerRuntimeEndpoint')
  return value === undefined ? [] : [{value, source: read.source}]
}

/** kubeadm's node-local settings (kubeadm ≥ 1.32): it patches them into config.yaml, the kubelet does not read the file. */
function instanceEndpoints(files: Files): readonly Setting[] {
  return endpointIn(mapObserved(files.read(INSTANCE_CONFIG), parseKubeletConfig))
}

function configSetting(config: KubeletFacts['config'], key: string): Setting | undefined {
  const found = config.state === 'ok' && Object.hasOwn(config.value, key) ? config.value[key] : undefined
  return typeof found?.value === 'string' ? {value: found.value, source: found.source} : undefined
}

// ---------------------------------------------------------------- dockershim and defaults

/** `--container-runtime`, `--docker` of k3s, `--cri-socket=docker:…` of k0s; else what a kubelet of that age does without. */
function findRuntime(layers: readonly Layer[], program: KubeletProgram, version: Observed<string>): Setting | undefined {
  const told = settingIn(layers, 'container-runtime')
  if (told !== undefined) return told
  const docker = settingIn(layers, 'docker')
  if (docker?.value === 'true') return {value: 'docker', source: `${docker.source} (docker)`}
  const socket = settingIn(layers, 'cri-socket')
  if (socket?.value.startsWith('docker:')) return {value: 'docker', source: `${socket.source} (cri-socket)`}
  if (program !== 'kubelet' && program !== 'hyperkube') return undefined
  if (isAtLeast(version, 24) === false) return {value: 'docker', source: BEFORE_1_24}
  const old = DOCKERSHIM_FLAGS.map((name) => ({name, setting: settingIn(layers, name)})).find(({setting}) => setting !== undefined)
  if (old?.setting === undefined || isAtLeast(version, 24)) return undefined
  return {value: 'docker', source: `${BEFORE_1_24}: ${old.setting.source} has --${old.name}, which 1.24 does not know`}
}

function defaultEndpoints(program: KubeletProgram, runtime: Setting | undefined, version: Observed<string>): readonly Setting[] {
  const builtIn = BUILT_IN[program]
  if (runtime?.value === 'docker') {
    // k3s and k0s went on with cri-dockerd inside or beside them: only a plain kubelet is known to be dockershim
    if (builtIn === undefined) return isAtLeast(version, 24) ? [] : [{value: DOCKERSHIM_ENDPOINT, source: BEFORE_1_24}]
    return program === 'k3s' && isAtLeast(version, 24) ? [{value: K3S_CRI_DOCKERD, source: 'built into k3s, for --docker'}] : []
  }
  if (builtIn !== undefined) return [{value: builtIn, source: `built into ${program}`}]
  return runtime === undefined && isAtLeast(version, 27) ? [{value: CONTAINERD_ENDPOINT, source: 'default of kubelet since 1.27'}] : []
}

function withoutRepeats(settings: readonly Setting[]): readonly Setting[] {
  const first = (setting: Setting) => settings.findIndex(({value, source}) => value === setting.value && source === setting.source)
  return settings.filter((setting, i) => first(setting) === i)
}
