// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {TextDocument} from '../../model/kubernetes.ts'
import {problem, textCheck} from '../lib/define.ts'
import {type FoundString, hostPathAt, stringsFound} from '../lib/host-paths.ts'
import {ciToolOf, isComment} from '../lib/pod-ci-files.ts'
import {objectOf} from '../lib/pod-docker-use.ts'
import {hostPathOf} from '../lib/pod-paths.ts'
import {SOCKET_FIX} from '../tables/builders.ts'
import {DOCKER_SOCKETS, DOCKERSHIM_SOCKETS, type KnownPath} from '../tables/docker-paths.ts'

export const checks = [
  textCheck({
    id: 'docker-socket-in-values',
    title: {pass: 'No values or patches bring the socket of Docker into pods', fail: 'Values or patches bring the socket of Docker into pods'},
    why:
      'Values of a chart (`extraVolumes`, volumes of build agents) and patches of kustomize add docker.sock to pods whose own manifests do not name it. ' +
      'After the change such pods get an empty folder in its place and fail with "Cannot connect to the Docker daemon", or do not start where the volume ' +
      'has `type: Socket`.',
    severity: 'medium',
    fix: SOCKET_FIX,
    learnMore:
      'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/check-if-dockershim-removal-affects-you/',
    applies: ({target}) => target !== 'cri-dockerd',
    run(document) {
      const {data, name} = document
      // what CI systems make pods of has a check of its own
      if (data === undefined || !/docker/.test(document.text) || ciToolOf(document) !== undefined) return []
      const found = [...stringsFound(data, {pick, skip})].flatMap((one) => {
        const socket = socketOf(one.written)
        return socket === undefined ? [] : [{...one, socket}]
      })
      const isPatch = Array.isArray(data) && (data as readonly Json[]).some((one) => typeof objectOf(one)['op'] === 'string')
      return [...Map.groupBy(found, ({socket}) => socket.path).values()].map(([first, ...more]): Outcome =>
        isPatch ? patchProblem(document, name, [first as Found, ...more]) : valuesProblem(document, name, [first as Found, ...more]))
    },
    examples: {
      fail: [
        {name: 'values.yaml', text: 'replicas: 1\nextraVolumes:\n- name: d\n  hostPath: {path: /var/run/docker.sock}\n'},
        {name: 'values-prod.yaml', text: 'agent:\n  volumes:\n  - type: HostPath\n    hostPath: /var/run/docker.sock\n    mountPath: /var/run/docker.sock\n'},
        {name: 'socket.yaml', text: '- op: add\n  path: /spec/template/spec/volumes/-\n  value: {name: d, hostPath: {path: /var/run/docker.sock}}\n'},
      ],
      pass: [
        {name: 'values.yaml', text: 'extraVolumes:\n- name: docker-sock\n  emptyDir: {}\n'},
        {name: 'values.yaml', text: 'extraVolumes: []\n# - hostPath: {path: /var/run/docker.sock}\n'},
        {name: 'app.json', text: '{"container": {"volumes": [{"hostPath": "/var/run/docker.sock", "containerPath": "/var/run/docker.sock"}]}}'},
        {name: 'docker-compose.yml', text: 'services:\n  a:\n    image: b\n    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]\n'},
        {
          name: 'values.yaml',
          text: 'job:\n  spec:\n    containers: [{name: a, image: b}]\n    volumes: [{name: d, hostPath: {path: /var/run/docker.sock}}]\n',
        },
      ],
    },
  }),
]

interface Found extends FoundString {
  readonly socket: KnownPath
}

function patchProblem(document: TextDocument, name: string, found: readonly [Found, ...Found[]]): Outcome {
  const [{written, socket}] = found
  return problem(socket.path, `A patch (${name}) brings ${written} of the node into pods, ${socket.what}.`, {severity: 'high', ...placeOf(document, found)})
}

function valuesProblem(document: TextDocument, name: string, found: readonly [Found, ...Found[]]): Outcome {
  const [{written, socket, path}] = found
  const text = `${path.join('.')} of ${name} is ${written} of the node, ${socket.what}, for a volume of pods (of a chart: \`helm template\` shows of which).`
  return problem(socket.path, text, placeOf(document, found))
}

function placeOf({text, name}: TextDocument, found: readonly [Found, ...Found[]]) {
  const lines = text.split('\n')
  const index = lines.findIndex((line) => line.includes(found[0].written) && !isComment(line) && !/mountPath["']?:[^,}]*$/.test(line))
  return {
    ...(index !== -1 && {line: index + 1}),
    evidence: found.slice(0, 5).map(({path, written}) => ({source: `${name}: ${path.join('.')}`, text: written})),
  }
}

function pick(key: string, member: Json, siblings: JsonObject) {
  const at = siblings['path']
  // replaces the path of a volume that is there already
  if (key === 'value' && typeof member === 'string' && typeof at === 'string' && at.endsWith('/hostPath/path')) return {below: [], written: member}
  return hostPathAt(key, member, siblings)
}

/** Objects and pods within the text are looked at as such. */
function skip(members: JsonObject): boolean {
  if (typeof members['apiVersion'] === 'string' && typeof members['kind'] === 'string') return true
  const containers = members['containers']
  return Array.isArray(containers) && (containers as readonly Json[]).map(objectOf).some(({image, volumeMounts}) => typeof image === 'string' || Array.isArray(volumeMounts))
}

function socketOf(written: string): KnownPath | undefined {
  const path = hostPathOf(written)
  return [...DOCKER_SOCKETS, ...DOCKERSHIM_SOCKETS].find((socket) => socket.path === path)
}
