// SPDX-License-Identifier: Apache-2.0
import type {CallLimits} from '../../cri/channel.ts'
import type {CriConnection} from '../../cri/connection.ts'
import type {PodSandboxConfig} from '../../cri/gen/runtime/v1/config.ts'
import type {AuthConfig, PullImageRequest} from '../../cri/gen/runtime/v1/pull.ts'
import {imageFsInfo} from '../../cri/rpcs/image.ts'
import {pullImage} from '../../cri/rpcs/pull.ts'
import {imageNamed} from './image-spec.ts'

/** What to pull, and as whom. */
export interface PullWish {
  /** `NAME:TAG` or `NAME@DIGEST` */
  readonly image: string
  readonly auth?: AuthConfig | undefined
  readonly pod?: PodSandboxConfig | undefined
  readonly annotations?: ReadonlyMap<string, string> | undefined
}

/** The request that a wish makes. */
export function pullRequest({image, auth, pod, annotations}: PullWish): Partial<PullImageRequest> {
  return {image: {...imageNamed(image), annotations: new Map(annotations)}, auth, sandboxConfig: pod}
}

/** The same without secrets, to be shown. */
export function shownPullRequest(wish: PullWish): Partial<PullImageRequest> {
  const {auth} = wish
  const hide = (secret: string) => (secret === '' ? '' : '(hidden)')
  const shown = auth && {
    ...auth, password: hide(auth.password), auth: hide(auth.auth), identityToken: hide(auth.identityToken), registryToken: hide(auth.registryToken),
  }
  return pullRequest({...wish, auth: shown})
}

/**
 * Lets the runtime pull an image.
 *
 * @param limits as long as it takes unless there is one
 * @returns the reference by which the runtime knows it now
 */
export async function pull(image: CriConnection, wish: PullWish, limits: CallLimits): Promise<string> {
  return (await image.call(pullImage, pullRequest(wish), {timeoutMs: undefined, ...limits})).imageRef
}

/** Bytes that the images of a runtime take, their writable layers with them; undefined: it does not tell. */
export async function imageFsUsed(image: CriConnection, timeoutMs: number): Promise<number | undefined> {
  try {
    const {imageFilesystems} = await image.call(imageFsInfo, {}, {timeoutMs})
    return imageFilesystems.reduce((sum, {usedBytes}) => sum + Number(usedBytes?.value ?? 0n), 0)
  } catch {
    return undefined
  }
}
