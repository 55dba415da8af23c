// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Upgrade} from '../../model/check.ts'
import type {Json, JsonPath} from '../../model/json.ts'
import type {KubeObject} from '../../model/kubernetes.ts'
import {isAtLeast} from '../../model/version.ts'
import {runtimeOfSocket, SOCKETS} from '../lib/cluster-node.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'
import {REMOVED_FLAGS} from '../tables/kubelet-flags.ts'
import {since} from '../tables/versions.ts'

/** The first kubelet that does not know a flag any more. */
const REMOVED: ReadonlyMap<string, string> = new Map(REMOVED_FLAGS.map(({name, version}) => [name, version]))

const KUBEADM_KINDS = [
  'InitConfiguration', 'JoinConfiguration', 'KubeadmConfig', 'KubeadmConfigTemplate', 'KubeadmControlPlane',
  'KubeadmControlPlaneTemplate',
]

/** Where these kinds have a `nodeRegistration`: kubeadm's own files, and the objects of Cluster API around them. */
const REGISTRATIONS: readonly JsonPath[] = [
  [], ['spec', 'initConfiguration'], ['spec', 'joinConfiguration'], ['spec', 'template', 'spec', 'initConfiguration'],
  ['spec', 'template', 'spec', 'joinConfiguration'],
  ['spec', 'kubeadmConfigSpec', 'initConfiguration'], ['spec', 'kubeadmConfigSpec', 'joinConfiguration'],
  ['spec', 'template', 'spec', 'kubeadmConfigSpec', 'initConfiguration'], ['spec', 'template', 'spec', 'kubeadmConfigSpec', 'joinConfiguration'],
].map((path) => [...path, 'nodeRegistration'])

const WRITE_SOCKET: PerTarget = {
  containerd: `Write \`${SOCKETS.containerd}\`.`, 'cri-o': `Write \`${SOCKETS['cri-o']}\`.`, 'cri-dockerd': `Write \`${SOCKETS['cri-dockerd']}\`.`,
}

export const checks = [
  objectCheck({
    id: 'kubeadm-kubelet-flag-gone',
    title: {pass: 'kubeadm gives the kubelet no flag that it has lost', fail: 'kubeadm gives the kubelet a flag that it has lost'},
    why:
      'kubeadm writes kubeletExtraArgs to /var/lib/kubelet/kubeadm-flags.env as they are. A kubelet that does not know one of them ' +
      'exits with "unknown flag" on every start: `kubeadm join` and new machines of Cluster API hang, waiting for it.',
    severity: 'blocker',
    fix: 'Remove the flag from kubeletExtraArgs. CNI directories and the sandbox image are settings of the container runtime now.',
    learnMore: 'https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/',
    kinds: KUBEADM_KINDS,
    run(object, upgrade): readonly Outcome[] {
      return registrationsOf(object).flatMap(({registration, path}) => flagsOf(registration['kubeletExtraArgs']).flatMap(({name, value, at}): readonly Outcome[] => {
        const unknownTo = goneSince(name.replaceAll('_', '-'), upgrade)
        if (unknownTo === undefined) return []
        const text = `kubeletExtraArgs of ${nameOf(object)}: --${name}=${value} is not known to ${unknownTo}; it does not start.`
        return [problem(`${path.join('.')} ${name}`, text, {
          evidence: [{source: [...path, 'kubeletExtraArgs'].join('.'), text: `${name}: ${value}`}], path: [...path, 'kubeletExtraArgs', at],
        })]
      }))
    },
    examples: {
      fail: [
        {manifest: initConfiguration('kubeletExtraArgs: {network-plugin: cni}')},
        {manifest: initConfiguration('kubeletExtraArgs: [{name: container-runtime, value: remote}]'), upgrade: {kubernetes: '1.27'}},
        {manifest: controlPlane('kubeletExtraArgs: {pod-infra-container-image: "k8s.gcr.io/pause:3.2"}'), upgrade: {kubernetes: '1.35'}},
        {
          manifest: initConfiguration('kubeletExtraArgs: {cloud-provider: aws}'),
          upgrade: {oracle: {kubeletFlags: {source: 'kubelet --help', flags: ['config']}}},
        },
      ],
      pass: [
        {manifest: initConfiguration('kubeletExtraArgs: {container-runtime: remote}')},
        {manifest: initConfiguration('kubeletExtraArgs: {network-plugin: cni}'), upgrade: {kubernetes: '1.23'}},
        {manifest: initConfiguration('kubeletExtraArgs: {cloud-provider: aws}')},
      ],
    },
  }),
  objectCheck({
    id: 'configured-docker-cri-socket',
    title: {pass: 'No configuration names the CRI socket of dockershim', fail: 'A configuration names the CRI socket of dockershim'},
    why:
      'Nobody listens at the socket of dockershim with Kubernetes 1.24 or newer. `kubeadm init` and `join` stop at their preflight ' +
      'checks, and a kubelet that is told so by its configuration does not start.',
    severity: 'blocker',
    fix: WRITE_SOCKET,
    learnMore: 'https://kubernetes.io/docs/setup/production-environment/container-runtimes/',
    kinds: [...KUBEADM_KINDS, 'KubeletConfiguration'],
    applies: ({kubernetes}) => isAtLeast(kubernetes, since('kubelet-without-dockershim')),
    run(object): readonly Outcome[] {
      return socketsOf(object).flatMap(({path, socket}): readonly Outcome[] => {
        if (runtimeOfSocket(socket) !== 'dockershim') return []
        const text = `${path.join('.')} of ${nameOf(object)} is ${socket}, the socket of dockershim.`
        return [problem(path.join('.'), text, {evidence: [{source: path.join('.'), text: socket}], path})]
      })
    },
    examples: {
      fail: [
        {manifest: initConfiguration('criSocket: /var/run/dockershim.sock')}, {manifest: controlPlane('criSocket: unix:///var/run/dockershim.sock')},
        {manifest: 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\ncontainerRuntimeEndpoint: unix:///var/run/dockershim.sock\n'},
        {manifest: initConfiguration('criSocket: npipe:////./pipe/dockershim')},
      ],
      pass: [
        {manifest: initConfiguration('criSocket: unix:///run/containerd/containerd.sock')},
        {manifest: initConfiguration('criSocket: /var/run/dockershim.sock'), upgrade: {kubernetes: '1.23'}},
      ],
    },
  }),
]

/** kubeadm's own files have a kind and no name. */
function nameOf({ref}: KubeObject): string {
  return ref.name === '' ? ref.kind : `${ref.kind} ${ref.name}`
}

function registrationsOf({value}: KubeObject) {
  return REGISTRATIONS.flatMap((path) => {
    const registration = objectOf(path.reduce<Json | undefined>((at, key) => objectOf(at)[key], value))
    return Object.keys(registration).length === 0 ? [] : [{registration, path}]
  })
}

function socketsOf(object: KubeObject): readonly {readonly path: JsonPath; readonly socket: string}[] {
  const own = object.value['containerRuntimeEndpoint']
  const sockets = registrationsOf(object).map(({registration, path}) => ({path: [...path, 'criSocket'], socket: registration['criSocket']}))
  return [...sockets, {path: ['containerRuntimeEndpoint'], socket: own}].flatMap(({path, socket}) => (typeof socket === 'string' ? [{path, socket}] : []))
}

/** A map up to kubeadm.k8s.io/v1beta3, a list of names and values since v1beta4. */
function flagsOf(args: Json | undefined): readonly {readonly name: string; readonly value: string; readonly at: string | number}[] {
  if (Array.isArray(args)) {
    return (args as readonly Json[]).map(objectOf).flatMap(({name, value}, at) => (typeof name === 'string' ? [{name, value: valueText(value), at}] : []))
  }
  return Object.entries(objectOf(args)).map(([name, value]) => ({name, value: valueText(value), at: name}))
}

function valueText(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '')
}

/** The kubelet that does not know the flag: the one to come, where it can be asked. */
function goneSince(flag: string, {kubernetes, oracle}: Upgrade): string | undefined {
  if (oracle.kubeletFlags !== undefined) return oracle.kubeletFlags.flags.includes(flag) ? undefined : `the kubelet to come (${oracle.kubeletFlags.source})`
  const removed = REMOVED.get(flag)
  return removed !== undefined && isAtLeast(kubernetes, removed) ? `kubelets from ${removed} on` : undefined
}

function initConfiguration(registration: string): string {
  return `apiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\nmetadata: {name: config}\nnodeRegistration:\n  ${registration}\n`
}

function controlPlane(registration: string): string {
  return `apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nmetadata: {name: cp}\nspec:\n  kubeadmConfigSpec:\n` +
    `    joinConfiguration:\n      nodeRegistration:\n        ${registration}\n`
}
