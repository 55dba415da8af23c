// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {Json, JsonPath} from '../../model/json.ts'
import type {KubeObject} from '../../model/kubernetes.ts'
import {objectCheck, problem} from '../lib/define.ts'
import {objectOf} from '../lib/pod-docker-use.ts'
import {hostPathOf, isAbove} from '../lib/pod-paths.ts'
import {isPolicyGroup} from '../lib/policy-groups.ts'
import {DOCKER_FILES, DOCKER_SOCKETS} from '../tables/docker-paths.ts'

const NAMES_DOCKER = /(?:docker(?:shim)?\.sock|\/var\/lib\/docker)(?![\w-])/

/** Of one object: enough to see where. */
const MOST_PLACES = 5
const DEEPEST = 40

export const checks = [
  objectCheck({
    id: 'docker-path-policy',
    title: {pass: 'No admission policy speaks of paths of Docker alone', fail: 'An admission policy speaks of paths of Docker'},
    why:
      'A policy that allows or forbids docker.sock says nothing of the sockets of other runtimes. What was forbidden for good reason ' +
      'is then allowed with /run/containerd/containerd.sock, and a pod that may use the socket of Docker ' +
      'may not use the new one: it is refused at admission.',
    severity: 'info',
    fix: {
      containerd:
        'Treat /run/containerd/containerd.sock (and /var/run/containerd) and /var/lib/containerd as the ' +
        'policy treats the paths of Docker; then drop those.',
      'cri-o': 'Treat /var/run/crio/crio.sock (and /run/crio) and /var/lib/containers as the policy treats the paths of Docker; then drop those.',
      'cri-dockerd': 'Add /run/cri-dockerd.sock: Docker stays, and its paths with it.',
    },
    learnMore: 'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
    kinds: ['*'],
    applies: ({target}) => target !== 'cri-dockerd',
    run(object): readonly Outcome[] {
      const places = object.ref.kind === 'PodSecurityPolicy' ? allowedPaths(object) : isPolicyGroup(object.ref.apiVersion) ? namedPaths(object) : []
      return places.slice(0, MOST_PLACES).map(({path, text}) => (
        problem(path.join('.'), `${object.ref.kind} ${object.ref.name} speaks of ${text}, and of no other runtime there.`, {path, evidence: [{source: path.join('.'), text}]})
      ))
    },
    examples: {
      fail: [
        {manifest: 'apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: builders}\nspec:\n  allowedHostPaths:\n  - pathPrefix: /var/run/docker.sock\n'},
        {manifest: 'apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: no-docker}\nspec:\n  rules:\n  - validate:\n      pattern: {spec: {=(volumes): [{=(hostPath): {path: "!/var/run/docker.sock"}}]}}\n'},
        {manifest: 'apiVersion: constraints.gatekeeper.sh/v1beta1\nkind: K8sPSPHostFilesystem\nmetadata: {name: paths}\nspec: {parameters: {allowedHostPaths: [{pathPrefix: /var/lib/docker/containers}]}}\n'},
      ],
      pass: [
        {manifest: 'apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: logs}\nspec:\n  allowedHostPaths:\n  - pathPrefix: /var/log\n'},
        {manifest: 'apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata: {name: sockets}\nspec:\n  message: "no /var/run/docker.sock, /run/containerd/containerd.sock or crio.sock"\n'},
        {manifest: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\ndata: {a: /var/run/docker.sock}\n'},
      ],
    },
  }),
]

interface Place {
  readonly path: JsonPath
  readonly text: string
}

function allowedPaths({value}: KubeObject): readonly Place[] {
  const allowed = objectOf(value['spec'])['allowedHostPaths']
  return (Array.isArray(allowed) ? (allowed as readonly Json[]) : []).flatMap((entry, index) => {
    const {pathPrefix} = objectOf(entry)
    if (typeof pathPrefix !== 'string') return []
    const prefix = hostPathOf(pathPrefix)
    const docker = [...DOCKER_SOCKETS, ...DOCKER_FILES].some(({path}) => path === prefix || isAbove(path, prefix))
    return docker ? [{path: ['spec', 'allowedHostPaths', index, 'pathPrefix'], text: pathPrefix}] : []
  })
}

/** Texts that name a path of Docker, where the object nowhere names another runtime. */
function namedPaths({value}: KubeObject): readonly Place[] {
  const found: Place[] = []
  let others = false
  const look = (at: Json, path: JsonPath): void => {
    if (typeof at === 'string') {
      if (/containerd\.sock|crio\.sock|\/var\/lib\/containerd|\/run\/containerd|\/run\/crio/.test(at)) others = true
      const name = NAMES_DOCKER.exec(at)?.[0]
      if (name !== undefined) found.push({path, text: name})
    } else if (Array.isArray(at)) {
      if (path.length < DEEPEST) for (const [index, item] of (at as readonly Json[]).entries()) look(item, [...path, index])
    } else if (typeof at === 'object' && at !== null && path.length < DEEPEST) {
      for (const [key, item] of Object.entries(at)) if (key !== 'managedFields' && key !== 'annotations') look(item, [...path, key])
    }
  }
  look(value, [])
  return others ? [] : found
}
