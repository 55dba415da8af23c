// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget, Severity, Upgrade} from '../../model/check.ts'
import {isAtLeast} from '../../model/version.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {criTable} from '../lib/docker-target.ts'
import {objectOf} from '../lib/pod-docker-use.ts'

/** kubernetes CHANGELOG-1.24 (pull request 103061) and the deprecation guide, as of 2026-11. */
const GONE: Readonly<Record<string, string>> = {'node.k8s.io/v1alpha1': '1.24', 'node.k8s.io/v1beta1': '1.25'}

const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The runtime binaries of well-known handlers. */
const RUNTIMES: readonly {readonly handler: RegExp; readonly type: string; readonly binary?: string; readonly crio: string}[] = [
  {handler: /^nvidia/, type: 'io.containerd.runc.v2', binary: '/usr/bin/nvidia-container-runtime', crio: 'runtime_path = "/usr/bin/nvidia-container-runtime"'},
  {handler: /^(?:runsc|gvisor)$/, type: 'io.containerd.runsc.v1', crio: 'runtime_path = "/usr/local/bin/runsc"'},
  {handler: /^kata/, type: 'io.containerd.kata.v2', crio: 'runtime_path = "/usr/bin/containerd-shim-kata-v2", runtime_type = "vm"'},
  {handler: /^crun$/, type: 'io.containerd.runc.v2', binary: '/usr/bin/crun', crio: 'runtime_path = "/usr/bin/crun"'},
  {handler: /^(?:spin|wasmtime|wasmedge|slight|wws)/, type: 'io.containerd.HANDLER.v1', crio: 'runtime_path = "/usr/bin/crun-wasm"'},
]

/** What a runtime has without being told: containerd 1.x and 2.x config default; CRI-O up to 1.30 and from 1.31 on. */
const BUILT_IN = {containerd: ['runc'], 'cri-o': ['runc', 'crun']} as const

export const checks = [
  objectCheck({
    id: 'runtime-class-api-gone',
    title: {pass: 'RuntimeClasses are written for an API that stays', fail: 'A RuntimeClass is written for an API that is gone'},
    why:
      'node.k8s.io/v1alpha1 is not served from Kubernetes 1.24 on, v1beta1 not from 1.25 on: `kubectl apply` and Helm refuse the ' +
      'manifest, and what is deployed with it. Objects that are in the cluster stay, under v1.',
    severity: 'high',
    fix:
      'Write `apiVersion: node.k8s.io/v1`. From v1alpha1, `spec.runtimeHandler` becomes `handler` at the top, and `overhead` and ' +
      '`scheduling` move out of `spec`.',
    learnMore: 'https://kubernetes.io/docs/reference/using-api/deprecation-guide/#runtimeclass-v125',
    kinds: ['RuntimeClass'],
    run({ref, value, origin}, {kubernetes}): readonly Outcome[] {
      // A server gives every object in the version it is asked for: what it was written in is in what was applied.
      const applied = origin.kind === 'cluster' ? appliedVersion(objectOf(objectOf(value['metadata'])['annotations'])[APPLIED]) : undefined
      const version = origin.kind === 'cluster' ? applied : ref.apiVersion
      const gone = version === undefined || !Object.hasOwn(GONE, version) ? undefined : GONE[version]
      if (version === undefined || gone === undefined || !isAtLeast(kubernetes, gone)) return []
      const text = applied === undefined
        ? `RuntimeClass ${ref.name} is written for ${version}, which Kubernetes does not serve from ${gone} on: it cannot be applied.`
        : `RuntimeClass ${ref.name} was applied as ${version}, which Kubernetes does not serve from ${gone} on: the object stays, but ` +
          'its manifest cannot be applied again.'
      return [problem(version, text, {
        ...(applied !== undefined && {severity: 'low'}), evidence: [{source: applied === undefined ? 'apiVersion' : `metadata.annotations["${APPLIED}"]`, text: version}],
        path: applied === undefined ? ['apiVersion'] : ['metadata', 'annotations', APPLIED],
      })]
    },
    examples: {
      fail: [{manifest: runtimeClass('kata', 'v1alpha1')}, {manifest: runtimeClass('kata', 'v1beta1'), upgrade: {kubernetes: '1.25'}}],
      pass: [{manifest: runtimeClass('kata', 'v1')}, {manifest: runtimeClass('kata', 'v1beta1')}],
    },
  }),
  objectCheck({
    id: 'runtime-class-handler',
    title: {
      pass: 'No RuntimeClass names a runtime that the target has to be told of',
      fail: 'A RuntimeClass names a runtime that the target has to be told of',
    },
    why:
      'The handler of a RuntimeClass is the name of a runtime in the configuration of the node\'s container runtime. Where that has ' +
      'none of the name, pods of the class stay in ' +
      'ContainerCreating with "no runtime for … is configured". `docker` is a name that dockershim and cri-dockerd alone know.',
    severity: 'info',
    fix: 'Add the runtime to the configuration of every node that has such pods, under the name of the handler.',
    learnMore: 'https://kubernetes.io/docs/concepts/containers/runtime-class/',
    kinds: ['RuntimeClass'],
    run({ref, value}, upgrade): readonly Outcome[] {
      const old = objectOf(value['spec'])['runtimeHandler']
      const handler = typeof value['handler'] === 'string' ? value['handler'] : typeof old === 'string' ? old : ''
      const found = needOf(handler, upgrade)
      if (found === undefined) return []
      const {severity, text, fix} = found
      return [problem(handler, `RuntimeClass ${ref.name}: ${text}`, {
        severity, fix, path: typeof value['handler'] === 'string' ? ['handler'] : ['spec', 'runtimeHandler'], evidence: [{source: 'handler', text: handler}],
      })]
    },
    examples: {
      fail: [
        {manifest: runtimeClass('docker')}, {manifest: runtimeClass('nvidia')},
        {manifest: runtimeClass('kata-qemu'), upgrade: {target: 'cri-o'}}, {manifest: runtimeClass('own')},
        {manifest: runtimeClass('nvidia'), upgrade: {target: 'cri-dockerd'}},
      ],
      pass: [
        {manifest: runtimeClass('runc')}, {manifest: runtimeClass('crun'), upgrade: {target: 'cri-o'}},
        {manifest: runtimeClass('docker'), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

interface Need {
  readonly severity: Severity
  readonly text: string
  readonly fix: PerTarget
}

function needOf(handler: string, upgrade: Upgrade): Need | undefined {
  const {target} = upgrade
  // RFC 1123, as the API server demands it: nothing else gets into a stanza.
  if (!/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/.test(handler)) return undefined
  if (target === 'cri-dockerd') {
    if (handler === 'docker') return undefined
    return {
      severity: 'info', text: `handler ${handler} has to be a runtime of dockerd, and needs cri-dockerd 0.4 or newer: 0.3 refuses every handler but docker.`,
      fix: `Add ${handler} to \`runtimes\` of /etc/docker/daemon.json.`,
    }
  }
  if ((BUILT_IN[target] as readonly string[]).includes(handler)) return undefined
  if (handler === 'docker') {
    return {
      severity: 'high', text: 'handler docker is known to dockershim and cri-dockerd alone: pods of this class do not start on the new runtime.',
      fix:
        'Take runtimeClassName out of the pods: what they had was the default runtime. Or make a ' +
        'RuntimeClass with handler runc, and delete this one.',
    }
  }
  const where = target === 'containerd' ? 'containerd' : 'CRI-O'
  return {severity: 'info', text: `pods of it start only on nodes whose ${where} has a runtime named ${handler}.`, fix: stanza(handler, upgrade)}
}

function stanza(handler: string, upgrade: Upgrade): string {
  const known = RUNTIMES.find((runtime) => runtime.handler.test(handler))
  if (upgrade.target === 'cri-o') {
    return `In /etc/crio/crio.conf.d/: \`[crio.runtime.runtimes.${handler}]\` with ` +
      `${known?.crio ?? 'runtime_path = "PATH OF THE RUNTIME"'}; then restart CRI-O.`
  }
  const table = criTable(upgrade, 'runtime', 'containerd', 'runtimes', handler)
  const type = (known?.type ?? 'io.containerd.runc.v2').replace('HANDLER', handler)
  const binary = known?.binary ?? (known === undefined ? 'PATH OF THE RUNTIME' : undefined)
  const options = binary === undefined ? '' : `, and in its \`options\` BinaryName = "${binary}" and SystemdCgroup = true`
  return `In /etc/containerd/config.toml: \`${table}\` with runtime_type = "${type}"${options}; then restart containerd.`
}

function appliedVersion(applied: unknown): string | undefined {
  return typeof applied === 'string' ? /"apiVersion":\s{0,4}"(node\.k8s\.io\/[a-z0-9]{1,20})"/.exec(applied)?.[1] : undefined
}

function runtimeClass(handler: string, version = 'v1'): string {
  const written = version === 'v1alpha1' ? `spec: {runtimeHandler: ${handler}}` : `handler: ${handler}`
  return `apiVersion: node.k8s.io/${version}\nkind: RuntimeClass\nmetadata: {name: sandboxed}\n${written}\n`
}
