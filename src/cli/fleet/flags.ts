// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {ClientOptions} from '../../cluster/open-cluster.ts'
import {UserError} from '../../model/user-error.ts'
import {clusterOptions} from '../preflight/cluster-flags.ts'

/** Where deploy/ puts everything. */
const NAMESPACE = 'rtctl'

/** Flags of a cluster, and of the namespace that the reports of its nodes are in. */
export const fleetFlags = {
  kubeconfig: Flags.string({helpValue: 'FILE', summary: 'Use this kubeconfig; by default that of kubectl, or in a pod its service account.'}),
  context: Flags.string({helpValue: 'NAME', summary: 'Use this context of the kubeconfig.'}),
  namespace: Flags.string({char: 'n', helpValue: 'NAME', default: NAMESPACE, env: 'POD_NAMESPACE', summary: 'The namespace of the reports.'}),
}

export interface FleetFlags {
  readonly kubeconfig?: string | undefined
  readonly context?: string | undefined
  readonly namespace: string
}

/**
 * The cluster that the flags name.
 *
 * @throws UserError where there is none, or no namespace can have that name
 */
export function fleetOptions({kubeconfig, context, namespace}: FleetFlags): ClientOptions {
  const {namespaces: _, ...options} = clusterOptions({kubeconfig, context, namespace: [namespace]})
  return options
}

/** `6h`, in milliseconds. What reads durations is loaded when there is one. */
export const longDuration = Flags.custom<number, {readonly least: number}>({
  helpValue: 'DURATION',
  async parse(text, _context, {name, least}) {
    const {parseDuration} = await import('../cri/duration.ts')
    const ms = parseDuration(text)
    // A timer of Node.js holds no more: 24 days.
    if (ms === undefined || ms < least || ms > 2 ** 31 - 1) {
      throw new UserError(`--${name}: "${text}" is no duration that can be used here.`, `Give one of at least ${least / 1000} s and at most 596h, such as 30m or 6h.`)
    }
    return ms
  },
})
