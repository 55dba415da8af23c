// SPDX-License-Identifier: Apache-2.0
import type {NodeNeeds, Remark} from '../../model/migration/needs.ts'
import {CannotEditToml, openToml, type TomlDocument} from '../toml/document.ts'
import {isTomlTable, sameToml, shownToml, tomlAt} from '../toml/value.ts'
import {writeKeys} from '../toml/write.ts'
import {CONFIG_FILE, CRI, isKnownToBe, type Reader, versionIn} from './layout.ts'
import {disablesCri, migrateContainerd} from './migrate.ts'
import {wishesOf} from './settings.ts'

/** A file that config.toml imports; without a text where it could not be read. */
export interface ImportedFile {
  readonly path: string
  readonly text: string | undefined
}

/** What imported files do to the settings that a node needs: they are read later, and what they say wins. */
export function importRemarks(main: TomlDocument, needs: NodeNeeds, reader: Reader, imports: readonly ImportedFile[]): readonly Remark[] {
  return imports.flatMap(({path, text}): readonly Remark[] => {
    if (text === undefined) {
      return [{
        level: 'note', text: `${CONFIG_FILE} imports ${path}, which was not looked at: what it says wins over what rtctl writes`,
        next: 'Compare `containerd config dump` with the settings of this plan.', source: CONFIG_FILE,
      }]
    }
    try {
      return remarksOf(main, openToml(text), path, needs, reader)
    } catch (error) {
      if (!(error instanceof CannotEditToml)) throw error
      return [{
        level: 'blocker', text: `${path}, which ${CONFIG_FILE} imports, cannot be read: ${error.message}`,
        next: 'Mend it or take it away: containerd does not start with it.', source: path,
      }]
    }
  })
}

function remarksOf(main: TomlDocument, imported: TomlDocument, path: string, needs: NodeNeeds, reader: Reader): readonly Remark[] {
  const remarks: Remark[] = []
  const version = versionIn(imported.value['version'])
  if (version > reader.configVersion) {
    return [{
      level: 'blocker',
      text: `${path} is of version ${version}, later than ${CONFIG_FILE}, which imports it: containerd does not start with it`,
      next: `Write it in version ${reader.configVersion}.`, source: path,
    }]
  }
  const {document} = migrateContainerd(imported, reader)
  if (disablesCri(document).length > 0) {
    remarks.push({
      level: 'blocker',
      text: `${path}, which ${CONFIG_FILE} imports, disables CRI: lists of imports are added to those of the main file`,
      next: `Take ${disablesCri(imported).join(', ')} out of its disabled_plugins.`, source: path,
    })
  }
  remarks.push(...overridden(main, document, path, needs, reader))
  if (!isKnownToBe(reader, '2.0') && isTomlTable(tomlAt(document.value, ['plugins', CRI]))) {
    remarks.push({
      level: 'blocker', text: `${path} has a table of the CRI plugin: containerd 1.x takes it in place of the whole one of ${CONFIG_FILE}`,
      next: `Move what it says into ${CONFIG_FILE}, and take the table away.`, source: path,
    })
  }
  return remarks
}

/** Settings that the node needs, and the import has otherwise. */
function overridden(main: TomlDocument, imported: TomlDocument, path: string, needs: NodeNeeds, reader: Reader): readonly Remark[] {
  const wishes = wishesOf(needs, reader, main.value).wishes
  return wishes.flatMap(({name, path: key}): readonly Remark[] => {
    const [ours, theirs] = [tomlAt(main.value, key), tomlAt(imported.value, key)]
    if (ours === undefined || theirs === undefined || theirs === '' || sameToml(ours, theirs)) return []
    return [{
      level: name.startsWith('cgroup driver') || name === 'sandbox image' ? 'blocker' : 'note',
      text: `${path}, which ${CONFIG_FILE} imports, has ${writeKeys(key, '"')} = ${shownToml(theirs)}: that wins over ${shownToml(ours)} of ${CONFIG_FILE}`,
      next: `Take it out of ${path}, or plan with what it says.`, source: path,
    }]
  })
}
