// SPDX-License-Identifier: Apache-2.0
import {existsSync, readdirSync, readFileSync} from 'node:fs'
import type {AboutMachine, Clock, ClusterNode, Machine, Process} from '../machine.ts'
import {liveCri} from './cri.ts'
import {liveDocker} from './docker.ts'
import {liveFiles} from './files.ts'
import {lockFile} from './lock.ts'
import {runProgram} from './programs.ts'

/** This machine, which is changed for real. */
export function liveMachine(cluster: ClusterNode | undefined): Machine {
  return {
    files: liveFiles(),
    clock: liveClock(),
    run: (program, args, options) => runProgram(program, args, options),
    docker: liveDocker,
    cri: liveCri,
    moveImages: async (move) => {
      const [{moveImages}, {withSpooled}] = await Promise.all([import('../../images/move-images.ts'), import('../../host/spool.ts')])
      return moveImages({...move, spool: withSpooled})
    },
    cluster,
    listens,
    processes,
    about,
    lock: lockFile,
  }
}

/** The clock of this machine. */
export function liveClock(): Clock {
  return {
    now: () => Date.now(),
    sleep: (ms, signal) => new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason as Error)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, ms)
      if (signal?.aborted === true) stop()
      else signal?.addEventListener('abort', stop, {once: true})
    }),
  }
}

async function listens(path: string): Promise<boolean> {
  const {connectPath, connectProblem} = await import('../../cri/socket-path.ts')
  const reachable = connectPath(path)
  try {
    return (await connectProblem(reachable.path)) === undefined
  } finally {
    reachable.release()
  }
}

function processes(): readonly Process[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const argv = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').slice(0, -1)
      return argv.length === 0 ? [] : [{pid: Number(name), argv}]
    } catch {
      // It ended meanwhile.
      return []
    }
  })
}

/** Cgroups of containers, as Docker, containerd and CRI-O name them; systemd's slices of users and services are none. */
const CONTAINER_CGROUP = /(?:^|\/)(?:docker[/-]|kubepods|cri-containerd-|crio-|libpod-)/

function about(): AboutMachine {
  const container = readFileSync('/proc/self/cgroup', 'utf8').split('\n').map((line) => line.split(':').slice(2).join(':')).find((path) => CONTAINER_CGROUP.test(path))
  return {
    uid: process.getuid?.() ?? -1,
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    systemd: existsSync('/run/systemd/system'),
    ...(container !== undefined && {container}),
  }
}
