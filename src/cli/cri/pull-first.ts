// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {pull, shownPullRequest, type PullWish} from '../../app/cri/pull.ts'
import type {CriConnection} from '../../cri/connection.ts'
import type {ContainerConfig, PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import type {AuthConfig, PullImageRequest} from '../../cri/gen/runtime/v1/pull.ts'
import type {PullValues} from './pull-flags.ts'
import {askedCredentials, shownCredentials} from './pull-flags.ts'
import {showProgress} from './pull-progress.ts'

/** Whether a command that makes a container pulls its image first. */
export const pullOrNot = {
  'no-pull': Flags.boolean({summary: 'Do not pull the image, whatever crictl.yaml says.', exclusive: ['with-pull']}),
  'with-pull': Flags.boolean({summary: 'Pull the image, whatever crictl.yaml says.'}),
}

/** Pulls the image of a container, and those that it mounts. */
export async function pullImages(
  image: CriConnection, config: ContainerConfig, pod: PodSandboxConfig, flags: PullValues, {signal, note}: {readonly signal: AbortSignal; readonly note: (text: string) => void},
): Promise<void> {
  const credentials = await askedCredentials(flags)
  for (const wish of wishes(config, pod, credentials)) {
    note(`rtctl: pulling ${wish.image}`)
    const done = showProgress(image, wish.image)
    await pull(image, wish, {signal, timeoutMs: flags['pull-timeout'] || undefined}).finally(done)
  }
}

/** The requests that these pulls would be, without secrets. */
export async function shownPulls(config: ContainerConfig, pod: PodSandboxConfig, flags: PullValues): Promise<readonly Partial<PullImageRequest>[]> {
  return wishes(config, pod, await shownCredentials(flags)).map(shownPullRequest)
}

function wishes(config: ContainerConfig, pod: PodSandboxConfig, credentials: (image: string) => AuthConfig | undefined): readonly PullWish[] {
  const names = [config.image?.image ?? '', ...config.mounts.map((mount) => mount.image?.image ?? '')].filter((name) => name !== '')
  return names.map((image) => ({image, auth: credentials(image), pod, annotations: config.image?.annotations}))
}
