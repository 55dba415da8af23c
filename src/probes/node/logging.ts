// SPDX-License-Identifier: Apache-2.0
import type {Facts} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {LogFilesystems, LoggingNodeFacts, LogrotateRule} from '../../model/node/logging.ts'
import {absent, type Observed, ok, unreadable} from '../../model/observed.ts'
import {parseLogrotate} from '../parse/logrotate.ts'
import {mountOf, parseMountinfo} from '../parse/mountinfo.ts'
import {readContainerLogs} from './logging-containers.ts'
import {dockersOf, readDockerLogging} from './logging-docker.ts'
import {readCollectorTexts} from './logging-texts.ts'

const LOGROTATE = ['/etc/logrotate.conf', '/etc/logrotate.d']
const POD_LOGS = ['/var/log/pods', '/var/log']
const MOST_FILES = 200

/** The facts of this topic, see {@link LoggingNodeFacts}. */
export async function probeLogging(host: Host, facts: Facts): Promise<LoggingNodeFacts> {
  return {
    dockerLogging: readDockerLogging(host, facts),
    containerLogs: readContainerLogs(host, facts),
    logrotateRules: readLogrotate(host),
    logFilesystems: readFilesystems(host, facts),
    collectorTexts: readCollectorTexts(host),
  }
}

/** Files that package managers and editors leave behind are skipped by logrotate too (its default `tabooext`). */
function readLogrotate(host: Host): Observed<readonly LogrotateRule[]> {
  const rules: LogrotateRule[] = []
  for (const path of LOGROTATE) {
    const names = path.endsWith('.d') ? host.entries(path) : undefined
    if (names?.state === 'unreadable') return names
    const own = names?.state === 'ok' ? names.value.filter((name) => !/^\.|[,~]$|\.(?:bak|orig|rpm\w+|dpkg-\w+|ucf-\w+|swp|disabled)$/.test(name)) : []
    for (const file of names === undefined ? [path] : own.slice(0, MOST_FILES).map((name) => `${path}/${name}`)) {
      const text = host.text(file)
      if (text.state === 'unreadable') return text
      if (text.state === 'ok') rules.push(...parseLogrotate(text.value, file))
    }
  }
  return rules.length === 0 ? absent('/etc/logrotate.d') : ok(rules, '/etc/logrotate.d')
}

/** By the mounts: what lies on a filesystem of its own, whether anything was written there yet or not. */
function readFilesystems(host: Host, facts: Facts): Observed<LogFilesystems> {
  const root = dockersOf(facts)[0]?.dataRoot.value
  if (root === undefined) return absent('/var/lib/docker')
  const docker = host.stat(`${root}/containers`)
  if (docker.state !== 'ok') return docker
  const read = host.text('/proc/1/mountinfo')
  if (read.state !== 'ok') return read
  const mounts = parseMountinfo(read.value)
  const there = POD_LOGS.map((path) => host.stat(path)).find(({state}) => state === 'ok')
  const [from, to] = [mountOf(mounts, docker.source), mountOf(mounts, there?.source ?? '/var/log')]
  if (from === undefined || to === undefined) return unreadable(read.source, 'malformed', 'no mount for the data of Docker or /var/log')
  return ok({docker: {path: root, device: from.device, mount: from.at}, pods: {path: '/var/log/pods', device: to.device, mount: to.at}}, read.source)
}
