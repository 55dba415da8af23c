// SPDX-License-Identifier: Apache-2.0
import type {HostSource, PreflightQuestion} from '../../app/preflight/run-preflight.ts'
import {watchClients} from '../../app/preflight/watch-clients.ts'
import {expectCluster} from '../../app/long-lists.ts'
import {accept} from '../../checks/accept.ts'
import {interruptible} from '../interrupt.ts'
import type {LiveHostFlags} from '../host-flags.ts'
import {progressOn} from '../progress.ts'
import {type AcceptFlags, readAcceptances} from './accept-flags.ts'
import {type ClusterFlags, clusterOptions} from './cluster-flags.ts'
import {type PreflightConfig, readConfig} from './config-file.ts'
import {type PlanFlags, readPlan} from './plan-flags.ts'
import {liveSource, snapshotSources} from './sources.ts'

export interface QuestionFlags extends LiveHostFlags, ClusterFlags, PlanFlags, AcceptFlags {
  readonly from?: readonly string[] | undefined
  readonly cluster?: boolean | undefined
  /** milliseconds */
  readonly watch?: number | undefined
  readonly config?: string | undefined
}

/**
 * What the command line and `.rtctl.yaml` ask for together. A command line that names nothing means the paths of the configuration,
 * and where it has none, this host.
 *
 * @param ids of all checks
 * @throws UserError where something that is named cannot be used
 */
export async function readQuestion(
  flags: QuestionFlags, inputs: readonly string[], ids: readonly string[],
): Promise<Omit<PreflightQuestion, 'rtctlVersion' | 'progress'> & {readonly config: PreflightConfig}> {
  const config = await readConfig(flags.config, ids)
  const acceptances = await readAcceptances(flags, config, ids)
  const plan = await readPlan(flags, config)
  const told = inputs.length > 0 || flags.from !== undefined || flags.cluster === true || flags.root !== undefined || flags.watch !== undefined
  const paths = told ? inputs : config.paths
  const cluster = flags.cluster ? await openCluster(flags) : undefined
  const looksAtHost = flags.root !== undefined || flags.watch !== undefined || (!told && paths.length === 0)
  return {
    config, plan,
    hosts: [...(looksAtHost ? [await live(flags)] : []), ...snapshotSources(flags.from ?? [], flags.timeout)],
    items: [...(paths.length > 0 ? [(await import('../../manifests/read.ts')).readManifests(paths)] : []), ...(cluster ? [cluster.read()] : [])],
    ...(cluster && {cluster: cluster.about}),
    // The one thing of a report that depends on the day: whether a waiver still holds.
    accept: (findings) => accept(findings, acceptances, new Date().toISOString().slice(0, 10)),
  }
}

async function openCluster(flags: ClusterFlags) {
  const {openCluster: open} = await import('../../cluster/open-cluster.ts')
  expectCluster()
  return open(clusterOptions(flags))
}

async function live(flags: QuestionFlags): Promise<HostSource> {
  const source = liveSource(flags)
  if (flags.watch === undefined) return source
  const progress = progressOn(process.stderr)
  const {watch} = flags
  const watched = await interruptible((signal) => watchClients(source.open, watch, (seen, left) => {
    progress.say(`watching ${source.source}: ${seen} clients seen, ${Math.ceil(left / 1000)} s left`)
  }, signal)).finally(() => progress.end())
  return {...source, watched}
}
