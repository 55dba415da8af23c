// SPDX-License-Identifier: Apache-2.0
import type {Generated, Target, TargetFiles, Wanted} from '../../model/migration/config.ts'
import type {NodeNeeds} from '../../model/migration/needs.ts'
import {existingAt, fileUnlessSame, unreadableRemark} from '../lib/existing.ts'
import {NOTHING} from '../lib/generated.ts'
import {readYaml, setYaml} from '../lib/yaml-edit.ts'

const PATH = '/etc/crictl.yaml'
/** Endpoints of crictl (cri-tools docs/crictl.md). */
const KEYS = ['runtime-endpoint', 'image-endpoint'] as const

/** The file of crictl. */
export function wanted(_needs: NodeNeeds, _target: Target): Wanted {
  return {files: [PATH], patterns: []}
}

/** Has crictl ask the new runtime. A node that runs on the target already and has no such file goes on without. */
export function generate(needs: NodeNeeds, target: Target, files: TargetFiles): Generated {
  const existing = existingAt(files, PATH)
  if (existing.state === 'unreadable') return {...NOTHING, remarks: [unreadableRemark(PATH, existing)]}
  if (existing.state === 'absent' && needs.from.runtime === target.name) return NOTHING
  const text = existing.state === 'ok' ? existing.text : ''
  const read = readYaml(text)
  // without an image endpoint crictl takes the other one
  const changes = KEYS.filter((key) => read.ok && read.values.get(key) !== target.endpoint &&
    (key === 'runtime-endpoint' || existing.state === 'absent' || read.values.has(key)))
  const edit = read.ok ? setYaml(text, Object.fromEntries(changes.map((key) => [key, target.endpoint]))) : read
  if (!edit.ok) {
    return {...NOTHING, remarks: [{
      level: 'note', text: `${PATH} is left as it is: ${edit.reason}`,
        next: `Set runtime-endpoint and image-endpoint to ${target.endpoint} there.`, source: PATH,
    }]}
  }
  const now = read.ok ? read.values.get('runtime-endpoint') : undefined
  return {
    ...NOTHING,
    files: fileUnlessSame(existing, {path: PATH, text: edit.text, mode: 0o644, why: 'crictl asks the new runtime.', part: 'client'}),
    rows: [{
      name: 'endpoint of crictl', ...(typeof now === 'string' && {declared: {value: now, source: `${PATH} runtime-endpoint`}}),
      after: {value: target.endpoint, source: `${PATH} runtime-endpoint`},
    }],
  }
}
