// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import type {NetworkNodeFacts} from '../../model/node/network.ts'
import type {HostText} from '../../model/node-facts.ts'
import {mapObserved, type Observed, ok, valueOf} from '../../model/observed.ts'
import {namesIn} from '../files.ts'
import {lastSysctl, loadsModule} from '../parse/sysctl.ts'

/** Where systemd looks, the first place wins for a name (sysctl.d(5), modules-load.d(5)). */
const PLACES = ['/etc', '/run', '/usr/local/lib', '/usr/lib', '/lib']
const MOST = 300
const BRIDGE_NETFILTER = 'br_netfilter'

/**
 * Whether the host forwards packets, now and after its next start. /etc/sysctl.conf counts only where a link in sysctl.d leads there:
 * systemd does not read it by itself.
 */
export function probeForwarding(host: Host): NetworkNodeFacts['forwarding'] {
  const name = 'net.ipv4.ip_forward'
  const now = host.text('/proc/sys/net/ipv4/ip_forward')
  if (now.state !== 'ok') return now
  return mapObserved(filesOf(host, 'sysctl.d'), (files) => {
    // the same switch under the name it has for all interfaces
    const atBoot = lastSysctl(files, name) ?? lastSysctl(files, 'net.ipv4.conf.all.forwarding') ?? ofUfw(host)
    return {now: now.value.trim(), ...(atBoot && {atBoot})}
  })
}

/** ufw applies its own file when it starts (ufw-framework(8)). */
function ofUfw(host: Host): ReturnType<typeof lastSysctl> {
  if (!/^ENABLED=yes/m.test(valueOf(host.text('/etc/ufw/ufw.conf')) ?? '')) return undefined
  const path = '/etc/ufw/sysctl.conf'
  return lastSysctl([{path, text: valueOf(host.text(path)) ?? ''}], 'net.ipv4.ip_forward')
}

/** The module that shows bridged packets to iptables. */
export function probeBridgeNetfilter(host: Host): NetworkNodeFacts['bridgeNetfilter'] {
  const loaded = host.stat('/proc/sys/net/bridge').state === 'ok' || host.stat(`/sys/module/${BRIDGE_NETFILTER}`).state === 'ok'
  const builtIn = loaded ? isBuiltIn(host) : false
  return mapObserved(filesOf(host, 'modules-load.d'), (files) => {
    const atBoot = loadsModule(files, BRIDGE_NETFILTER)
    return {loaded, ...(builtIn !== undefined && {builtIn}), ...(atBoot !== undefined && {atBoot})}
  })
}

/**
 * Whether what is there is part of the kernel: only a module that was loaded has a state in sysfs, where one that is built in may not
 * even have a folder; and a line in /proc/modules, which does without sysfs. Undefined where neither can be read.
 */
function isBuiltIn(host: Host): boolean | undefined {
  if (host.stat('/sys/module').state === 'ok') return host.stat(`/sys/module/${BRIDGE_NETFILTER}/initstate`).state === 'absent'
  const modules = valueOf(host.text('/proc/modules'))
  return modules === undefined ? undefined : !modules.split('\n').some((line) => line.startsWith(`${BRIDGE_NETFILTER} `))
}

/** The files of one kind in the order they are applied: by name, whatever their folder. A link to /dev/null hides those below it. */
function filesOf(host: Host, folder: string): Observed<readonly HostText[]> {
  const byName = new Map<string, string>()
  for (const place of PLACES) {
    for (const name of namesIn(host, `${place}/${folder}`)) {
      if (name.endsWith('.conf') && !byName.has(name)) byName.set(name, `${place}/${folder}/${name}`)
    }
  }
  const texts: HostText[] = []
  for (const name of [...byName.keys()].sort().slice(0, MOST)) {
    const path = byName.get(name) ?? ''
    if (valueOf(host.target(path)) === '/dev/null') continue
    const text = host.text(path)
    if (text.state === 'unreadable') return text
    if (text.state === 'ok') texts.push({path, text: text.value})
  }
  return ok(texts, `/etc/${folder}`)
}
