// SPDX-License-Identifier: Apache-2.0
import type {Location} from '../model/location.ts'
import {shortened} from './shorten.ts'
import type {Style} from './style.ts'
import {visible} from './visible.ts'

/** The answer to `--pid`, one line for each storey it belongs to. */
export function renderLocation(location: Location, style: Style): string {
  const {pid, argv, component, container, shim, daemon, chain, ancestors} = location
  const rows: readonly (readonly [string, string])[] = [
    ['process', `${pid}  ${shortened(argv.join(' '), 120)}`],
    ['is', component ?? ''],
    ['container', container ? `${container.name ?? 'without a known name'}  (${container.id.slice(0, 12)}, first process ${container.pid ?? 'gone'})` : ''],
    ['pod', container?.pod ? `${container.pod.namespace}/${container.pod.name}` : ''],
    ['image', container?.image ?? ''],
    ['OCI runtime', container?.runtime?.name ?? ''],
    ['shim', shim ? `${shim.component}, pid ${shim.pid}` : ''],
    ['daemon', daemon ? `${daemon.component}${daemon.version ? ` ${daemon.version}` : ''}${daemon.pid === undefined ? '' : `, pid ${daemon.pid}`}${daemon.status === 'broken' ? ', not running' : ''}` : ''],
    ['chain', chain ?? 'none: it belongs to no container and is no part of a runtime'],
    ['above it', ancestors.slice(1).map((one) => `${one.comm} (${one.pid})`).join(' ← ')],
  ]
  const lines = rows.filter(([, value]) => value !== '').map(([label, value]) => `${style.dim(label.padEnd(13))}${visible(value)}`)
  return `${lines.join('\n')}\n`
}
