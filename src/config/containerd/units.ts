// SPDX-License-Identifier: Apache-2.0
import type {Generated, TargetFiles} from '../../model/migration/config.ts'
import type {NodeNeeds} from '../../model/migration/needs.ts'
import {type Limit, limitDropIn, proxyDropIn, type RuntimeUnit} from '../lib/drop-ins.ts'
import {joinGenerated} from '../lib/generated.ts'
import {effectiveUnit} from '../lib/unit-file.ts'
import {limitsOf, unitLimitsDo} from './base-spec.ts'

export const UNIT = 'containerd.service'
export const LIMITS_DROP_IN = `/etc/systemd/system/${UNIT}.d/20-rtctl-limits.conf`
export const PROXY_DROP_IN = `/etc/systemd/system/${UNIT}.d/http-proxy.conf`

const DROP_INS: RuntimeUnit = {runtime: 'containerd', limits: LIMITS_DROP_IN, proxies: PROXY_DROP_IN}

/** Drop-ins of containerd.service: proxies, and the limits that containers inherit. */
export function unitFiles(needs: NodeNeeds, files: TargetFiles): Generated {
  const limits = unitLimits(needs)
  const isNeeded = needs.proxies.length > 0 || limits.length > 0
  if (!isNeeded) return {files: [], rows: [], remarks: []}
  if (!needs.from.systemd) {
    const text = 'systemd does not run this node: proxies and limits that Docker had have to be set where containerd is started'
    return {files: [], rows: [], remarks: [{
      level: 'note', text,
      next: `Set ${[...needs.proxies.map(({name}) => name), ...limits.map(({name}) => name)].join(', ')} there.`,
    }]}
  }
  const {parts, remarks} = effectiveUnit(files, UNIT)
  return joinGenerated([{remarks}, limitDropIn(DROP_INS, limits, parts, files), proxyDropIn(DROP_INS, needs.proxies, parts, files)])
}

/** What the unit has to say: limits of containers where that does the same, and the open files that Docker's unit allowed. */
function unitLimits(needs: NodeNeeds): readonly Limit[] {
  const {limits} = limitsOf(needs)
  const own = unitLimitsDo(limits) ? limits : []
  const files = needs.daemonOpenFiles
  if (files === undefined || isItsOwn(needs, files.source) || limits.some(({name}) => name === 'nofile')) return own
  return [...own, {name: 'nofile', soft: files.value.soft, hard: files.value.hard, source: files.source}]
}

/** The unit that starts the containers now is the one that starts them afterwards, and gives them what it gave them. */
function isItsOwn({from}: NodeNeeds, source: string): boolean {
  return from.runtime === 'containerd' || /\/containerd\.service(?:$|:|\.d\/)/.test(source)
}
