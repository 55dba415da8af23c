// SPDX-License-Identifier: Apache-2.0
import type {Engines} from './engines.ts'
import {busyboxImage} from './images.ts'

const image = `docker.io/${busyboxImage}`
const forever = ['sleep', '100000']

/** Docker containers of every kind that matters to the picture. */
export async function runDockerContainers(engines: Engines): Promise<void> {
  const run = (name: string, options: readonly string[], command: readonly string[]) => (
    engines.docker('run', '--name', name, ...options, busyboxImage, ...command)
  )
  await run('plain', ['--detach'], forever)
  await run('with-init', ['--detach', '--init'], forever)
  await run('published', ['--detach', '--publish', '127.0.0.1::8080'], ['httpd', '-f', '-p', '8080', '-h', '/www'])
  await run('on-host-network', ['--detach', '--network', 'host'], forever)
  await run('finished', [], ['true'])
  await run('frozen', ['--detach'], forever)
  await engines.docker('pause', 'frozen')
  await engines.docker('create', '--name', 'never-started', busyboxImage, 'true')
  await run('in-gvisor', ['--detach', '--runtime', 'runsc', '--network', 'none'], forever)
}

/** A container that only ctr knows of. Gives its id. */
export async function runCtrContainer(engines: Engines): Promise<string> {
  const id = engines.containerId('by-ctr')
  await engines.ctr('default', 'run', '--detach', image, id, ...forever)
  return id
}

/** Two pods: one with two containers on the pod network, one on the host's network. */
export async function runPods(engines: Engines) {
  const web = await engines.runPod({
    name: 'web', namespace: 'shop',
    containers: [{name: 'server', image, command: forever}, {name: 'sidecar', image, command: forever}],
  })
  const agent = await engines.runPod({
    name: 'agent', namespace: 'kube-system', hostNetwork: true, containers: [{name: 'agent', image, command: forever}],
  })
  return {web, agent}
}

/** One more Docker container, whose OCI runtime is crun. */
export async function runCrunContainer(engines: Engines): Promise<void> {
  await engines.docker('run', '--detach', '--runtime', 'crun', '--name', 'by-crun', busyboxImage, ...forever)
}

/** A smaller mix, for tests in which only the daemons matter. */
export async function runSomeContainers(engines: Engines): Promise<void> {
  await engines.docker('run', '--detach', '--name', 'plain', busyboxImage, ...forever)
  await engines.docker('run', '--detach', '--init', '--name', 'with-init', busyboxImage, ...forever)
  await engines.docker('run', '--name', 'finished', busyboxImage, 'true')
  await runCtrContainer(engines)
  await runPods(engines)
}
