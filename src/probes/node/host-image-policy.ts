// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {HostNodeFacts} from '../../model/node/host.ts'
import {absent, ok, valueOf} from '../../model/observed.ts'

/** `/usr/share` is read by the container libraries from 2026 on; root's own comes before the system's (containers-policy.json(5)). */
const PLACES = ['/root/.config/containers/policy.json', '/etc/containers/policy.json', '/usr/share/containers/policy.json']

/** Which policy of image signatures CRI-O reads; see {@link HostNodeFacts}. Nothing is looked for on a host without CRI-O. */
export function probeImagePolicy(host: Host, facts: Facts): HostNodeFacts['imagePolicy'] {
  const crio = facts.crios.find(({pid}) => pid === undefined || facts.processes.inside[pid] === undefined)
  if (crio === undefined) return absent('/etc/containers/policy.json')
  let told: string | undefined
  for (const file of crio.files) {
    const text = host.text(file)
    if (text.state === 'unreadable') return text
    told = /^[ \t]*signature_policy[ \t]*=[ \t]*"([^"\n]*)"/m.exec(valueOf(text) ?? '')?.[1] ?? told
  }
  const places = told === undefined || told === '' ? PLACES : [told]
  for (const path of places) {
    const file = host.stat(path)
    if (file.state === 'unreadable') return file
    if (file.state === 'ok') return ok({path, exists: true}, path)
  }
  const missing = told === undefined || told === '' ? '/etc/containers/policy.json' : told
  return ok({path: missing, exists: false}, missing)
}
