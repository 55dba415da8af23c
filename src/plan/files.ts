// SPDX-License-Identifier: Apache-2.0
import {hash} from 'node:crypto'
import type {GeneratedFile, TargetFiles} from '../model/migration/config.ts'
import type {FileChange, Phase, PlannedStep} from '../model/migration/plan.ts'
import {slug} from './words.ts'

/** The files of a plan: as they are to be, and as they are. One that could not be read is not written: nobody knows what is there. */
export function fileChanges(generated: readonly GeneratedFile[], {files}: TargetFiles): readonly FileChange[] {
  return generated.flatMap((file) => {
    const before = Object.hasOwn(files, file.path) ? files[file.path] : undefined
    if (before?.state === 'unreadable') return []
    return [before?.state === 'ok' ? {...file, before: before.value.text} : file]
  })
}

/** Steps that write the files of one part, and have systemd read its units again where one of them is a unit. */
export function writeSteps(changes: readonly FileChange[], parts: readonly FileChange['part'][], phase: Phase): readonly PlannedStep[] {
  const own = changes.filter(({part}) => parts.includes(part))
  const units = own.some(({path}) => path.includes('/systemd/system/'))
  return [...own.map((change) => writeStep(change, phase)), ...(units ? [reload(phase)] : [])]
}

function writeStep({path, text, mode, before, why}: FileChange, phase: Phase): PlannedStep {
  const verb = text === undefined ? 'Remove' : before === undefined ? 'Write' : 'Change'
  return {
    id: `${text === undefined ? 'remove' : 'write'}-${slug(path)}`, phase, title: `${verb} ${path}`, why,
    action: {
      kind: 'write-file', path, ...(text !== undefined && {text}), mode,
      before: before === undefined ? 'absent' : {sha256: hash('sha256', before)},
    },
    undo: before === undefined ? 'removes it' : 'puts the old one back, byte for byte',
  }
}

function reload(phase: Phase): PlannedStep {
  return {
    id: `reload-units-${phase}`, phase, title: 'Have systemd read its units again', why: 'A unit or one of its drop-ins has changed.',
    action: {kind: 'reload-units'}, undo: 'reads them again, once the files are back',
  }
}
