// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {Json, JsonPath} from '../../model/json.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'
import {hostPathOf} from '../lib/pod-paths.ts'
import {isPolicyGroup} from '../lib/policy-groups.ts'
import {BUILD_FIX} from '../tables/builders.ts'
import {DOCKER_SOCKETS, DOCKERSHIM_SOCKETS} from '../tables/docker-paths.ts'

const MAX_DEPTH = 30
/** groups of Kubernetes itself: their volumes belong to pod specs, which have checks of their own */
const BUILT_IN = /^(?:v1|(?:apps|batch|extensions|policy|autoscaling|networking\.k8s\.io|rbac\.authorization\.k8s\.io|storage\.k8s\.io)\/.*)$/
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
      'and their builds fail after the change with "Cannot connect to the Docker daemon".',
    severity: 'high',
    fix:
      'Runners of actions-runner-controller: remove the volume and leave `dockerEnabled: true` (a docker:dind sidecar), or set ' +
      `\`dockerdWithinRunnerContainer: true\`. ${BUILD_FIX}`,
    learnMore: 'https://github.com/actions/actions-runner-controller/blob/master/docs/using-arc-runners-in-a-workflow.md',
    applies: ({target}) => target !== 'cri-dockerd',
    kinds: ['*'],
    run({value, ref}) {
      if (BUILT_IN.test(ref.apiVersion) || isPolicyGroup(ref.apiVersion) || ref.kind === 'CustomResourceDefinition') return []
      return [...hostPathsIn(value, [], 0)].flatMap(([path, written]): readonly Outcome[] => {
        const found = [...DOCKER_SOCKETS, ...DOCKERSHIM_SOCKETS].find((socket) => socket.path === hostPathOf(written))
        if (found === undefined) return []
        const text = `${ref.kind} "${ref.name}" hands ${written} of the node to its pods, ${found.what}.`
        return [problem(path.join('.'), text, {evidence: [{source: 'hostPath', text: `path: ${written}`}], path})]
      })
    },
    examples: {
      fail: [{manifest: runner('volumes: [{name: d, hostPath: {path: /var/run/docker.sock}}]')}],
      pass: [{manifest: runner('dockerdWithinRunnerContainer: true')}, {manifest: runner('volumes: [{name: d, emptyDir: {}}]')}, {manifest: policy}],
    },
  }),
]

function* hostPathsIn(value: Json, path: JsonPath, depth: number): Generator<readonly [JsonPath, string]> {
  if (depth > MAX_DEPTH || typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const [index, one] of (value as readonly Json[]).entries()) yield* hostPathsIn(one, [...path, index], depth + 1)
    return
  }
  if (CONTAINERS.some((key) => Object.hasOwn(value, key))) return
  for (const [key, one] of Object.entries(value)) {
    const written = key === 'hostPath' ? objectOf(one)['path'] : undefined
    if (typeof written === 'string') yield [[...path, key, 'path'], written]
    else yield* hostPathsIn(one, [...path, key], depth + 1)
  }
}

function runner(line: string): string {
  return `apiVersion: actions.summerwind.dev/v1alpha1\nkind: RunnerDeployment\nmetadata: {name: r}\nspec:\n  template:\n    spec:\n` +
    `      repository: a/b\n      ${line}\n`
}
