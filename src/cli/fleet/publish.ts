// SPDX-License-Identifier: Apache-2.0
import {setTimeout as sleep} from 'node:timers/promises'
import {isNodeName} from '../../app/fleet/config-map.ts'
import {publishEvery, publishOnce, type Published, type PublishQuestion} from '../../app/fleet/publish.ts'
import {accept} from '../../checks/accept.ts'
import {checks} from '../../checks/index.ts'
import {PATIENCE} from '../../cluster/client.ts'
import {openPublisher} from '../../cluster/fleet.ts'
import {UserError} from '../../model/user-error.ts'
import {visible} from '../../render/visible.ts'
import type {LiveHostFlags} from '../host-flags.ts'
import {print} from '../output.ts'
import {type AcceptFlags, readAcceptances} from '../preflight/accept-flags.ts'
import {readConfig} from '../preflight/config-file.ts'
import {type PlanFlags, readPlan} from '../preflight/plan-flags.ts'
import {liveSource} from '../preflight/sources.ts'
import {type FleetFlags, fleetOptions} from './flags.ts'

export interface PublishFlags extends LiveHostFlags, FleetFlags, PlanFlags, AcceptFlags {
  readonly node: string
  /** milliseconds */
  readonly every?: number | undefined
  readonly config?: string | undefined
}

/** Where 5,000 nodes are told the same number of seconds, they had better not all come back at once: up to half as long again. */
const SPREAD_PATIENCE = {...PATIENCE, sleep: async (ms: number) => sleep(ms * (1 + Math.random() / 2))}

/**
 * Publishes once, or with `every` until the process is told to end: nothing is left half-written then, as a ConfigMap is written in one
 * request.
 *
 * @param quiet prints nothing of what was written
 * @throws UserError where the command line or a file is wrong, or with a single report, it is not taken
 */
export async function publish(flags: PublishFlags, rtctlVersion: string, quiet: boolean): Promise<Published> {
  const question = await questionOf(flags, rtctlVersion)
  const once = (): Promise<Published> => published(flags, question)
  if (flags.every === undefined) {
    const answer = await once()
    if (!quiet) await print(lineOf(answer))
    return answer
  }
  const rhythm = {everyMs: flags.every, random: Math.random, sleep: async (ms: number) => sleep(ms)}
  return publishEvery(once, rhythm, async (outcome, nextMs) => {
    if (outcome instanceof UserError) process.stderr.write(`rtctl: ${visible(outcome.message)} ${visible(outcome.next)} Tried again ${inMinutes(nextMs)}.\n`)
    else await print(lineOf(outcome, nextMs))
  })
}

async function questionOf(flags: PublishFlags, rtctlVersion: string): Promise<Omit<PublishQuestion, 'put'>> {
  const {node, namespace} = flags
  if (!isNodeName(node)) throw new UserError(`--node: no node can be named ${node}`, 'Give the name that `kubectl get nodes` shows; in a pod, NODE_NAME from spec.nodeName.')
  const ids = checks.map(({id}) => id)
  const config = await readConfig(flags.config, ids)
  const acceptances = await readAcceptances(flags, config, ids)
  const plan = await readPlan(flags, config)
  const now = (): Date => new Date()
  // A cluster that cannot be named is a mistake of the command line: it is not tried again.
  const {close} = await openPublisher(fleetOptions(flags), namespace)
  close()
  return {
    ...liveSource(flags), rtctlVersion, node, namespace, plan, now,
    accept: (findings) => accept(findings, acceptances, now().toISOString().slice(0, 10)),
  }
}

/** Opened anew each time: the token of a service account is replaced on the way, and a connection does not live for hours. */
async function published(flags: PublishFlags, question: Omit<PublishQuestion, 'put'>): Promise<Published> {
  const publisher = await openPublisher({...fleetOptions(flags), patience: SPREAD_PATIENCE}, flags.namespace)
  try {
    return await publishOnce({...question, put: (name, configMap) => publisher.put(name, configMap)})
  } finally {
    publisher.close()
  }
}

function lineOf({time, node, configMap, bytes, sentence}: Published, nextMs?: number): string {
  const next = nextMs === undefined ? '' : `; next ${inMinutes(nextMs)}`
  return `${time} ${node}: ${visible(sentence)} ConfigMap ${configMap}, ${Math.ceil(bytes / 1024)} KiB${next}\n`
}

function inMinutes(ms: number): string {
  return ms < 120_000 ? `in ${Math.round(ms / 1000)} s` : `in ${Math.round(ms / 60_000)} min`
}
