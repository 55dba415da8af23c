// SPDX-License-Identifier: Apache-2.0
import type {Outcome, TargetName, Upgrade} from '../../model/check.ts'
import type {ContainerdFacts, Facts, Setting} from '../../model/facts.ts'
import {type Observed, valueOf} from '../../model/observed.ts'
import {compareVersions} from '../../model/version.ts'
import {nodeCheck, problem, unreadableOf} from '../lib/define.ts'
import {ofHost} from '../lib/units.ts'

/** Soft limit; null is none. */
type Limit = number | null

/** What systemd gives to a unit that says nothing (240 and later; DefaultLimitNOFILE of systemd-system.conf(5)). */
const DEFAULT_OPEN_FILES = 1024
const UNITS: Readonly<Record<'containerd' | 'cri-o', string>> = {containerd: 'containerd.service', 'cri-o': 'crio.service'}
/** From here on an application may have counted on it. */
const MANY_FILES = 65_536

/** The containerd that starts Docker's containers: what they inherit their limits from (runc changes only what it is told to). */
function parentOf(facts: Facts): {readonly pid: number; readonly containerd?: ContainerdFacts} | undefined {
  const docker = ofHost(facts, facts.dockers).find(({pid}) => pid !== undefined)
  if (docker?.pid === undefined) return undefined
  const address = docker.containerdAddress?.value.replace(/^\/var\/run\//, '/run/')
  const running = ofHost(facts, facts.containerds).filter(({pid}) => pid !== undefined)
  const own = running.find((one) => one.address.value.replace(/^\/var\/run\//, '/run/') === address) ?? (running.length === 1 ? running[0] : undefined)
  return {pid: own?.pid ?? docker.pid, ...(own && {containerd: own})}
}

/** `1024:524288` → 1024, `infinity` → null; undefined for what is not understood. */
function softOf(value: string): Limit | undefined {
  const soft = value.split(':')[0] ?? ''
  if (soft === 'infinity') return null
  return /^\d{1,10}$/.test(soft) ? Number(soft) : undefined
}

/** Package files are replaced when the package is; containerd's own has set no limit of open files since 2.0 (containerd, docs/containerd-2.0.md). */
function isReplaced({source}: Setting, upgrade: Upgrade, current: string | undefined): boolean {
  const packaged = /^\/(?:usr\/)?lib\/systemd\//.test(source)
  return packaged && upgrade.target === 'containerd' && upgrade.containerd !== undefined && compareVersions(upgrade.containerd, '2.0') >= 0
    && current !== undefined && compareVersions(current, '2.0') < 0
}

interface Next {
  readonly limit: Limit
  readonly proof: {readonly source: string; readonly text: string}
}

/** What the daemon to come will start with; undefined where its unit is not here yet. */
function nextOpenFiles(facts: Facts, upgrade: Upgrade, defaults: Readonly<Record<string, Setting>>, current: string | undefined): Next | undefined {
  const unit = facts.units.find(({name}) => name === UNITS[upgrade.target as 'containerd' | 'cri-o'])
  if (unit === undefined || unit.masked) return undefined
  const setting = unit.settings['Service.LimitNOFILE']?.at(-1)
  const replaced = setting !== undefined && isReplaced(setting, upgrade, current)
  if (setting !== undefined && !replaced) {
    const limit = softOf(setting.value)
    return limit === undefined ? undefined : {limit, proof: {source: setting.source, text: `LimitNOFILE=${setting.value}`}}
  }
  const byDefault = defaults['Manager.DefaultLimitNOFILE']
  const limit = byDefault === undefined ? DEFAULT_OPEN_FILES : softOf(byDefault.value)
  if (limit === undefined) return undefined
  const text = replaced ? `LimitNOFILE=${setting.value}, which the unit of containerd ${upgrade.containerd} no longer has` : 'no LimitNOFILE'
  return {limit, proof: {source: setting?.source ?? unit.files[0] ?? unit.name, text}}
}

function lower(next: Limit, now: Limit): boolean {
  return next !== null && (now === null || next < now)
}

const words = (limit: Limit) => (limit === null ? 'unlimited' : String(limit))
const fixOf = (key: string, value: string) => ({
  containerd: `\`systemctl edit containerd.service\` with \`[Service]\` and \`${key}=${value}\`, or set the limit in a \`base_runtime_spec\`.`,
  'cri-o': `\`systemctl edit crio.service\` with \`[Service]\` and \`${key}=${value}\`, or set \`default_ulimits\` of crio.conf.`,
  'cri-dockerd': 'Nothing: Docker stays.',
})

function versionOf(facts: Facts, pid: number): string | undefined {
  const told = facts.dockers.flatMap(({api}) => valueOf(api)?.components['containerd'] ?? [])[0]
  return told ?? valueOf(facts.programs[`pid ${pid}`])
}

const leavesDocker = ({target}: {readonly target: TargetName}) => target !== 'cri-dockerd'

const LIMITS = (files: string) => `Limit                     Soft Limit           Hard Limit           Units     \nMax core file size        unlimited            unlimited            bytes     \nMax open files            ${files}              ${files}              files     \n`
const UNIT = (line: string) => `[Service]\nExecStart=/usr/bin/containerd\n${line}\n`
const DAEMONS = (files: string) => ({
  640: {argv: ['/usr/bin/containerd'], files: {limits: LIMITS(files)}},
  650: {argv: ['/usr/bin/dockerd', '--containerd=/run/containerd/containerd.sock']},
})

export const checks = [
  nodeCheck({
    id: 'lower-open-files-limit',
    title: {pass: 'Containers may open as many files as with Docker', fail: 'Containers may open fewer files than with Docker'},
    why:
      'Containers inherit the limit of open files from the daemon that starts them. Units of containerd since 2.0 set none, so that ' +
      'systemd gives 1024: databases, proxies and JVMs that ran with a million fail under load with "too many open files".',
    severity: 'medium',
    fix: fixOf('LimitNOFILE', '1048576'),
    learnMore: 'https://github.com/moby/moby/issues/51485',
    unproven:
      'Whether an application needs more than the new limit is not known; one that raises its soft limit ' +
      'itself (Go programs do) does not notice.',
    applies: leavesDocker,
    needs: ['systemdDefaults'],
    run({systemdDefaults = {}}, {facts, upgrade}): readonly Outcome[] {
      const parent = parentOf(facts)
      if (parent === undefined) return []
      const docker = ofHost(facts, facts.dockers).find(({pid}) => pid !== undefined)
      // What dockerd sets itself is a key of daemon.json, and looked at with the others.
      if (Object.hasOwn(valueOf(docker?.config) ?? {}, 'default-ulimits')) return []
      const limits: Observed<{readonly openFiles: number | null}> | undefined = facts.processes.details[parent.pid]?.limits
      if (limits === undefined) return []
      if (limits.state !== 'ok') return unreadableOf(limits)
      const now = limits.value.openFiles
      const next = nextOpenFiles(facts, upgrade, systemdDefaults, versionOf(facts, parent.pid))
      if (next === undefined || !lower(next.limit, now) || (now !== null && now < MANY_FILES) || (next.limit ?? 0) >= MANY_FILES) return []
      return [problem('nofile', `Containers of Docker may open ${words(now)} files, those of ${upgrade.target} will start with ${words(next.limit)}.`, {
        evidence: [next.proof, {source: `/proc/${parent.pid}/limits`, text: `Max open files ${words(now)}`}],
      })]
    },
    examples: {
      fail: [
        {processes: DAEMONS('1048576'), files: {'/usr/lib/systemd/system/containerd.service': UNIT('')}},
        {
          processes: DAEMONS('1048576'), files: {'/usr/lib/systemd/system/containerd.service': UNIT('LimitNOFILE=infinity'), '/run/docker.sock': {socket: true}},
          answers: {'docker /run/docker.sock': {version: {Version: '24.0.7', ApiVersion: '1.43', Components: [{Name: 'containerd', Version: '1.7.24'}]}, info: {}}},
          upgrade: {containerd: '2.1'},
        },
      ],
      pass: [
        {processes: DAEMONS('1048576'), files: {'/usr/lib/systemd/system/containerd.service': UNIT('LimitNOFILE=infinity')}},
        {processes: DAEMONS('1024'), files: {'/usr/lib/systemd/system/containerd.service': UNIT('')}},
        {
          processes: DAEMONS('1048576'),
          files: {
            '/usr/lib/systemd/system/containerd.service': UNIT(''),
            '/etc/systemd/system/containerd.service.d/limit.conf': '[Service]\nLimitNOFILE=1048576\n',
          },
        },
      ],
    },
  }),
  nodeCheck({
    id: 'lower-core-dump-limit',
    title: {pass: 'Containers may dump core as with Docker', fail: 'Containers may not dump core as with Docker'},
    why:
      'Containers inherit the limit of core dumps from the daemon that starts them. With a lower one a crash leaves no dump, or one ' +
      'that is cut off, which is noticed only when it is needed.',
    severity: 'low',
    fix: fixOf('LimitCORE', 'infinity'),
    learnMore: 'https://www.freedesktop.org/software/systemd/man/latest/systemd.exec.html',
    applies: leavesDocker,
    needs: [],
    run(_known, {facts, upgrade}): readonly Outcome[] {
      const parent = parentOf(facts)
      const limits = parent && facts.processes.details[parent.pid]?.limits
      if (parent === undefined || limits === undefined) return []
      if (limits.state !== 'ok') return unreadableOf(limits)
      const setting = facts.units.find(({name}) => name === UNITS[upgrade.target as 'containerd' | 'cri-o'])?.settings['Service.LimitCORE']?.at(-1)
      const next = setting && softOf(setting.value)
      const now = limits.value.coreSize
      if (setting === undefined || next === undefined || !lower(next, now)) return []
      return [problem('core', `Containers of Docker may dump ${words(now)} bytes of core, those of ${upgrade.target} will start with ${words(next)}.`, {
        evidence: [
          {source: setting.source, text: `LimitCORE=${setting.value}`},
          {source: `/proc/${parent.pid}/limits`, text: `Max core file size ${words(now)}`},
        ],
      })]
    },
    examples: {
      fail: [
        {
          processes: DAEMONS('1048576'),
          files: {
            '/usr/lib/systemd/system/containerd.service': UNIT('LimitCORE=infinity'),
            '/etc/systemd/system/containerd.service.d/core.conf': '[Service]\nLimitCORE=0\n',
          },
        },
      ],
      pass: [{processes: DAEMONS('1048576'), files: {'/usr/lib/systemd/system/containerd.service': UNIT('LimitCORE=infinity')}}],
    },
  }),
]
