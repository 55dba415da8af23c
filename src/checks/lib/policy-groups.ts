// SPDX-License-Identifier: Apache-2.0

const POLICY_GROUPS =
  /^(?:(?:policies\.)?kyverno\.io|(?:constraints|templates|mutations)\.gatekeeper\.sh|policies\.kubewarden\.io|admissionregistration\.k8s\.io)\//

/**
 * Whether objects of an apiVersion are admission policies in a language of their own (Kyverno, Gatekeeper, Kubewarden, CEL): a path that
 * they name is what they allow or forbid, not what a pod of theirs mounts.
 */
export function isPolicyGroup(apiVersion: string): boolean {
  return POLICY_GROUPS.test(apiVersion)
}
