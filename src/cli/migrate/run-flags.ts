// SPDX-License-Identifier: Apache-2.0
import {existsSync, readFileSync} from 'node:fs'
import * as Flags from '@oclif/core/flags'
import type {ClientOptions} from '../../cluster/open-cluster.ts'
import {PHASES, type Phase} from '../../model/migration/plan.ts'
import {clusterOptions} from '../preflight/cluster-flags.ts'

/** May read and change its own Node object, and evict its own pods (kubernetes plugin/pkg/auth/authorizer/rbac/bootstrappolicy). */
const KUBELET_CONF = '/etc/kubernetes/kubelet.conf'

/** Flags of what changes the cluster's view of the node. */
export const nodeClusterFlags = {
  kubeconfig: Flags.string({helpValue: 'FILE', summary: `Change the node in its cluster with this kubeconfig; by default that of kubectl, else ${KUBELET_CONF}.`}),
  context: Flags.string({helpValue: 'NAME', summary: 'Use this context of the kubeconfig.'}),
}

/** Flags of how far a migration is carried out. */
export const runFlags = {
  ...nodeClusterFlags,
  phase: Flags.option({options: PHASES, multiple: true, multipleNonGreedy: true, helpValue: 'PHASE', summary: 'Do only this phase now, and pause; may be repeated.'})(),
  'skip-phase': Flags.option({options: PHASES, multiple: true, multipleNonGreedy: true, helpValue: 'PHASE', summary: 'Leave this phase out for good; may be repeated.'})(),
  'pause-before': Flags.option({options: PHASES, helpValue: 'PHASE', summary: 'Pause before this phase; `migrate resume` goes on.'})(),
  'no-drain': Flags.boolean({summary: 'Do not cordon and drain the node; its pods are stopped and started again in place.'}),
  'no-rollback': Flags.boolean({summary: 'Stay where a step fails, instead of going back.'}),
}

export interface NodeClusterFlags {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
}

export interface RunFlags extends NodeClusterFlags {
  readonly phase?: readonly Phase[] | undefined
  readonly 'skip-phase'?: readonly Phase[] | undefined
  readonly 'pause-before'?: Phase | undefined
  readonly 'no-drain'?: boolean | undefined
  readonly 'no-rollback'?: boolean | undefined
}

/** What the flags say of how far to go. */
export function runChoice(flags: RunFlags) {
  return {
    phases: flags.phase, pauseBefore: flags['pause-before'], rollback: flags['no-rollback'] !== true, noDrain: flags['no-drain'] === true,
    skipPhases: flags['skip-phase'] ?? [],
  }
}

/**
 * The cluster that the flags and the environment name; undefined where nothing does.
 *
 * @throws UserError where a file that is named cannot be read
 */
export function nodeCluster(flags: NodeClusterFlags): ClientOptions | undefined {
  const {namespaces: _, serviceAccount: __, ...options} = clusterOptions(flags)
  if (options.kubeconfig.length > 0) return options
  if (!existsSync(KUBELET_CONF)) return undefined
  return {...options, kubeconfig: [{path: KUBELET_CONF, text: readFileSync(KUBELET_CONF, 'utf8')}]}
}
