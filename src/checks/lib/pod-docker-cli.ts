// SPDX-License-Identifier: Apache-2.0
import type {ShellCommand} from './pod-shell.ts'

/** A command that asks a Docker daemon. */
export interface DockerCommand {
  /** `build` makes or pushes images, `image` moves images between files and the daemon, `client` is anything else */
  readonly kind: 'build' | 'image' | 'client'
  /** `docker build`, `docker-compose up` */
  readonly what: string
  /** of the daemon, where the command names it */
  readonly host?: string
  readonly line: number
  readonly onHost: boolean
}

/** What docker(1) hands to the daemon. `login`, `context`, `manifest` and the like work without one. */
const VERBS: Readonly<Record<string, DockerCommand['kind']>> = {
  build: 'build', push: 'build', bake: 'build', commit: 'build', buildx: 'build', builder: 'build',
  pull: 'image', load: 'image', save: 'image', tag: 'image', import: 'image', images: 'image', rmi: 'image', export: 'image', history: 'image', image: 'image',
  run: 'client', create: 'client', exec: 'client', ps: 'client', rm: 'client', stop: 'client', start: 'client', restart: 'client', kill: 'client',
  logs: 'client', inspect: 'client', info: 'client', system: 'client', network: 'client', volume: 'client', cp: 'client', stats: 'client',
  top: 'client', wait: 'client', events: 'client', attach: 'client', diff: 'client', port: 'client', rename: 'client', update: 'client',
  pause: 'client', unpause: 'client', container: 'client', compose: 'client', service: 'client', stack: 'client', swarm: 'client', node: 'client',
}
/** options of docker(1) that take the next word */
const WITH_VALUE = new Set(['-H', '--host', '-c', '--context', '--config', '-l', '--log-level', '--tlscacert', '--tlscert', '--tlskey'])
/** options of docker-compose(1) that take the next word */
const COMPOSE_WITH_VALUE = new Set([...WITH_VALUE, '-f', '--file', '-p', '--project-name', '--env-file', '--profile', '--project-directory'])

/** What a command asks a Docker daemon for; undefined where it is no such command. */
export function dockerCommandOf({words, line, onHost}: ShellCommand): DockerCommand | undefined {
  const [program] = words
  if (program === 'docker-compose') {
    const {verb, host} = verbOf(words, COMPOSE_WITH_VALUE)
    if (verb === undefined || verb === 'version' || verb === 'config') return undefined
    return {kind: verb === 'build' || verb === 'push' ? 'build' : 'client', what: `docker-compose ${verb}`, line, onHost, ...(host !== undefined && {host})}
  }
  if (program !== 'docker') return undefined
  const {verb, next, host} = verbOf(words, WITH_VALUE)
  const kind = verb !== undefined && Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
  if (kind === undefined || verb === undefined) return undefined
  const two = ['buildx', 'image', 'compose', 'container', 'builder', 'system'].includes(verb)
  if (verb === 'buildx' && (next === undefined || !['build', 'bake', 'b', 'prune', 'du'].includes(next))) return undefined
  const what = two && next !== undefined ? `docker ${verb} ${next}` : `docker ${verb}`
  return {kind: verb === 'image' && (next === 'build' || next === 'push') ? 'build' : kind, what, line, onHost, ...(host !== undefined && {host})}
}

/** A daemon that a script or a container starts for itself. */
export function startsDockerd({words, onHost}: ShellCommand): boolean {
  const [program] = words
  if (onHost) return false
  const service = (program === 'service' || program === 'systemctl') && /\bdocker start\b|\bstart docker\b/.test(words.join(' '))
  return service || /^dockerd(?:-entrypoint\.sh|-rootless\.sh)?$/.test(program ?? '')
}

function verbOf(words: readonly string[], withValue: ReadonlySet<string>): {readonly verb?: string; readonly next?: string; readonly host?: string} {
  let host: string | undefined
  let at = 1
  for (; at < words.length; at++) {
    const word = words[at] as string
    if (!word.startsWith('-')) break
    if (word === '-H' || word === '--host') host = words[at + 1]
    if (word.startsWith('--host=')) host = word.slice(7)
    if (withValue.has(word)) at++
  }
  const [verb, ...rest] = words.slice(at)
  const next = rest.find((word) => !word.startsWith('-'))
  return {...(verb !== undefined && {verb}), ...(next !== undefined && {next}), ...(host !== undefined && {host})}
}
