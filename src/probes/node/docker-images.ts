// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import type {UnpushedImage} from '../../model/node/docker.ts'
import {absent, mapObserved, type Observed, ok, valueOf} from '../../model/observed.ts'
import {parseJsonTable, tableOf, valueAt} from '../parse/untrusted.ts'

const MOST = 500

/**
 * Images that no registry is known to have: Docker notes the digest under which it pulled or pushed an image beside its tags
 * (moby, reference/store.go), and these have none. Read from `DATA-ROOT/image/<storage driver>/repositories.json`.
 */
export function readUnpushedImages(host: Host, dataRoot: string): Observed<readonly UnpushedImage[]> {
  const folder = `${dataRoot}/image`
  const drivers = host.entries(folder)
  if (drivers.state !== 'ok') return drivers
  const found: UnpushedImage[] = []
  for (const driver of drivers.value) {
    const table = mapObserved(host.text(`${folder}/${driver}/repositories.json`), parseJsonTable)
    if (table.state === 'unreadable') return table
    found.push(...withoutDigest(valueAt(valueOf(table), 'Repositories')))
  }
  return found.length === 0 ? absent(folder) : ok(found.slice(0, MOST), folder)
}

function withoutDigest(repositories: unknown): readonly UnpushedImage[] {
  const names = new Map<string, string[]>()
  const known = new Set<string>()
  for (const repository of Object.values(tableOf(repositories) ?? {})) {
    for (const [reference, id] of Object.entries(tableOf(repository) ?? {})) {
      if (typeof id !== 'string') continue
      if (reference.includes('@')) known.add(id)
      else names.set(id, [...(names.get(id) ?? []), reference])
    }
  }
  return [...names].filter(([id]) => !known.has(id)).map(([id, those]) => ({id, names: those}))
}
