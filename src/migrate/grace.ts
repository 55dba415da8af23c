// SPDX-License-Identifier: Apache-2.0
import type {DockerContainer, DockerEngine, Files} from './machine.ts'

/** What pods have unless they say otherwise; those that need longer were drained. */
const MOST_SECONDS = 30
/** What the kubelet's container annotations become as labels of dockershim and cri-dockerd. */
const POD_GRACE = 'annotation.io.kubernetes.pod.terminationGracePeriod'
const SIGTERM = 15n

/** Seconds that a container of a pod gets between its stop signal and SIGKILL: those of its pod, and none where it cannot hear the signal. */
export async function graceOf({id, labels}: DockerContainer, docker: DockerEngine, files: Files): Promise<number> {
  const own = Object.hasOwn(labels, POD_GRACE) ? Number(labels[POD_GRACE]) : MOST_SECONDS
  const seconds = Number.isSafeInteger(own) && own >= 0 ? Math.min(own, MOST_SECONDS) : MOST_SECONDS
  const init = seconds === 0 ? undefined : await docker.init(id).catch(() => undefined)
  if (init === undefined || (init.stopSignal !== '' && init.stopSignal !== 'SIGTERM')) return seconds
  const status = files.look(`/proc/${init.pid}/status`)
  return status.type === 'file' && isDeaf(status.bytes.toString('latin1')) ? 0 : seconds
}

/**
 * Whether SIGTERM does nothing to a process: the kernel drops it for the first process of a pid namespace that neither handles it nor keeps
 * it blocked for sigwait(3), see pid_namespaces(7); a shell that runs a loop is one. Of several threads another one may wait for it.
 *
 * @param status the text of /proc/PID/status
 */
export function isDeaf(status: string): boolean {
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? ''
  const isFirst = /\s1$/.test(field('NSpid'))
  const heard = ['SigCgt', 'SigBlk'].some((name) => /^[0-9a-f]{16}$/.exec(field(name)) === null || (BigInt(`0x${field(name)}`) >> (SIGTERM - 1n) & 1n) === 1n)
  return isFirst && field('Threads') === '1' && !heard
}
