// SPDX-License-Identifier: Apache-2.0
import type {ContainerState, DockerContainer} from '../../model/facts.ts'
import {booleanAt, parseJsonTable, stringAt, stringMapAt, type Table, tableOf, valueAt} from './untrusted.ts'

/**
 * Reads a container as dockerd keeps it: `containers/<id>/config.v2.json` (moby, container.Container) and, where it could be
 * read, `hostconfig.json` beside it (container.HostConfig).
 *
 * @param id the directory's name
 * @throws where config.v2.json is no JSON object; a broken hostconfig.json costs only what is in it
 */
export function parseDockerContainer(id: string, configText: string, hostText: string | undefined, source: string): DockerContainer {
  const config = parseJsonTable(configText)
  const host = hostText === undefined ? undefined : tableOrNothing(hostText)
  const pid = valueAt(config, 'State', 'Pid')
  const optional = {
    image: stringAt(config, 'Config', 'Image'),
    imageId: stringAt(config, 'Image'),
    pid: typeof pid === 'number' && Number.isSafeInteger(pid) && pid > 0 ? pid : undefined,
    runtime: stringAt(host, 'Runtime'),
    logDriver: stringAt(host, 'LogConfig', 'Type'),
    logPath: stringAt(config, 'LogPath'),
    cgroupParent: stringAt(host, 'CgroupParent'),
    init: booleanAt(host, 'Init'),
  }
  return {
    id,
    name: (stringAt(config, 'Name') ?? '').replace(/^\//, ''),
    ...defined(optional),
    state: dockerState(tableOf(valueAt(config, 'State'))),
    labels: stringMapAt(config, 'Config', 'Labels'),
    ports: ports(config, host),
    source,
  }
}

type Present<T> = {readonly [K in keyof T]?: Exclude<T[K], undefined>}

function defined<T extends object>(values: T): Present<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Present<T>
}

function tableOrNothing(text: string): Table | undefined {
  try {
    return parseJsonTable(text)
  } catch {
    return undefined
  }
}

/**
 * dockerd's State, in the words of this model: paused counts before running, as in `docker ps`; a container that waits for its
 * restart has no process, nor has one that is dead or being removed: exited; never started: created.
 */
export function dockerState(state: Table | undefined): ContainerState {
  if (state === undefined) return 'unknown'
  if (valueAt(state, 'Running') === true && valueAt(state, 'Restarting') !== true) {
    return valueAt(state, 'Paused') === true ? 'paused' : 'running'
  }
  const started = stringAt(state, 'StartedAt')
  const never = started === undefined || started.startsWith('0001-01-01')
  const ending = ['Restarting', 'Dead', 'RemovalInProgress'].some((key) => valueAt(state, key) === true)
  return never && !ending ? 'created' : 'exited'
}

/** Ports in use (NetworkSettings, with the host port dockerd chose), else those asked for (HostConfig). */
function ports(config: Table, host: Table | undefined): readonly string[] {
  const used = portList(valueAt(config, 'NetworkSettings', 'Ports'))
  return used.length > 0 ? used : portList(valueAt(host, 'PortBindings'))
}

/** One entry per published port: IPv4 and IPv6 of the same port are one, an address is named where it is not "any". */
function portList(bindings: unknown): readonly string[] {
  const found = new Set<string>()
  for (const [port, list] of Object.entries(tableOf(bindings) ?? {})) {
    for (const binding of Array.isArray(list) ? list : []) {
      const hostPort = stringAt(binding, 'HostPort')
      if (hostPort === undefined) continue
      const address = stringAt(binding, 'HostIp') ?? '0.0.0.0'
      const prefix = address === '0.0.0.0' || address === '::' ? '' : `${address.includes(':') ? `[${address}]` : address}:`
      found.add(`${prefix}${hostPort}->${port}`)
    }
  }
  return [...found]
}
