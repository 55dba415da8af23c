// SPDX-License-Identifier: Apache-2.0
import type {Setting} from '../../model/facts.ts'
import type {Target} from '../../model/migration/config.ts'
import type {NodeNeeds, OciRuntime, Remark} from '../../model/migration/needs.ts'
import {isAtLeast} from '../../model/version.ts'
import {isPlain, refusedRemark} from '../lib/plain-text.ts'
import type {TomlPath} from '../toml/value.ts'
import type {NewValue} from '../toml/write.ts'
import {type CrioFile, saidAt} from './existing-config.ts'

/** A key of crio.conf as it has to be. */
export interface Wish {
  /** of the row that shows it */
  readonly name: string
  readonly path: TomlPath
  readonly value: NewValue
  readonly declared?: {readonly value: string; readonly source: string}
  /** what somebody wrote into another file is kept */
  readonly soft?: true
}

export interface Wishes {
  readonly wishes: readonly Wish[]
  readonly remarks: readonly Remark[]
}

const RUNTIME = ['crio', 'runtime']
const RUNTIMES = [...RUNTIME, 'runtimes']
/** CRI-O reads these keys since (pkg/config/config.go of its releases); all others that are written here it has had since 1.16. */
const SINCE = {metrics_host: '1.30', pull_progress_timeout: '1.32', cdi_spec_dirs: '1.24'} as const
/** What Docker and containerd give every container (moby oci/caps/defaults.go). CRI-O lacks the last five (crio.conf(5), default_capabilities). */
const CAPABILITIES = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'SETGID', 'SETUID', 'SETPCAP', 'NET_BIND_SERVICE', 'KILL',
  'NET_RAW', 'MKNOD', 'SYS_CHROOT', 'AUDIT_WRITE', 'SETFCAP',
]

/** What a node's needs come to in crio.conf. */
export function wishesOf(needs: NodeNeeds, target: Target, files: readonly CrioFile[]): Wishes {
  const parts = [
    cgroups(needs, files), images(needs, target), runtimes(needs, files), network(needs), limits(needs), security(needs), daemon(needs, target),
  ]
  const all = parts.flatMap(({wishes}) => wishes)
  const bad = all.filter(({value}) => ![value].flat().every((one) => typeof one !== 'string' || isPlain(one)))
  return {
    wishes: all.filter((wish) => !bad.includes(wish)),
    remarks: [...parts.flatMap(({remarks}) => remarks), ...bad.map(({name, declared: said}) => refusedRemark(name, said?.source ?? 'the configuration of the old runtime'))],
  }
}

function declared({value, source}: Setting<string | boolean | readonly string[]>): Pick<Wish, 'declared'> {
  return {declared: {value: [value].flat().join(', '), source}}
}

function hasKey({version}: Target, key: keyof typeof SINCE): boolean {
  return version === undefined || isAtLeast(version, SINCE[key])
}

/** With cgroupfs conmon has to run in the pod's cgroup: CRI-O does not start otherwise (crio.conf(5), conmon_cgroup). */
function cgroups({cgroup: {driver}}: NodeNeeds, files: readonly CrioFile[]): Wishes {
  const name = 'cgroup driver'
  const manager: Wish = {name, path: [...RUNTIME, 'cgroup_manager'], value: driver.value, ...declared(driver)}
  const isPod = saidAt(files, [...RUNTIME, 'conmon_cgroup'])?.value === 'pod'
  return {wishes: [manager, ...(driver.value === 'cgroupfs' && !isPod ? [{name, path: [...RUNTIME, 'conmon_cgroup'], value: 'pod'}] : [])], remarks: []}
}

function images({sandboxImage, pullProgressTimeout}: NodeNeeds, target: Target): Wishes {
  const wishes: Wish[] = []
  const remarks: Remark[] = []
  if (sandboxImage !== undefined) wishes.push({name: 'sandbox image', path: ['crio', 'image', 'pause_image'], value: sandboxImage.value, ...declared(sandboxImage)})
  if (pullProgressTimeout === undefined) return {wishes, remarks}
  if (hasKey(target, 'pull_progress_timeout') && /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(pullProgressTimeout.value)) {
    wishes.push({name: 'pull without progress', path: ['crio', 'image', 'pull_progress_timeout'], value: pullProgressTimeout.value, soft: true, ...declared(pullProgressTimeout)})
  } else {
    remarks.push({level: 'note', text: `CRI-O before ${SINCE.pull_progress_timeout} does not give up pulls without progress: the limit of ${pullProgressTimeout.value.slice(0, 40)} ends with Docker`, source: pullProgressTimeout.source})
  }
  return {wishes, remarks}
}

// ---------------------------------------------------------------- runtimes

/**
 * Handlers besides runc. What is runc or crun is CRI-O's own affair. A table of a handler replaces the one of an earlier file as a whole,
 * so a handler that somebody has defined is left alone. The monitor is where that of the packages is, which is not in PATH.
 */
function runtimes(needs: NodeNeeds, files: readonly CrioFile[]): Wishes {
  const parts = needs.runtimes.filter(({handler}) => saidAt(files, [...RUNTIMES, handler]) === undefined).map((one) => handlerOf(one, monitorOf(files)))
  const {value: name, source} = needs.defaultRuntime
  const made = parts.flatMap(({wishes}) => wishes)
  const isDefined = made.some(({path}) => path[3] === name) || saidAt(files, [...RUNTIMES, name]) !== undefined
  const remarks = parts.flatMap((part) => part.remarks)
  if (name === 'runc') return {wishes: made, remarks}
  if (!isDefined) {
    return {wishes: made, remarks: [...remarks, {
      level: 'blocker', text: `The default runtime is ${name}, and CRI-O does not start with a default that is not defined`,
      next: `Define [crio.runtime.runtimes.${name}] in a file of /etc/crio/crio.conf.d, or choose another default, and plan again.`, source,
    }]}
  }
  return {wishes: [...made, {name: 'default runtime', path: [...RUNTIME, 'default_runtime'], value: name, ...declared(needs.defaultRuntime)}], remarks}
}

function monitorOf(files: readonly CrioFile[]): string | undefined {
  for (const name of ['crun', 'runc']) {
    const value = saidAt(files, [...RUNTIMES, name, 'monitor_path'])?.value
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

/** The program of a runtime, and the kind of it: `vm` is a shim of containerd for virtual machines (crio.conf(5), runtime_type). */
function programOf({type, binary, handler}: OciRuntime): {readonly kind: 'oci' | 'vm'; readonly program: string; readonly root?: string} | undefined {
  if (type === 'io.containerd.runc.v2' || type === 'io.containerd.runc.v1') return {kind: 'oci', program: binary ?? handler}
  if (type === 'io.containerd.runsc.v1') return {kind: 'oci', program: binary ?? 'runsc', root: '/run/runsc'}
  if (/^io\.containerd\.kata(?:-[\w-]+)?\.v2$/.test(type)) return {kind: 'vm', program: 'containerd-shim-kata-v2', root: '/run/vc'}
  return undefined
}

function handlerOf(runtime: OciRuntime, monitor: string | undefined): Wishes {
  const found = programOf(runtime)
  const {handler, type, source} = runtime
  if (found === undefined) {
    return {wishes: [], remarks: [{
      level: 'loss', text: `The handler ${handler} is a shim of containerd, ${type}, which CRI-O does not start`,
      next: `Define [crio.runtime.runtimes.${handler}] by hand, if there is a program of that runtime for CRI-O.`, source,
    }]}
  }
  const at = [...RUNTIMES, handler]
  const name = `runtime ${handler}`
  const {program} = found
  const path = program.startsWith('/') ? program : `/usr/bin/${program.slice(program.lastIndexOf('/') + 1)}`
  // without a path CRI-O looks for a program of the handler's name
  const isFound = program === handler && found.kind === 'oci'
  return {
    wishes: [
      ...(isFound ? [] : [{name, path: [...at, 'runtime_path'], value: path, declared: {value: program, source}}]),
      {name, path: [...at, 'runtime_type'], value: found.kind, declared: {value: program, source}},
      ...(found.root === undefined ? [] : [{name, path: [...at, 'runtime_root'], value: found.root}]),
      ...(found.kind === 'vm' ? [{name, path: [...at, 'privileged_without_host_devices'], value: true}] : []),
      ...(monitor === undefined || found.kind === 'vm' ? [] : [{name, path: [...at, 'monitor_path'], value: monitor}]),
    ],
    remarks: isFound || program.startsWith('/') ? [] : [{
      level: 'note', text: `The program of the handler ${handler} is taken to be ${path}`,
        next: `See that it is there: CRI-O drops a handler whose program it does not find.`, source,
    }],
  }
}

// ---------------------------------------------------------------- the rest

function network({cni: {confDir, binDirs}}: NodeNeeds): Wishes {
  return {wishes: [
    {name: 'CNI configuration', path: ['crio', 'network', 'network_dir'], value: confDir.value, ...declared(confDir)},
    ...(binDirs.value.length === 0 ? [] : [{name: 'CNI plugins', path: ['crio', 'network', 'plugin_dirs'], value: binDirs.value, ...declared(binDirs)}]),
  ], remarks: []}
}

/** `nofile=1024:2048`; -1 is no limit (docker/go-units, ParseUlimit). */
function limits({ulimits}: NodeNeeds): Wishes {
  const all = Object.entries(ulimits)
  const good = all.filter(([name, {value}]) => /^[a-z]{2,12}$/.test(name) && Number.isInteger(value.soft) && Number.isInteger(value.hard))
  const first = good[0]?.[1]
  const values = good.map(([name, {value}]) => `${name}=${value.soft}:${value.hard}`)
  const bad = all.filter((one) => !good.includes(one)).map(([, {source}]) => refusedRemark('a limit of containers', source))
  if (first === undefined) return {wishes: [], remarks: bad}
  return {wishes: [{name: 'limits of containers', path: [...RUNTIME, 'default_ulimits'], value: values, declared: {value: values.join(', '), source: first.source}}], remarks: bad}
}

function security({from, selinux, seccompProfile, cdiSpecDirs}: NodeNeeds): Wishes {
  const wishes: Wish[] = []
  const remarks: Remark[] = []
  if (from.runtime !== 'cri-o') {
    const source = `default of ${from.runtime === 'containerd' ? 'containerd' : 'dockerd'}`
    wishes.push({name: 'capabilities', path: [...RUNTIME, 'default_capabilities'], value: CAPABILITIES, soft: true, declared: {value: CAPABILITIES.join(', '), source}})
    remarks.push({
      level: 'note', text: 'Containers get the capabilities that they had: NET_RAW, MKNOD, SYS_CHROOT, AUDIT_WRITE and SETFCAP are not among CRI-O\'s own defaults',
      next: 'Take default_capabilities out of the drop-in once no pod needs more than CRI-O gives.',
    })
  }
  if (selinux !== undefined) wishes.push({name: 'SELinux', path: [...RUNTIME, 'selinux'], value: selinux.value, ...declared(selinux)})
  if (seccompProfile !== undefined) wishes.push({name: 'seccomp profile', path: [...RUNTIME, 'seccomp_profile'], value: seccompProfile.value, ...declared(seccompProfile)})
  if (cdiSpecDirs !== undefined) wishes.push({name: 'CDI', path: [...RUNTIME, 'cdi_spec_dirs'], value: cdiSpecDirs.value, ...declared(cdiSpecDirs)})
  return {wishes, remarks}
}

function daemon(needs: NodeNeeds, target: Target): Wishes {
  const {dataRoot, logLevel, metricsAddress} = needs
  const wishes: Wish[] = []
  if (dataRoot !== undefined) wishes.push({name: 'data', path: ['crio', 'root'], value: dataRoot.value, soft: true, ...declared(dataRoot)})
  if (logLevel !== undefined) wishes.push({name: 'log level', path: [...RUNTIME, 'log_level'], value: logLevel.value, soft: true, ...declared(logLevel)})
  if (metricsAddress === undefined) return {wishes, remarks: []}
  const [, host = '', port = ''] = /^(?:\[?([^[\]]*)\]?):(\d{1,5})$/.exec(metricsAddress.value) ?? []
  if (port === '') return {wishes, remarks: [refusedRemark('the address of metrics', metricsAddress.source)]}
  const said = declared(metricsAddress)
  const at = ['crio', 'metrics']
  const hasHost = hasKey(target, 'metrics_host')
  wishes.push({name: 'metrics', path: [...at, 'enable_metrics'], value: true, ...said}, {name: 'metrics', path: [...at, 'metrics_port'], value: Number(port), ...said})
  if (hasHost && host !== '') wishes.push({name: 'metrics', path: [...at, 'metrics_host'], value: host, ...said})
  const everywhere: Remark = {
    level: 'loss', text: `CRI-O before ${SINCE.metrics_host} serves metrics at all addresses of the node, not only at ${host}`,
      next: `Keep others from port ${port} with a firewall.`, source: metricsAddress.source,
  }
  return {wishes, remarks: hasHost || host === '' || host === '0.0.0.0' ? [] : [everywhere]}
}
