// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Severity} from '../../model/check.ts'
import type {PodContainer, PodTemplate} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {commandsOf, dockerCommandsOf, dockerDaemonsOf, objectOf, stringsOf} from '../lib/pod-docker-use.ts'
import {BUILD_FIX, DIND_FIX} from '../tables/builders.ts'
import type {Json, JsonPath} from '../../model/json.ts'

interface DockerAddress {
  readonly source: string
  readonly host: string
  readonly path?: JsonPath
}

export const checks = [
  podCheck({
    id: 'docker-host-env',
    title: {pass: 'No pod talks to the Docker of a node over TCP', fail: 'A pod talks to the Docker of a node over TCP'},
    why:
      'DOCKER_HOST with the address of the node reaches dockerd at port 2375 or 2376 without any mount. The port is closed ' +
      'once dockerd is gone: ' +
      '"Cannot connect to the Docker daemon at tcp://…".',
    severity: 'high',
    fix: DIND_FIX,
    learnMore: 'https://docs.docker.com/reference/cli/docker/#environment-variables',
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      return pod.containers.flatMap((container) => {
        const builds = dockerCommandsOf(container).some(({kind}) => kind === 'build')
        return addressesOf(container).flatMap((address): readonly Outcome[] => {
          const found = nodeBehind(address.host, container, pod)
          if (found === undefined) return []
          const text = `Container "${container.name}" asks Docker at ${address.host}, ${found.what}.`
          return [problem(`${container.name} ${address.host}`, text, {
            severity: found.severity, evidence: [{source: address.source, text: address.host}],
            ...(builds && {fix: BUILD_FIX}), ...(address.path !== undefined && {path: address.path}),
          })]
        })
      })
    },
    examples: {
      fail: [
        {manifest: podWith('[{name: NODE, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}, {name: DOCKER_HOST, value: "tcp://$(NODE):2375"}]', '{}')},
        {manifest: podWith('[{name: DOCKER_HOST, value: "tcp://172.17.0.1:2375"}]', '{}')},
        {manifest: podWith('[{name: DOCKER_HOST, value: "tcp://localhost:2375"}]', '{hostNetwork: true}')},
      ],
      pass: [
        {manifest: podWith('[{name: DOCKER_HOST, value: "tcp://localhost:2375"}]', '{}')},
        {manifest: podWith('[{name: DOCKER_HOST, value: "tcp://docker.ci.svc:2376"}]', '{}')},
        {manifest: podWith('[{name: DOCKER_HOST, value: "tcp://172.17.0.1:2375"}]', '{}'), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

/** Where a container looks for Docker: its environment, and `-H` of its docker commands. */
function addressesOf(container: PodContainer): readonly DockerAddress[] {
  const env = container.env.flatMap(({name, value, path}): DockerAddress[] =>
    name === 'DOCKER_HOST' && value !== undefined && /^(?:tcp|https?):/.test(value)
      ? [{source: `env ${name} of container ${container.name}`, host: value, path}] : [])
  const flags = dockerCommandsOf(container).flatMap(({host, what}): DockerAddress[] =>
    host !== undefined && host.startsWith('tcp:') ? [{source: `\`${what}\` of container ${container.name}`, host}] : [])
  const exported = commandsOf(container).flatMap(({words}) => (words[0] === 'export' ? words : []))
    .filter((word) => word.startsWith('DOCKER_HOST=tcp:'))
    .map((word): DockerAddress => ({source: `command of container ${container.name}`, host: word.slice('DOCKER_HOST='.length)}))
  return [...env, ...flags, ...exported]
}

/** How an address leads to a node; undefined where it leads to a container of the pod, a service, or nobody knows where. */
function nodeBehind(address: string, container: PodContainer, pod: PodTemplate): {readonly what: string; readonly severity: Severity} | undefined {
  const host = /^[a-z]+:\/\/(\[[^\]]*\]|[^:/]*)/.exec(address)?.[1] ?? ''
  const variable = /^\$[({]?(\w+)[)}]?$/.exec(host)?.[1]
  if (variable !== undefined) {
    const field = fieldOf(container, variable)
    return field === 'status.hostIP' || field === 'status.hostIPs' || field === 'spec.nodeName'
      ? {what: `the node that the pod runs on (${variable} is ${field})`, severity: 'high'} : undefined
  }
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host)) {
    const ofNode = pod.spec['hostNetwork'] === true && dockerDaemonsOf(pod).length === 0
    return ofNode ? {what: 'the node itself, as the pod is in its network', severity: 'high'} : undefined
  }
  if (host === '172.17.0.1' || host === 'host.docker.internal' || host === 'gateway.docker.internal') {
    return {what: 'the node by the address of the docker0 bridge, which goes with Docker', severity: 'high'}
  }
  return /^\d+\.\d+\.\d+\.\d+$/.test(host) ? {what: 'a fixed address: it breaks if that is a node of this cluster', severity: 'low'} : undefined
}

/** The pod field a variable is taken from. */
function fieldOf({raw}: PodContainer, variable: string): string | undefined {
  const env = raw['env']
  const entry = (Array.isArray(env) ? (env as readonly Json[]) : []).map(objectOf).find(({name}) => name === variable)
  return stringsOf([objectOf(objectOf(entry?.['valueFrom'])['fieldRef'])['fieldPath'] ?? ''])[0] || undefined
}

function podWith(env: string, spec: string): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: build}\nspec:\n  hostNetwork: ${spec.includes('hostNetwork')}\n  containers:\n` +
    `  - name: main\n    image: example.com/tool:1\n    env: ${env}\n`
}
