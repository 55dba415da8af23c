// SPDX-License-Identifier: Apache-2.0
import type {Outcome, PerTarget} from '../../model/check.ts'
import type {Json, JsonObject, JsonPath} from '../../model/json.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {hostPathAt, stringsFound} from '../lib/host-paths.ts'
import {hostPathOf} from '../lib/pod-paths.ts'
import {isPolicyGroup} from '../lib/policy-groups.ts'
import {BUILD_FIX} from '../tables/builders.ts'
import {DOCKER_SOCKETS, DOCKERSHIM_SOCKETS} from '../tables/docker-paths.ts'

/** groups of Kubernetes itself: their volumes belong to pod specs, which have checks of their own */
const BUILT_IN = /^(?:v1|(?:apps|batch|extensions|policy|autoscaling|networking\.k8s\.io|rbac\.authorization\.k8s\.io|storage\.k8s\.io)\/.*)$/
/** of operators of agents: DatadogAgent (https://github.com/DataDog/datadog-operator, docs/configuration.v2alpha1.md), and others that followed */
const SOCKET_SETTING = /^(?:docker|cri)SocketPath$/
const CONTAINERS = ['containers', 'initContainers', 'steps', 'sidecars', 'container', 'script'] as const

/** forbids the socket, and hands it to nobody */
const policy =
  'apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: no-docker}\nspec:\n  rules:\n  - name: socket\n    validate:\n' +
  '      anyPattern: [{spec: {volumes: [{hostPath: {path: /var/run/docker.sock}}]}}]\n'

export const checks = [
  objectCheck({
    id: 'custom-resource-docker-socket',
    title: {pass: 'No custom resource asks for the socket of Docker', fail: 'A custom resource asks for the socket of Docker'},
    why:
      'Controllers make pods from volumes that a custom resource names, without a pod template that one could search: runners ' +
      'of GitHub actions and other agents get docker.sock that way, ' +
      'and their builds fail after the change with "Cannot connect to the Docker daemon". A monitoring agent that its operator points to ' +
      'docker.sock runs on, and sees no container.',
    severity: 'high',
    fix:
      'Runners of actions-runner-controller: remove the volume and leave `dockerEnabled: true` (a docker:dind sidecar), or set ' +
      `\`dockerdWithinRunnerContainer: true\`. ${BUILD_FIX}`,
    learnMore: 'https://github.com/actions/actions-runner-controller/blob/master/docs/using-arc-runners-in-a-workflow.md',
    applies: ({target}) => target !== 'cri-dockerd',
    kinds: ['*'],
    run({value, ref}) {
      if (BUILT_IN.test(ref.apiVersion) || isPolicyGroup(ref.apiVersion) || ref.kind === 'CustomResourceDefinition') return []
      return [...stringsFound(value, search)].flatMap(({path, written}): readonly Outcome[] => {
        const found = [...DOCKER_SOCKETS, ...DOCKERSHIM_SOCKETS].find((socket) => socket.path === hostPathOf(written.replace(/^unix:\/*/, '/')))
        if (found === undefined) return []
        const key = String(path.at(-1))
        if (!SOCKET_SETTING.test(key)) {
          const text = `${ref.kind} "${ref.name}" hands ${written} of the node to its pods, ${found.what}.`
          return [problem(path.join('.'), text, {evidence: [{source: 'hostPath', text: `path: ${written}`}], path})]
        }
        const text = `${ref.kind} "${ref.name}" has ${path.join('.')}: ${written}, ${found.what}: its agents ask Docker for containers, and find none after the change.`
        return [problem(path.join('.'), text, {fix: fixOfSetting(path, ref.kind), evidence: [{source: path.join('.'), text: written}], path})]
      })
    },
    examples: {
      fail: [
        {manifest: runner('volumes: [{name: d, hostPath: {path: /var/run/docker.sock}}]')},
        {manifest: runner('volumes: [{name: d, hostPath: /var/run/docker.sock}]')},
        {manifest: datadog('v2alpha1', '{global: {dockerSocketPath: /var/run/docker.sock}}')},
        {manifest: datadog('v1alpha1', '{agent: {config: {criSocket: {dockerSocketPath: /var/run/docker.sock}}}}')},
      ],
      pass: [
        {manifest: datadog('v2alpha1', '{global: {criSocketPath: /var/run/containerd/containerd.sock}}')},
        {manifest: datadog('v2alpha1', '{global: {criSocketPath: /var/run/crio/crio.sock, dockerSocketPath: /var/run/docker.sock}}')},
        {manifest: runner('dockerdWithinRunnerContainer: true')}, {manifest: runner('volumes: [{name: d, emptyDir: {}}]')}, {manifest: policy},
        {manifest: 'apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes:\n- extraMounts: [{hostPath: /var/run/docker.sock, containerPath: /d.sock}]\n'},
      ],
    },
  }),
]

const search = {
  pick(key: string, member: Json, siblings: JsonObject) {
    if (typeof member === 'string' && SOCKET_SETTING.test(key) && !hasOther(siblings, key)) return {below: [], written: member}
    return hostPathAt(key, member, siblings)
  },
  skip: (members: JsonObject) => CONTAINERS.some((key) => Object.hasOwn(members, key)),
}

/** Whether the socket of another runtime is named beside dockerSocketPath: agents take that one then. */
function hasOther(members: JsonObject, key: string): boolean {
  const other = members['criSocketPath']
  return key === 'dockerSocketPath' && typeof other === 'string' && other !== '' && !/docker(?:shim)?(?:\.sock)?$/.test(other)
}

function fixOfSetting(path: JsonPath, kind: string): PerTarget {
  const key = [...path.slice(0, -1), 'criSocketPath'].join('.')
  const end = path.at(-1) === 'dockerSocketPath' ? `, and remove ${path.join('.')}` : ''
  return {
    containerd: `${kind}: set \`${key}: /var/run/containerd/containerd.sock\`${end}.`,
    'cri-o': `${kind}: set \`${key}: /var/run/crio/crio.sock\`${end}.`,
    'cri-dockerd': 'Nothing has to be done: dockerd stays, and so does its socket.',
  }
}

function datadog(version: string, spec: string): string {
  return `apiVersion: datadoghq.com/${version}\nkind: DatadogAgent\nmetadata: {name: datadog}\nspec: ${spec}\n`
}

function runner(line: string): string {
  return `apiVersion: actions.summerwind.dev/v1alpha1\nkind: RunnerDeployment\nmetadata: {name: r}\nspec:\n  template:\n    spec:\n` +
    `      repository: a/b\n      ${line}\n`
}
