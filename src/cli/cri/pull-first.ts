// SPDX-License-Identifier: Apache-2.0
import * as Flags from '@oclif/core/flags'
import {pull} from '../../app/cri/pull.ts'
import type {CriConnection} from '../../cri/connection.ts'
import type {ContainerConfig, PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import {credentialsFor} from './pull-flags.ts'

/** Whether a command that makes a container pulls its image first. */
export const pullOrNot = {
  'no-pull': Flags.boolean({summary: 'Do not pull the image, whatever crictl.yaml says.', exclusive: ['with-pull']}),
  'with-pull': Flags.boolean({summary: 'Pull the image, whatever crictl.yaml says.'}),
}

type PullValues = Parameters<typeof credentialsFor>[1] & {readonly 'pull-timeout'?: number | undefined}

/** Pulls the image of a container, and those that it mounts. */
export async function pullImages(
  image: CriConnection, config: ContainerConfig, pod: PodSandboxConfig, flags: PullValues, signal: AbortSignal, note: (text: string) => void,
): Promise<void> {
  const names = [config.image?.image ?? '', ...config.mounts.map((mount) => mount.image?.image ?? '')].filter((name) => name !== '')
  for (const name of names) {
    note(`rtctl: pulling ${name}`)
    const auth = await credentialsFor(name, flags)
    await pull(image, {image: name, auth, pod, annotations: config.image?.annotations}, {signal, timeoutMs: flags['pull-timeout'] || undefined})
  }
}
