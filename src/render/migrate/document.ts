// SPDX-License-Identifier: Apache-2.0
import type {Plan} from '../../model/migration/plan.ts'
import {jsonText} from '../cri/document.ts'
import {yamlText} from '../cri/yaml.ts'

type KeysOf<T> = T extends readonly (infer Element)[] ? KeysOf<Element>
  : T extends object ? {[Key in keyof T & string]: Key | KeysOf<NonNullable<T[Key]>>}[keyof T & string] : never

/** Every key of a plan, in the order in which each object has them; one left out or made up does not compile. */
const KEYS: Readonly<Record<KeysOf<Plan>, true>> = {
  format: true, node: true, rtctl: true, made: true, fingerprint: true, from: true, target: true, asked: true, keepDocker: true, kubernetes: true,
  runtime: true, versions: true, kubelet: true, docker: true, containerd: true, crio: true, dockerSocket: true, dockerDataRoot: true,
  foreignContainers: true, generatedBy: true, systemd: true, version: true, configVersion: true,
  steps: true, id: true, phase: true, title: true, kind: true, path: true, part: true, mode: true, why: true, action: true,
  interruptions: true, seconds: true, irreversible: true, rows: true, declared: true, effective: true, after: true,
  verdicts: true, setting: true, verdict: true, 'cri-o': true, 'cri-dockerd': true, fate: true,
  remarks: true, level: true, what: true, text: true, before: true, sha256: true, next: true, gaps: true, files: true,
  unit: true, active: true, enabled: true, masked: true, enablement: true, name: true, value: true, source: true, reason: true,
  endpoint: true, to: true, images: true, ids: true, keep: true, restart: true, folders: true, only: true, policy: true, chains: true, link: true, module: true, expect: true, runtimeName: true,
  cgroupDriver: true, sandboxImage: true, networkReady: true, runtimePrefix: true, timeoutSeconds: true, rules: true,
  backup: true, state: true, copy: true, uid: true, gid: true, mtimeMs: true, undo: true,
}

/** The plan with its keys in the documented order. Shape: schemas/plan.schema.json. */
export function planDocument(plan: Plan): unknown {
  // A list of keys tells JSON.stringify which to write and in which order.
  return JSON.parse(JSON.stringify(plan, Object.keys(KEYS)))
}

/** The plan as JSON: what `--plan` reads. Control characters are escaped. */
export function renderPlanJson(plan: Plan): string {
  return jsonText(planDocument(plan))
}

/** The plan as YAML: the data of `-o json` in the same order. */
export function renderPlanYaml(plan: Plan): string {
  return yamlText(planDocument(plan))
}
