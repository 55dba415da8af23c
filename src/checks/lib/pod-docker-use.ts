// SPDX-License-Identifier: Apache-2.0
import type {Proof} from '../../model/check.ts'
import type {Json, JsonObject} from '../../model/json.ts'
import type {PodContainer, PodTemplate} from '../../model/kubernetes.ts'
import {type Agent, AGENTS} from '../tables/agents.ts'
import {type DockerCommand, dockerCommandOf, startsDockerd} from './pod-docker-cli.ts'
import {hostPathOf} from './pod-paths.ts'
import {parseImage, repositoryOf} from './pod-images.ts'
import {commandsIn, commandsOfArgv, type ShellCommand} from './pod-shell.ts'

/** Something in a container that shows that it asks a Docker daemon. */
export interface DockerUse {
  /** `build` where images are made, `client` for another docker command, `setting` where a socket or host is named */
  readonly kind: 'build' | 'client' | 'setting'
  readonly proof: Proof
}

/** A value that names a Docker socket, whatever its folder. */
const SOCKET_NAME = /(?:^|[/\\=:\s"'@])docker\.sock(?:$|[^\w.-])|docker_engine/

/** programs that only say their words */
const SPEAKERS = new Set(['echo', 'printf', 'logger', ':'])

/** What {@link commandsOf} found: most checks ask for it, and a script can be long. */
const understood = new WeakMap<PodContainer, readonly ShellCommand[]>()

/** Everything a container executes: its command with its arguments, hooks and exec probes. */
export function commandsOf(container: PodContainer): readonly ShellCommand[] {
  const known = understood.get(container)
  if (known !== undefined) return known
  const script = scriptOf(container)
  const own = script === undefined ? commandsOfArgv(argvOf(container)) : commandsIn(script)
  const all = [...own, ...hooksOf(container).flatMap(commandsOfArgv)]
  understood.set(container, all)
  return all
}

/** The docker commands a container executes. */
export function dockerCommandsOf(container: PodContainer): readonly DockerCommand[] {
  return commandsOf(container).flatMap((command) => dockerCommandOf(command) ?? [])
}

/** What shows that a container asks a Docker daemon, in the order of weight. An image of a known agent is no proof by itself. */
export function dockerUseOf(container: PodContainer): readonly DockerUse[] {
  const source = `container ${container.name}`
  const commands = dockerCommandsOf(container).map(({kind, what}): DockerUse =>
    ({kind: kind === 'build' ? 'build' : 'client', proof: {source, text: `runs \`${what}\``}}))
  const settings = container.env.flatMap(({name, value}): DockerUse[] =>
    value !== undefined && (SOCKET_NAME.test(value) || (name === 'DOCKER_HOST' && value.startsWith('unix:')))
      ? [{kind: 'setting', proof: {source, text: `env ${name}=${value}`}}] : [])
  const words = commandsOf(container).filter(({words: [program = '']}) => !SPEAKERS.has(program)).flatMap((command) => [...command.words, ...command.assignments])
    .filter((word) => SOCKET_NAME.test(word) && word.length < 300)
  const named = words.map((word): DockerUse => ({kind: 'setting', proof: {source, text: word}}))
  return [...commands.toSorted((a, b) => (a.kind < b.kind ? -1 : Number(a.kind > b.kind))), ...settings, ...named]
}

/** The uses that go to one of some paths in the container: by name, or as the default of docker(1), which is /var/run/docker.sock. */
export function usesAt(container: PodContainer, paths: readonly string[]): readonly DockerUse[] {
  const wanted = new Set(paths.map(hostPathOf))
  const host = container.env.find(({name}) => name === 'DOCKER_HOST')?.value
  const byDefault = host === undefined ? wanted.has('/run/docker.sock') : wanted.has(hostPathOf(host.replace(/^unix:\/*/, '/')))
  return dockerUseOf(container).filter(({kind, proof}) =>
    kind === 'setting' ? [...proof.text.matchAll(/\/[\w./-]*docker\.sock/g)].some(([path]) => wanted.has(hostPathOf(path))) : byDefault)
}

/** The agent an image is, where it is a known one. */
export function agentOf({image}: PodContainer): Agent | undefined {
  const repository = repositoryOf(image)
  const {registry} = parseImage(image)
  const names = registry === undefined ? [repository] : [repository, `${registry.toLowerCase()}/${repository}`]
  return AGENTS.find((agent) => names.some((name) => agent.image.test(name)))
}

/** Whether a container is a Docker daemon of its own, by image, command or the switch of the Kubernetes test images. */
export function isDockerDaemon(container: PodContainer): boolean {
  const {repository, tag = ''} = parseImage(container.image)
  if (/(?:^|[^a-z])dind(?:[^a-z]|$)/.test(`${repository}:${tag}`)) return container.command.length === 0 || commandsOf(container).some(startsDockerd)
  if (container.env.some(({name, value}) => name === 'DOCKER_IN_DOCKER_ENABLED' && value === 'true')) return true
  return commandsOf(container).some(startsDockerd)
}

/** The containers of a pod that are Docker daemons. */
export function dockerDaemonsOf(pod: PodTemplate): readonly PodContainer[] {
  return pod.containers.filter(isDockerDaemon)
}

/** Command and arguments; the entrypoint of the images of Docker puts `docker` before a verb. */
function argvOf({command, args, image}: PodContainer): readonly string[] {
  const argv = [...command, ...args]
  if (command.length > 0 || repositoryOf(image) !== 'docker') return argv
  const asked = dockerCommandOf({words: ['docker', ...args], assignments: [], line: 1, onHost: false})
  return asked === undefined ? argv : ['docker', ...argv]
}

/** The script of a Tekton step or of an Argo script template. */
function scriptOf({raw}: PodContainer): string | undefined {
  const script = raw['script'] ?? raw['source']
  return typeof script === 'string' ? script : undefined
}

function hooksOf({raw}: PodContainer): readonly (readonly string[])[] {
  const lifecycle = objectOf(raw['lifecycle'])
  const places = [lifecycle['postStart'], lifecycle['preStop'], raw['livenessProbe'], raw['readinessProbe'], raw['startupProbe']]
  return places.map((place) => stringsOf(objectOf(objectOf(place)['exec'])['command']))
}

/** An object of untrusted JSON; empty for anything else. */
export function objectOf(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {}
}

/** The strings of a list of untrusted JSON. */
export function stringsOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? (value as readonly Json[]).filter((one): one is string => typeof one === 'string') : []
}
