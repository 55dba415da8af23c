// SPDX-License-Identifier: Apache-2.0
import {randomUUID} from 'node:crypto'
import type {ContainerdStore} from '../cri/containerd/store.ts'

/** Marks our leases; the value is the process that has it. */
const OWNER = 'rtctl.images/process'
/** containerd ends a lease by itself then (docs/garbage-collection.md). */
const EXPIRES = 'containerd.io/gc.expire'
const LIFE_MS = 24 * 60 * 60_000

/** Of this process, whose work goes on. */
const inUse = new Set<string>()

/** Has containerd keep what is written until the images have names. @returns id of the lease */
export async function beginLease(store: ContainerdStore): Promise<string> {
  const id = `rtctl-images-${randomUUID()}`
  await store.createLease(id, {[OWNER]: String(process.pid), [EXPIRES]: new Date(Date.now() + LIFE_MS).toISOString().replace(/\.\d+/, '')})
  inUse.add(id)
  return id
}

/** After a failure: what was written stays for the next try, for a day. */
export function leaveLease(id: string): void {
  inUse.delete(id)
}

/** Ends the leases of this process' work that is done, and of processes that are gone; what no image needs is collected. */
export async function endLeases(store: ContainerdStore): Promise<void> {
  for (const {id, labels} of await store.leases()) {
    const owner = Number(labels.get(OWNER))
    if (owner > 0 && !inUse.has(id) && (owner === process.pid || !isAlive(owner))) await store.deleteLease(id)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
