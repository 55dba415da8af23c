// SPDX-License-Identifier: Apache-2.0
import type {DockerContainer, DockerFacts, Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {ContainerLog} from '../../model/node/logging.ts'
import {absent, mapObserved, type Observed, ok, valueOf} from '../../model/observed.ts'
import {parseJsonTable, stringAt, stringMapAt} from '../parse/untrusted.ts'
import {dockersOf} from './logging-docker.ts'

/** Far more than a kubelet runs on a node. */
const MOST_CONTAINERS = 500
const DRIVER = 'json-file'

/**
 * The logs of the running containers that dockershim or cri-dockerd made (their label io.kubernetes.docker.type tells them from pod
 * sandboxes; kubernetes, pkg/kubelet/dockershim).
 */
export function readContainerLogs(host: Host, facts: Facts): Observed<readonly ContainerLog[]> {
  const logs: ContainerLog[] = []
  for (const docker of dockersOf(facts)) {
    if (docker.containers.state === 'unreadable') return docker.containers
    for (const container of kubernetesOf(docker)) {
      if (logs.length >= MOST_CONTAINERS) break
      const log = readLog(host, docker.dataRoot.value, container)
      // a file that is broken costs its own container only
      if (log.state === 'unreadable' && log.reason !== 'malformed') return log
      if (log.state === 'ok') logs.push(log.value)
    }
  }
  return logs.length === 0 ? absent('/var/lib/docker/containers') : ok(logs, dockersOf(facts)[0]?.containers.source ?? '/var/lib/docker/containers')
}

function kubernetesOf({containers}: DockerFacts): readonly DockerContainer[] {
  return (valueOf(containers) ?? []).filter(({state, labels}) => state === 'running' && labels['io.kubernetes.docker.type'] === 'container')
}

/** Absent for a container that went while it was read. */
function readLog(host: Host, dataRoot: string, {id, labels, logPath}: DockerContainer): Observed<ContainerLog> {
  return mapObserved(host.text(`${dataRoot}/containers/${id}/hostconfig.json`), (text) => {
    const config = parseJsonTable(text)
    const source = `${dataRoot}/containers/${id}/hostconfig.json`
    const file = logPath?.startsWith('/') === true ? {path: logPath, size: valueOf(host.stat(logPath))?.size} : undefined
    const link = labels['io.kubernetes.container.logpath']
    const target = link?.startsWith('/var/log/') === true ? valueOf(host.target(link)) : undefined
    return {
      id, source,
      name: ['pod.namespace', 'pod.name', 'container.name'].map((label) => labels[`io.kubernetes.${label}`] ?? '?').join('/'),
      driver: stringAt(config, 'LogConfig', 'Type') ?? DRIVER,
      options: stringMapAt(config, 'LogConfig', 'Config'),
      ...(file && {file: {path: file.path, ...(file.size !== undefined && {size: file.size})}}),
      ...(link !== undefined && target !== undefined && {link: {path: link, target}}),
    }
  })
}
