// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import type {Plan} from '../../app/preflight/run-preflight.ts'
import type {TargetName} from '../../model/check.ts'
import {UserError} from '../../model/user-error.ts'
import {versionNumbers} from '../../model/version.ts'
import {type PreflightConfig, TARGETS} from './config-file.ts'

/** A version as the table of version facts has it: `1.24`, `v1.24.3`, `2.1`. */
const versionFlag = Flags.custom({
  helpValue: 'VERSION',
  async parse(text, _context, {name}) {
    if (versionNumbers(text).length < 2 && name !== 'docker') throw new UserError(`--${name}: "${text}" is no version.`, 'Give one such as 1.24.')
    if (versionNumbers(text).length === 0) throw new UserError(`--${name}: "${text}" is no version.`, 'Give one such as 29.')
    return text.replace(/^v/, '')
  },
})

/** Flags of what is planned. */
export const planFlags = {
  target: Flags.option({options: TARGETS, helpValue: 'RUNTIME', summary: `The container runtime to go to: ${TARGETS.join(', ')}; containerd unless told.`})(),
  kubernetes: versionFlag({
    summary: 'The Kubernetes version to go to.',
    description: 'By default the one after that of the first node, at least 1.24, where dockershim ends.',
  }),
  containerd: versionFlag({summary: 'The containerd version to go to.'}),
  docker: versionFlag({summary: 'The Docker Engine version to go to, where it stays.'}),
  'kubelet-bin': Flags.string({helpValue: 'FILE', summary: 'The kubelet to come: it is asked for its flags, instead of a table.'}),
  'containerd-bin': Flags.string({helpValue: 'FILE', summary: 'The containerd to come: it is asked for its version, instead of a table.'}),
}

export interface PlanFlags {
  readonly target?: TargetName | undefined
  readonly kubernetes?: string | undefined
  readonly containerd?: string | undefined
  readonly docker?: string | undefined
  readonly 'kubelet-bin'?: string | undefined
  readonly 'containerd-bin'?: string | undefined
}

/**
 * What is planned: flags first, then the configuration, then containerd. Programs that are named are run, to be asked about themselves.
 *
 * @throws UserError where one is not what it is named as
 */
export async function readPlan(flags: PlanFlags, config: PreflightConfig): Promise<Plan> {
  const {askOracle} = await import('../../app/preflight/oracle.ts')
  const {'kubelet-bin': kubeletBin, 'containerd-bin': containerdBin} = flags
  const oracle = await askOracle({...(kubeletBin !== undefined && {kubeletBin}), ...(containerdBin !== undefined && {containerdBin})})
  const kubernetes = flags.kubernetes ?? config.kubernetes
  const containerd = flags.containerd ?? config.containerd ?? oracle.containerd?.version
  const docker = flags.docker ?? config.docker
  return {
    target: flags.target ?? config.target ?? 'containerd', oracle,
    ...(kubernetes !== undefined && {kubernetes}), ...(containerd !== undefined && {containerd}), ...(docker !== undefined && {docker}),
  }
}
