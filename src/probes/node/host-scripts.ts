// SPDX-License-Identifier: Apache-2.0
import type {Host} from '../../model/host.ts'
import type {HostNodeFacts, HostScript} from '../../model/node/host.ts'
import type {HostText} from '../../model/node-facts.ts'
import {mapObserved} from '../../model/observed.ts'
import {userDataAsShell} from '../parse/cloud-config.ts'
import {type CrontabKind, crontabAsShell} from '../parse/cron.ts'
import {readTexts, type TextPlace} from './host-texts.ts'

interface ScriptPlace extends TextPlace {
  readonly when: HostScript['when']
  readonly format: CrontabKind | 'script' | 'user-data'
}

/** run-parts(8) takes no names with a dot on Debian; elsewhere it does, but for leftovers of editors and packages. */
const JOB = /^[\w.-]*\w$/
const NOT_LEFTOVERS = /^(?!.*(?:~|\.(?:bak|dpkg-\w+|rpm\w+|swp|orig))$)(?!\.)/

const PLACES: readonly ScriptPlace[] = [
  {path: '/etc/crontab', when: 'schedule', format: 'system'},
  {path: '/etc/cron.d', names: /^[\w-]+$/, when: 'schedule', format: 'system'},
  {path: '/etc/anacrontab', when: 'schedule', format: 'anacron'},
  {path: '/var/spool/cron/crontabs', names: NOT_LEFTOVERS, when: 'schedule', format: 'user'},
  {path: '/var/spool/cron', names: /^[\w-]+$/, when: 'schedule', format: 'user'},
  ...['hourly', 'daily', 'weekly', 'monthly'].map((period): ScriptPlace =>
    ({path: `/etc/cron.${period}`, names: JOB, executable: true, when: 'schedule', format: 'script'})),
  {path: '/etc/rc.local', executable: true, when: 'boot', format: 'script'},
  {path: '/etc/rc.d/rc.local', executable: true, when: 'boot', format: 'script'},
  {path: '/var/lib/cloud/scripts/per-boot', names: NOT_LEFTOVERS, executable: true, when: 'boot', format: 'script'},
  {path: '/var/lib/cloud/instance/user-data.txt', when: 'new-node', format: 'user-data'},
  {path: '/etc/cloud/cloud.cfg.d', names: /\.cfg$/, when: 'new-node', format: 'user-data'},
  {path: '/usr/local/sbin', names: NOT_LEFTOVERS, executable: true, when: 'by-hand', format: 'script'},
  {path: '/usr/local/bin', names: NOT_LEFTOVERS, executable: true, when: 'by-hand', format: 'script'},
  {path: '/etc/profile.d', names: /\.sh$/, when: 'login', format: 'script'},
  ...['/etc/profile', '/etc/bash.bashrc', '/etc/bashrc'].map((path): ScriptPlace => ({path, when: 'login', format: 'script'})),
  {path: '/root', names: /^\.(?:bashrc|bash_aliases|bash_profile|profile)$/, when: 'login', format: 'script'},
]

/** Programs and helpers of Docker itself go with it. */
const OF_DOCKER =
  /^\/usr\/local\/s?bin\/(?:docker|docker-(?:compose|machine|init|proxy|buildx|credential-[\w-]+)|dockerd|(?:dockerd|containerd)-rootless[\w.-]*)$/

/** Scripts, jobs and start-up commands that say "docker". */
export async function probeHostScripts(host: Host): Promise<HostNodeFacts['hostScripts']> {
  const read = await readTexts(host, PLACES, (text) => /docker/i.test(text))
  return mapObserved(read, ({texts, unread}) => ({texts: texts.filter(({path}) => !OF_DOCKER.test(path)).map(scriptOf), unread}))
}

function scriptOf({path, text, place: {when, format}}: HostText & {readonly place: ScriptPlace}): HostScript {
  if (format === 'user-data') return {path, when, language: 'shell', text: userDataAsShell(text)}
  if (format !== 'script') return {path, when, language: 'shell', text: crontabAsShell(text, format)}
  return {path, when, language: /^#!(?!.*sh\b)/.test(text) ? 'other' : 'shell', text}
}
