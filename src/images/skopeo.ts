// SPDX-License-Identifier: Apache-2.0
import {UserError} from '../model/user-error.ts'

const FAILED = 1
const POLICY = '/etc/containers/policy.json'

/**
 * What came of a skopeo that failed, for the user. Without a policy it copies nothing, and CRI-O pulls nothing
 * (containers-policy.json(5)): rtctl does not go around it, for it may be what says whose images a node trusts.
 *
 * @param message what skopeo said last, in the frame of its log or not
 */
export function skopeoFailed(what: string, program: string, args: readonly string[], message: string): UserError {
  const words = wordsOf(message)
  const next = /trust policy|policy\.json/.test(words)
    ? `skopeo and CRI-O want ${POLICY}, which says whose images are trusted. Install the package that brings it (containers-common), or have it say {"default":[{"type":"insecureAcceptAnything"}]} to trust all.`
    : `It was run as: ${[program, ...args].join(' ')}`
  return new UserError(`\`${program}\` could not ${what}: ${words}.`, next, FAILED)
}

/** Without `time="…" level=fatal msg="…"`, the frame of logrus, whose quoted text is nearly JSON. */
function wordsOf(message: string): string {
  const [, quoted] = /^time="[^"]*" level=\w+ msg=("(?:[^"\\]|\\.)*")$/.exec(message) ?? []
  if (quoted === undefined) return message
  try {
    return String(JSON.parse(quoted))
  } catch {
    return quoted.slice(1, -1)
  }
}

/** The id of an image as Docker and containerd write it; CRI-O leaves out the `sha256:` (cri-o: internal/storage/image_id.go). */
export function wholeImageId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id
}

/** An image in the storage that skopeo shares with CRI-O, by its id (containers-transports(5)): a name may have gone over to another. */
export function storedImage(id: string): string {
  return `containers-storage:@${id.replace(/^sha256:/, '')}`
}
