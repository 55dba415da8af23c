// SPDX-License-Identifier: Apache-2.0
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Engines} from './engines.ts'
import {packages} from './packages.ts'
import {eventually, outputOf} from './run.ts'

export interface ConmonContainer {
  readonly id: string
  readonly pid: number
  readonly conmonPid: number
  readonly logPath: string
}

/** A container that conmon keeps with runc, without CRI-O or podman, which Debian 12 has no small packages of. */
export async function runUnderConmon(engines: Engines): Promise<ConmonContainer> {
  const {program} = await packages()
  const id = engines.containerId('by-conmon')
  const bundle = join(engines.directory, 'conmon')
  mkdirSync(join(bundle, 'rootfs/bin'), {recursive: true})
  for (const name of ['exits', 'sockets']) mkdirSync(join(bundle, name))
  writeFileSync(join(bundle, 'rootfs/bin/busybox'), readFileSync(program(engines.suite, 'busybox')), {mode: 0o755})
  await writeSpec(bundle, program(engines.suite, 'runc'), id)
  const logPath = join(bundle, 'container.log')
  const pidFile = (name: string) => join(bundle, `${name}.pid`)
  // conmon puts itself into the background; `runc create` leaves the container for `runc start`
  const conmon = engines.spawn('conmon', program(engines.suite, 'conmon'), [
    '--cid', id, '--cuuid', id, '--name', 'by-conmon', '--runtime', program(engines.suite, 'runc'), '--bundle', bundle,
    '--container-pidfile', pidFile('container'), '--conmon-pidfile', pidFile('conmon'), '--exit-dir', join(bundle, 'exits'),
    '--socket-dir-path', join(bundle, 'sockets'),
    '--log-path', `k8s-file:${logPath}`, '--log-level', 'error',
  ])
  const ended = new Promise(resolve => conmon.once('exit', resolve))
  const pid = await eventually(10_000, () => pidIn(pidFile('container')))
  await ended
  await outputOf(program(engines.suite, 'runc'), ['start', id])
  return {id, pid, conmonPid: pidIn(pidFile('conmon')), logPath}
}

/** `runc spec` for a program that needs nothing but itself. */
async function writeSpec(bundle: string, runc: string, id: string): Promise<void> {
  await outputOf(runc, ['spec', '--bundle', bundle])
  const file = join(bundle, 'config.json')
  const spec = JSON.parse(readFileSync(file, 'utf8')) as {process: Record<string, unknown>; linux: Record<string, unknown>}
  Object.assign(spec.process, {terminal: false, args: ['/bin/busybox', 'sleep', '100000'], rlimits: []})
  spec.linux['cgroupsPath'] = `/default/${id}`
  writeFileSync(file, JSON.stringify(spec))
}

function pidIn(file: string): number {
  const pid = Number(readFileSync(file, 'utf8'))
  if (!(pid > 0)) throw new Error(`${file} holds no pid yet`)
  return pid
}
