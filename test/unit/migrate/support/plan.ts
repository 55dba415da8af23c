// SPDX-License-Identifier: Apache-2.0
import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Action, Phase, Plan, PlannedStep} from '../../../../src/model/migration/plan.ts'

const SOCKET = '/run/docker.sock'
const ENDPOINT = 'unix:///run/containerd/containerd.sock'
const IMAGES = ['docker.io/library/web:1', 'docker.io/library/job:2', 'docker.io/library/there:1']

/** A plan for the node of sim.ts with every kind of action that plans have. */
export function samplePlan(folder: string, chosen: (step: PlannedStep) => boolean = () => true): Plan {
  const before = (path: string) => ({sha256: createHash('sha256').update(readFileSync(join(folder, 'root', path))).digest('hex')})
  const write = (path: string, text: string | undefined, old: 'absent' | {readonly sha256: string}): Action => ({
    kind: 'write-file', path, mode: 0o644, before: old, ...(text !== undefined && {text}),
  })
  const node = 'n'
  const rows: readonly (readonly [Phase, string, Action])[] = [
    ['drain', 'cordon', {kind: 'cordon', node}],
    ['drain', 'drain', {kind: 'drain', node, timeoutSeconds: 60}],
    ['stop-kubelet', 'stop-kubelet', {kind: 'unit', unit: 'kubelet.service', active: 'stopped'}],
    ['images', 'move-images', {kind: 'move-images', dockerSocket: SOCKET, to: {name: 'containerd', endpoint: ENDPOINT}, images: IMAGES}],
    ['containers', 'remove-pods', {kind: 'remove-docker-pods', dockerSocket: SOCKET}],
    ['containers', 'clear-links', {kind: 'clear-path', path: '/var/log/pods', only: 'dangling-links-below'}],
    ['containers', 'stop-others', {kind: 'stop-docker-containers', dockerSocket: SOCKET, ids: [createHash('sha256').update('cron').digest('hex')]}],
    ['stop-docker', 'stop-docker-socket', {kind: 'unit', unit: 'docker.socket', active: 'stopped', enabled: false, masked: true}],
    ['stop-docker', 'stop-docker-service', {kind: 'unit', unit: 'docker.service', active: 'stopped', enabled: false, masked: true}],
    ['network', 'forward', {kind: 'forward-policy', policy: 'ACCEPT'}],
    ['network', 'chains', {kind: 'remove-docker-chains', chains: ['DOCKER', 'DOCKER-USER']}],
    ['network', 'docker0', {kind: 'remove-link', link: 'docker0'}],
    ['network', 'ip-forward', {kind: 'sysctl', name: 'net.ipv4.ip_forward', value: '1'}],
    ['network', 'overlay', {kind: 'load-module', module: 'overlay'}],
    ['network', 'write-modules', write('/etc/modules-load.d/rtctl.conf', 'overlay\n', 'absent')],
    ['runtime', 'write-config', write('/etc/containerd/config.toml', 'version = 2\nSystemdCgroup = true\n', before('/etc/containerd/config.toml'))],
    ['runtime', 'write-hosts', write('/etc/containerd/certs.d/docker.io/hosts.toml', 'server = "x"\n', 'absent')],
    ['runtime', 'write-drop-in', write('/etc/systemd/system/containerd.service.d/10-rtctl.conf', '[Service]\n', 'absent')],
    ['runtime', 'reload', {kind: 'reload-units'}],
    ['runtime', 'start-containerd', {kind: 'unit', unit: 'containerd.service', active: 'restarted', enabled: true, masked: false}],
    ['runtime', 'verify', {kind: 'wait-cri', endpoint: ENDPOINT, expect: {runtimeName: 'containerd', cgroupDriver: 'systemd', images: IMAGES, networkReady: true, timeoutSeconds: 5}}],
    ['kubelet', 'write-flags', write('/var/lib/kubelet/kubeadm-flags.env', 'KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=containerd"\n', before('/var/lib/kubelet/kubeadm-flags.env'))],
    ['kubelet', 'write-crictl', write('/etc/crictl.yaml', 'runtime-endpoint: x\n', 'absent')],
    ['kubelet', 'remove-podman', write('/etc/cni/net.d/87-podman.conflist', undefined, before('/etc/cni/net.d/87-podman.conflist'))],
    ['kubelet', 'start-kubelet', {kind: 'unit', unit: 'kubelet.service', active: 'started'}],
    ['node', 'wait-node', {kind: 'wait-node', node, runtimePrefix: 'containerd', timeoutSeconds: 10}],
    ['node', 'annotate', {kind: 'annotate-node', node, name: 'kubeadm.alpha.kubernetes.io/cri-socket', value: ENDPOINT}],
    ['node', 'uncordon', {kind: 'uncordon', node}],
    ['pods', 'compare', {kind: 'compare-pods', endpoint: ENDPOINT, timeoutSeconds: 10}],
  ]
  const steps = rows.map(([phase, id, action]): PlannedStep => ({id, phase, title: `Do ${id}`, why: 'It is needed.', action})).filter(chosen)
  return {
    format: 'rtctl-plan/1', rtctl: '0.1.0', node, made: '2026-11-21T16:00:00Z',
    from: {runtime: 'dockershim', dockerSocket: SOCKET, versions: {}, foreignContainers: [], systemd: true},
    target: {name: 'containerd', endpoint: ENDPOINT, configVersion: 2},
    rows: [], verdicts: [], remarks: [], files: [], steps, interruptions: [], irreversible: [], fingerprint: 'sha256:1',
  }
}
