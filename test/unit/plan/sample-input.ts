// SPDX-License-Identifier: Apache-2.0
// A node with everything that a plan has to do with, as input of makePlan.
import {redactJson} from '../../../src/host/redact.ts'
import type {TargetName} from '../../../src/model/check.ts'
import type {Generated, Target} from '../../../src/model/migration/config.ts'
import type {NodeNeeds, Origin} from '../../../src/model/migration/needs.ts'
import {ok} from '../../../src/model/observed.ts'
import type {NodeState, PlanInput} from '../../../src/plan/input.ts'

const at = <T>(value: T, source = 'test') => ({value, source})

export const ENDPOINT: Readonly<Record<TargetName | 'dockershim', string>> = {
  containerd: 'unix:///run/containerd/containerd.sock', 'cri-o': 'unix:///var/run/crio/crio.sock', 'cri-dockerd': 'unix:///run/cri-dockerd.sock',
  dockershim: 'unix:///var/run/dockershim.sock',
}

export type SomeRuntime = Exclude<Origin['runtime'], 'none'>

export function sampleOrigin(runtime: SomeRuntime): Origin {
  const docker = runtime === 'dockershim' || runtime === 'cri-dockerd'
  return {
    runtime, endpoint: at(ENDPOINT[runtime]), versions: {kubelet: '1.23.5', ...(docker && {docker: '20.10.24'}), containerd: '1.6.20'},
    foreignContainers: docker ? [{id: 'a'.repeat(64), name: 'cron'}] : [], systemd: true, ...(docker && {dockerSocket: '/run/docker.sock', dockerDataRoot: '/var/lib/docker'}),
  }
}

export function sampleNeeds(runtime: SomeRuntime): NodeNeeds {
  return {
    node: 'n1', from: sampleOrigin(runtime), cgroup: {driver: at('systemd'), mode: 'v2'}, sandboxImage: at('registry.example/pause:3.6'),
    registries: [], certificates: {}, proxies: [], runtimes: [], defaultRuntime: at('runc'), cni: {confDir: at('/etc/cni/net.d'), binDirs: at(['/opt/cni/bin'])},
    ulimits: {}, logs: {},
    kernel: {
      modules: [at('br_netfilter')], sysctls: {}, forwardDrop: at('DROP'), links: ['docker0'], chains: ['DOCKER', 'DOCKER-USER'],
    },
    kubelet: {flags: [], kubeadm: true, nodeName: 'n1', version: '1.23'},
    verdicts: [{
      setting: 'daemon.json bip', value: '172.26.0.1/16', source: '/etc/docker/daemon.json:3',
      verdict: {
        containerd: {fate: 'none', reason: 'pods have addresses of the CNI network; nothing has to be done unless a host uses that range'},
        'cri-o': {fate: 'none', reason: 'pods have addresses of the CNI network'}, 'cri-dockerd': {fate: 'stays', reason: 'Docker keeps it'},
      },
    }],
    images: [
      {name: 'web:1', localOnly: true, pods: ['shop/web-0'], size: 200_000_000},
      {name: `db@sha256:${'1'.repeat(64)}`, localOnly: false, pods: ['shop/db-0']},
      {name: `sha256:${'2'.repeat(64)}`, localOnly: false, pods: ['shop/old']},
    ],
    remarks: [{level: 'loss', text: 'Container cron runs in no pod', next: 'or keep Docker with --keep-docker'}],
  }
}

/** A file of each part: one that is changed, and units that have to be read again. */
export const GENERATED: Generated = {
  files: [
    {path: '/etc/containerd/config.toml', text: 'version = 2\nroot = "/data"\n', mode: 0o644, why: 'The configuration of the runtime.', part: 'runtime'},
    {path: '/etc/systemd/system/containerd.service.d/10-rtctl.conf', text: '[Service]\nLimitNOFILE=1048576\n', mode: 0o644, why: 'Limits.', part: 'runtime'},
    {path: '/etc/sysctl.d/99-rtctl.conf', text: 'net.ipv4.ip_forward = 1\n', mode: 0o644, why: 'Forwarding.', part: 'host'},
    {path: '/var/lib/kubelet/kubeadm-flags.env', text: 'A="--b"\n', mode: 0o644, why: 'Flags.', part: 'kubelet'},
    {path: '/etc/crictl.yaml', text: 'runtime-endpoint: x\n', mode: 0o644, why: 'crictl.', part: 'client'},
  ],
  rows: [{name: 'cgroup driver', declared: at('systemd', '/etc/docker/daemon.json:2'), after: at('systemd', '/etc/containerd/config.toml SystemdCgroup')}],
  remarks: [],
}

export const NOTHING: Generated = {files: [], rows: [], remarks: []}

export const STATE: NodeState = {
  kubelet: true, units: ['kubelet.service', 'docker.socket', 'docker.service', 'containerd.service', 'crio.service', 'cri-docker.socket', 'cri-docker.service'],
  dockerRuns: true, dockerContainers: ['a'.repeat(64)], sharedContainerd: true, target: 'serves-cri',
  sockets: [{path: '/run/docker.sock', type: 'socket'}, {path: '/run/dockershim.sock', type: 'socket'}], cni: true, annotated: true, newContainers: false,
}

export function sampleTarget(name: TargetName): Target {
  return name === 'containerd' ? {name, endpoint: ENDPOINT[name], version: '1.6.20', configVersion: 2} : {name, endpoint: ENDPOINT[name]}
}

/** Input for the way from one runtime to another; what is given takes the place of the usual. */
export function sampleInput(from: SomeRuntime, to: TargetName, change: Partial<Omit<PlanInput, 'state'>> & {readonly state?: Partial<NodeState>} = {}): PlanInput {
  return {
    needs: sampleNeeds(from), target: sampleTarget(to), generated: GENERATED,
    files: {files: {'/etc/containerd/config.toml': ok({text: 'version = 2\n', mode: 0o640}, '/etc/containerd/config.toml')}, matches: {}},
    rtctl: '1.0.0', made: '2026-01-01T00:00:00.000Z', redact: (value) => redactJson(value).value, ...change, state: {...STATE, ...change.state},
  }
}
