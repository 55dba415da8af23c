// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import type {HostText} from '../../model/node-facts.ts'
import {absent, type Observed, ok, valueOf} from '../../model/observed.ts'

/**
 * Where log collectors have their configuration when they run on the host: a file, or a folder with the endings that count. Folders are
 * read one level deep, or as deep as a star in them says. From the packages and the documentation of each.
 */
const PLACES: readonly (readonly [path: string, endings?: RegExp])[] = [
  ['/etc/fluent-bit', /\.(?:conf|ya?ml)$/], ['/etc/fluent-bit/conf.d', /\.(?:conf|ya?ml)$/], ['/etc/td-agent-bit', /\.(?:conf|ya?ml)$/],
  ['/etc/calyptia-fluent-bit', /\.(?:conf|ya?ml)$/],
  ['/etc/td-agent', /\.(?:conf|ya?ml)$/], ['/etc/td-agent/conf.d', /\.(?:conf|ya?ml)$/], ['/etc/td-agent/config.d', /\.(?:conf|ya?ml)$/],
  ['/etc/fluent', /\.(?:conf|ya?ml)$/], ['/etc/fluent/conf.d', /\.(?:conf|ya?ml)$/], ['/etc/google-fluentd', /\.conf$/], ['/etc/google-fluentd/config.d', /\.conf$/],
  ['/etc/filebeat', /\.yml$/], ['/etc/filebeat/inputs.d', /\.yml$/], ['/etc/filebeat/conf.d', /\.yml$/], ['/etc/metricbeat/modules.d', /^docker\.yml$/],
  ['/etc/promtail', /\.ya?ml$/], ['/etc/promtail.yaml'], ['/etc/promtail.yml'], ['/etc/grafana-agent.yaml'], ['/etc/grafana-agent.river'],
  ['/etc/alloy', /\.alloy$/], ['/etc/vector', /\.(?:toml|ya?ml|json)$/], ['/etc/vector/sources', /\.(?:toml|ya?ml|json)$/],
  ['/etc/telegraf', /\.conf$/], ['/etc/telegraf/telegraf.d', /\.conf$/],
  ['/etc/rsyslog.conf'], ['/etc/rsyslog.d', /\.conf$/], ['/etc/syslog-ng', /\.conf$/], ['/etc/syslog-ng/conf.d', /\.conf$/],
  ['/etc/logstash/conf.d', /\.conf$/], ['/opt/splunkforwarder/etc/system/local', /^inputs\.conf$/], ['/opt/splunk/etc/system/local', /^inputs\.conf$/],
  ['/opt/splunkforwarder/etc/apps/*/local', /^inputs\.conf$/], ['/opt/splunkforwarder/etc/apps/*/default', /^inputs\.conf$/],
  ['/usr/local/ilogtail', /\.(?:json|ya?ml)$/], ['/usr/local/ilogtail/config/local', /\.(?:json|ya?ml)$/],
  ['/usr/local/loongcollector/conf/continuous_pipeline_config/local', /\.(?:json|ya?ml)$/],
  ['/etc/datadog-agent/conf.d/*.d', /^conf\.ya?ml$/],
  ['/opt/aws/amazon-cloudwatch-agent/etc', /\.(?:json|ya?ml)$/], ['/opt/aws/amazon-cloudwatch-agent/etc/amazon-cloudwatch-agent.d', /./],
  ['/etc/awslogs', /\.conf$/], ['/opt/SumoCollector/config', /\.json$/], ['/etc/otelcol', /\.ya?ml$/], ['/etc/otelcol-contrib', /\.ya?ml$/],
  ['/etc/otel/collector', /\.ya?ml$/], ['/etc/sumologic-otelcol', /\.ya?ml$/],
]
const MOST_FILES = 300
/** A configuration that people write is smaller. */
const MOST_CHARACTERS = 1024 * 1024

/**
 * The configuration of log collectors that run on the host. A folder or file that this user may not read makes all unreadable; one that
 * is very large, or no text, is left out.
 */
export function readCollectorTexts(host: Host): Observed<readonly HostText[]> {
  const found: HostText[] = []
  for (const [place, endings] of PLACES) {
    const files = filesAt(host, place, endings)
    if (files.state === 'unreadable') return files
    for (const path of valueOf(files) ?? []) {
      const text = host.text(path)
      if (isForbidden(text)) return text
      if (text.state === 'ok' && text.value.length <= MOST_CHARACTERS && found.length < MOST_FILES) found.push({path, text: text.value})
    }
  }
  return found.length === 0 ? absent('/etc') : ok(found, found[0]?.path ?? '/etc')
}

function isForbidden(observed: Observed<unknown>): observed is Extract<Observed<never>, {state: 'unreadable'}> {
  return observed.state === 'unreadable' && (observed.reason === 'EACCES' || observed.reason === 'not-captured')
}

function filesAt(host: Host, place: string, endings: RegExp | undefined): Observed<readonly string[]> {
  if (endings === undefined) return ok([place], place)
  const folders = foldersAt(host, place)
  if (folders.state !== 'ok') return folders
  const files: string[] = []
  for (const folder of folders.value) {
    const names = host.entries(folder)
    if (isForbidden(names)) return names
    for (const name of (valueOf(names) ?? []).slice(0, MOST_FILES)) if (endings.test(name)) files.push(`${folder}/${name}`)
  }
  return ok(files, place)
}

/** One `*` for a whole name, or for what is before an ending. */
function foldersAt(host: Host, place: string): Observed<readonly string[]> {
  const [before, after] = place.split('*')
  if (before === undefined || after === undefined) return ok([place], place)
  const [ending = '', ...below] = after.split('/')
  const names = host.entries(before.slice(0, -1))
  if (isForbidden(names)) return names
  const folders = (valueOf(names) ?? []).filter((name) => name.endsWith(ending)).slice(0, MOST_FILES)
  return ok(folders.map((name) => [before + name, ...below].join('/')), place)
}
