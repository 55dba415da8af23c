// SPDX-License-Identifier: Apache-2.0
import type {GeneratedFile, Target, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import type {Edits} from '../lib/edits.ts'
import {existingAt, fileUnlessSame, unreadableRemark} from '../lib/existing.ts'
import {unitLines, type UnitPart, unitValues} from '../lib/unit-file.ts'
import {type Splice, spliced, withoutWords, wordsIn} from '../lib/words.ts'
import {runtimeUnit} from './flag-plan.ts'
import {DROP_IN, UNIT} from './places.ts'

/** Settings that tie a unit to another (systemd.unit(5)). A drop-in adds to them: an empty one does not take them back. */
const TIES: ReadonlySet<string> = new Set(['After', 'Requires', 'Wants', 'BindsTo', 'PartOf', 'Requisite', 'Upholds'])
const RUNTIME_UNITS = ['docker.service', 'docker.socket', 'cri-docker.service', 'cri-docker.socket', 'containerd.service', 'crio.service', 'cri-o.service']

/** Units that the kubelet needs no more. Docker stays below cri-dockerd, and containerd below Docker. */
function unitsOfOthers(target: Target): ReadonlySet<string> {
  const needed: Readonly<Record<Target['name'], readonly string[]>> = {
    containerd: ['containerd.service'],
    'cri-o': ['crio.service', 'cri-o.service'],
    'cri-dockerd': ['cri-docker.service', 'cri-docker.socket', 'docker.service', 'docker.socket', 'containerd.service'],
  }
  return new Set(RUNTIME_UNITS.filter((name) => !needed[target.name].includes(name)))
}

/** Takes the old runtime's units out of what the kubelet is tied to: else it does not start without them, or starts them again. */
export function untie(unit: readonly UnitPart[], target: Target, edits: Edits): void {
  const others = unitsOfOthers(target)
  for (const {path} of unit) {
    const text = edits.text(path)
    const names = new Set<string>()
    const splices = unitLines(text).flatMap((line): readonly Splice[] => {
      if (line.section !== 'Unit' || !TIES.has(line.key)) return []
      const words = wordsIn(text, line.value)
      const gone = new Set(words.filter(({raw}) => others.has(raw)))
      for (const {raw} of gone) names.add(raw)
      if (gone.size > 0 && gone.size === words.length) return [{...line.whole, text: ''}]
      return withoutWords(text, line.value, words, gone)
    })
    edits.change(path, spliced(text, splices), `the kubelet no longer depends on ${[...names].sort().join(' and ')}, and a drop-in cannot take a dependency back`)
  }
}

/**
 * The drop-in that has the runtime started before the kubelet. A node that runs on the target already, without such a drop-in, gets
 * none; neither does one whose unit says it itself.
 */
export function runtimeDropIn(unit: readonly UnitPart[], needs: NodeNeeds, target: Target, files: TargetFiles): {files: readonly GeneratedFile[]; remarks: readonly Remark[]} {
  const existing = existingAt(files, DROP_IN)
  if (existing.state === 'unreadable') return {files: [], remarks: [unreadableRemark(DROP_IN, existing)]}
  const name = runtimeUnit(target)
  if (existing.state === 'absent' && (needs.from.runtime === target.name || isTied(unit, name))) return {files: [], remarks: []}
  const text =
    `# Written by rtctl: the kubelet talks to ${target.name}, which is started before it.\n` +
    `[Unit]\nWants=${name}\nAfter=${name}\n`
  const why = `Has ${name} started before ${UNIT}.`
  return {files: fileUnlessSame(existing, {path: DROP_IN, text, mode: 0o644, why, part: 'kubelet'}), remarks: []}
}

function isTied(unit: readonly UnitPart[], name: string): boolean {
  const names = (...keys: readonly string[]) => keys.flatMap((key) => unitValues(unit, 'Unit', key)).flatMap(({value}) => value.split(/\s+/))
  return names('After').includes(name) && names('Wants', 'Requires', 'BindsTo').includes(name)
}
