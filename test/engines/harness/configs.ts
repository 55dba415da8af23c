// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Engines} from './engines.ts'
import {busyboxImage} from './images.ts'

export const image = `docker.io/${busyboxImage}`
export const forever = ['sleep', '100000']

/** What a container config says beside its name. */
export interface ContainerExtra {
  readonly image?: string
  readonly command?: readonly string[]
  readonly [field: string]: unknown
}

/** Files with the configs of a pod and its containers, as people write them for crictl. */
export interface PodFiles {
  readonly pod: string
  readonly uid: string
  readonly logDirectory: string
  /** writes the config of a container and gives the file's path; without a command it sleeps */
  readonly container: (name: string, extra?: ContainerExtra) => string
}

/** Writes the config of a pod with the kubelet's labels, log folder and cgroup. The uid is one that the removal finds. */
export function writePod(engines: Engines, name: string, extra: object = {}): PodFiles {
  const uid = engines.containerId(name)
  const directory = join(engines.directory, 'configs', name)
  mkdirSync(directory, {recursive: true})
  const write = (file: string, config: object) => {
    writeFileSync(join(directory, file), JSON.stringify(config))
    return join(directory, file)
  }
  const labels = {'io.kubernetes.pod.name': name, 'io.kubernetes.pod.namespace': 'shop', 'io.kubernetes.pod.uid': uid}
  const logDirectory = join(engines.directory, 'pods', `shop_${name}_${uid}`)
  const pod = write('pod.json', {
    metadata: {name, namespace: 'shop', uid, attempt: 0}, log_directory: logDirectory, labels,
    linux: {cgroup_parent: `/kubepods/besteffort/pod${uid}`}, ...extra,
  })
  return {
    pod, uid, logDirectory,
    container: (container, more = {}) => write(`${container}.json`, {
      metadata: {name: container, attempt: 0}, command: forever, log_path: `${container}/0.log`,
      labels: {...labels, 'io.kubernetes.container.name': container},
      ...more, image: {image: more.image ?? image},
    }),
  }
}
