// SPDX-License-Identifier: Apache-2.0
// Runs one check over a manifest, for tests of what it says.
import {checks} from '../../../../src/checks/index.ts'
import {type CheckResult, runOnObject, runOnText} from '../../../../src/checks/run.ts'
import {podTemplatesOf} from '../../../../src/manifests/pod-templates.ts'
import {parseManifest} from '../../../../src/manifests/read.ts'
import {textDataOf} from '../../../../src/manifests/texts.ts'
import type {Problem, Upgrade} from '../../../../src/model/check.ts'

const upgradeOf = (own: Partial<Upgrade>): Upgrade => ({target: 'containerd', kubernetes: '1.24', oracle: {}, ...own})
const idOf = (id: string) => checks.filter((check) => check.id === id)

/** The problems of one check in a manifest. */
export function problemsIn(id: string, manifest: string, upgrade: Partial<Upgrade> = {}): readonly Problem[] {
  const objects = [...parseManifest(manifest, {kind: 'manifest', file: 'm.yaml'})].flatMap((item) => (item.kind === 'object' ? [item.object] : []))
  return objects.flatMap((object) => runOnObject(idOf(id), object, podTemplatesOf(object), upgradeOf(upgrade)))
    .flatMap(problemsOf)
}

/** The problems of one check in a text. */
export function problemsInText(id: string, name: string, text: string, upgrade: Partial<Upgrade> = {}): readonly Problem[] {
  return runOnText(idOf(id), {name, text, origin: {kind: 'file', file: name}, ...textDataOf(name, text)}, upgradeOf(upgrade))
    .flatMap(problemsOf)
}

/** With the severity of the check where the problem has none of its own. */
function problemsOf({check, outcomes}: CheckResult): readonly Problem[] {
  return outcomes.map((outcome) => {
    if (outcome.state === 'unknown') throw new Error(outcome.reason)
    return {severity: check.severity, ...outcome}
  })
}

/** A pod of one container named main, in flow style. */
export function pod(container: string, volumes: string, more = ''): string {
  return `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {${more}containers: [{name: main, ${container}}], volumes: [${volumes}]}\n`
}
