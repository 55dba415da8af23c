// SPDX-License-Identifier: Apache-2.0
import type {Generated, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds} from '../../model/migration/needs.ts'
import {type Limit, limitDropIn, proxyDropIn, type RuntimeUnit} from '../lib/drop-ins.ts'
import {joinGenerated, NOTHING} from '../lib/generated.ts'
import {effectiveUnit, unitPaths} from '../lib/unit-file.ts'

const UNIT = 'crio.service'
const DROP_INS: RuntimeUnit = {
  runtime: 'CRI-O', limits: `/etc/systemd/system/${UNIT}.d/20-rtctl-limits.conf`, proxies: `/etc/systemd/system/${UNIT}.d/20-rtctl-proxy.conf`,
}

export const UNITS_WANTED = {files: [...unitPaths(UNIT).files, DROP_INS.limits, DROP_INS.proxies], patterns: unitPaths(UNIT).patterns}

/** Drop-ins of crio.service: proxies for pulling, and the open files that containers inherit. */
export function units(needs: NodeNeeds, files: TargetFiles): Generated {
  if (needs.proxies.length === 0 && needs.daemonOpenFiles === undefined) return NOTHING
  if (!needs.from.systemd) {
    return {...NOTHING, remarks: [{level: 'note', text: 'systemd does not run this node: proxies and limits that Docker had have to be set where CRI-O is started'}]}
  }
  const {parts, remarks} = effectiveUnit(files, UNIT)
  return joinGenerated([{remarks}, limitDropIn(DROP_INS, limitsOf(needs), parts, files), proxyDropIn(DROP_INS, needs.proxies, parts, files)])
}

/** A limit of containers themselves has the last word. */
function limitsOf({daemonOpenFiles, ulimits}: NodeNeeds): readonly Limit[] {
  if (daemonOpenFiles === undefined || Object.hasOwn(ulimits, 'nofile')) return []
  return [{name: 'nofile', ...daemonOpenFiles.value, source: daemonOpenFiles.source}]
}
