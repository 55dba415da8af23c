// SPDX-License-Identifier: Apache-2.0
import {settingsOfUnit} from '../checks/lib/docker-units.ts'
import type {Setting, UnitFacts} from '../model/facts.ts'
import type {SettingFate, Verdict} from '../model/migration/needs.ts'
import {type Fates, OOM_SCORE} from './daemon-fates.ts'
import {withoutUsers} from './secrets.ts'
import type {Reading} from './reading.ts'
import {starter} from './ulimits.ts'

type Rule = (setting: Setting, reading: Reading) => SettingFate | Fates

const fate = (of: SettingFate['fate'], reason: string): Rule => () => ({fate: of, reason})

const UNLIMITED: SettingFate = {fate: 'not-needed', reason: 'The units of other runtimes ship without such a limit, too.'}
const STARTED_BY_CONTAINERD: SettingFate = {fate: 'not-needed', reason: 'Containers do not have it: containerd starts them, by the limits of containerd.service.'}
const BY_HAND: SettingFate = {
  fate: 'none', reason: 'Containers inherit it from dockerd, and nothing is written for it: set it in a drop-in of the unit of the new runtime if pods need it.',
}
const OPEN_FILES: SettingFate = {fate: 'translated', reason: 'It becomes LimitNOFILE= of the unit of the new runtime where that would give containers another limit.'}

const LIMIT: Rule = ({value}, reading) => (!dockerdStarts(reading) ? STARTED_BY_CONTAINERD : value.trim() === 'infinity' ? UNLIMITED : BY_HAND)
const OWN = fate('not-needed', 'It is about how systemd runs dockerd, and ends with it.')
const ORDER = fate('not-needed', 'It is about the order in which dockerd starts, and ends with it: look at it if it mounts a disk or waits for a network.')
const CONFINES = fate('none', 'It confines dockerd and all it starts: set it in a drop-in of the unit of the new runtime if it is meant for pods.')

/** Settings of docker.service that containers or pulls notice. */
const NOTED: Readonly<Record<string, Rule>> = {
  'Service.LimitNOFILE': (_setting, reading) => (dockerdStarts(reading) ? OPEN_FILES : STARTED_BY_CONTAINERD),
  'Service.LimitNPROC': LIMIT, 'Service.LimitCORE': LIMIT, 'Service.LimitMEMLOCK': LIMIT, 'Service.LimitSTACK': LIMIT, 'Service.TasksMax': OWN,
  'Service.OOMScoreAdjust': ({value}) => (value.trim() === '-500' ? {fate: 'not-needed', reason: 'It is what Docker ships: other runtimes ship their own.'} : OOM_SCORE),
  'Service.MountFlags': ({value}) => (/\b(?:slave|private)\b/.test(value)
    ? {fate: 'not-needed', reason: 'It keeps mounts of pods from the host, and is not carried over: the new runtime needs shared mounts.'}
    : {fate: 'not-needed', reason: 'Mounts are shared without it.'}),
  'Service.Environment': environment,
  'Service.EnvironmentFile': ({value}) => (/^-?\/etc\/(?:default|sysconfig|conf\.d)\/docker[\w-]*$/.test(value.trim())
    ? {fate: 'not-needed', reason: 'Options of dockerd in it have rows of their own, and proxies are carried over.'}
    : {fate: 'none', reason: 'Proxies in it are carried over, nothing else: write any other variable that the new runtime needs into a drop-in of its unit.'}),
  'Service.Slice': CONFINES, 'Service.CPUAffinity': CONFINES, 'Service.Nice': CONFINES, 'Service.CPUQuota': CONFINES, 'Service.MemoryMax': CONFINES,
  'Service.MemoryLimit': CONFINES, 'Service.CPUSchedulingPolicy': CONFINES, 'Service.IOSchedulingClass': CONFINES, 'Service.UMask': CONFINES,
}

/** Settings that a drop-in may have and that end with the service they are about. */
const ENDING: Readonly<Record<string, Rule>> = {
  'Service.ExecStart': fate('not-needed', 'Each argument of dockerd has a row of its own.'),
  'Service.Type': OWN, 'Service.ExecReload': OWN, 'Service.KillMode': OWN, 'Service.Delegate': OWN, 'Service.Restart': OWN, 'Service.RestartSec': OWN,
  'Service.TimeoutSec': OWN, 'Service.TimeoutStartSec': OWN, 'Service.TimeoutStopSec': OWN, 'Service.StartLimitBurst': OWN, 'Service.StartLimitInterval': OWN,
  'Service.StartLimitIntervalSec': OWN, 'Unit.StartLimitBurst': OWN, 'Unit.StartLimitInterval': OWN, 'Unit.StartLimitIntervalSec': OWN,
  'Service.StandardOutput': OWN, 'Service.StandardError': OWN, 'Service.SyslogIdentifier': OWN, 'Service.NotifyAccess': OWN, 'Service.PIDFile': OWN,
  'Unit.After': ORDER, 'Unit.Before': ORDER, 'Unit.Wants': ORDER, 'Unit.Requires': ORDER, 'Unit.BindsTo': ORDER, 'Unit.PartOf': ORDER, 'Unit.Conflicts': ORDER,
  'Unit.RequiresMountsFor': ORDER, 'Unit.Description': OWN, 'Unit.Documentation': OWN,
  'Install.WantedBy': OWN, 'Install.RequiredBy': OWN, 'Install.Alias': OWN, 'Install.Also': OWN,
}

const COMMAND: Rule = fate('none', 'It runs a command with dockerd: see what it is for, and have the unit of the new runtime run it if pods need it.')
const OTHER: Rule = fate('none', 'rtctl does not carry it over: set it in a drop-in of the unit of the new runtime if it is meant for pods.')

const STAYS: SettingFate = {fate: 'stays', reason: 'docker.service stays, and has it.'}

/**
 * Settings of docker.service: all of its drop-ins, and of the unit itself those that containers notice. And where docker.socket listens
 * by a drop-in.
 */
export function unitVerdicts(reading: Reading): readonly Verdict[] {
  return ['docker.service', 'docker.socket'].flatMap((name) => {
    const unit = reading.facts.units.find((one) => one.name === name)
    return unit === undefined ? [] : rows(unit, reading)
  })
}

function rows({name, settings}: UnitFacts, reading: Reading): readonly Verdict[] {
  return Object.keys(settings).flatMap((key) => settingsOfUnit([{name, settings, files: [], masked: false}], name, key).flatMap((setting): readonly Verdict[] => {
    const isDropIn = /\.d\/[^/]+\.conf(?::\d+)?$/.test(setting.source)
    const noted = name === 'docker.service' && Object.hasOwn(NOTED, key) ? NOTED[key] : undefined
    if (!isDropIn && noted === undefined) return []
    const told = (noted ?? ruleOf(name, key))(setting, reading)
    const fates: Fates = 'fate' in told ? {containerd: told, 'cri-o': told} : told
    return [{
      setting: `${name} ${key.slice(key.indexOf('.') + 1)}`, value: shortened(setting.value), source: setting.source,
      verdict: {...fates, 'cri-dockerd': {...STAYS, reason: name === 'docker.service' ? STAYS.reason : 'docker.socket stays, and has it.'}},
    }]
  }))
}

function ruleOf(unit: string, key: string): Rule {
  if (unit === 'docker.socket') return OWN
  if (Object.hasOwn(ENDING, key)) return ENDING[key] ?? OTHER
  return key.startsWith('Service.Exec') ? COMMAND : OTHER
}

/** Whether containers inherit what docker.service says: not where dockerd uses a containerd that another unit runs. */
function dockerdStarts(reading: Reading): boolean {
  return starter(reading).unit === 'docker.service'
}

function environment({value}: Setting): SettingFate {
  const names = [...value.matchAll(/(?:^|[\s"'])([A-Za-z_]\w*)=/g)].map(([, name = '']) => name)
  const other = names.filter((name) => !/^(?:https?|no)_proxy$/i.test(name) && !name.startsWith('DOCKER_'))
  if (other.length > 0) {
    const which = `${other.slice(0, 5).join(', ')} ${other.length === 1 ? 'is' : 'are'}`
    return {fate: 'none', reason: `${which} not carried over: write it into a drop-in of the new runtime if that needs it.`}
  }
  return names.some((name) => /proxy$/i.test(name))
    ? {fate: 'translated', reason: 'Proxies become Environment= in a drop-in of the unit of the new runtime.'}
    : {fate: 'not-needed', reason: 'It is for dockerd alone; its options have rows of their own.'}
}

/** A variable may hold a secret: of those that are not known to be harmless the name is shown. */
function shortened(value: string): string {
  const shown = withoutUsers(value).replaceAll(/([\w-]*(?:pass|secret|token|credential|key)[\w-]*)=(?:"[^"]*"|'[^']*'|[^\s"']+)/gi, '$1=…')
  return shown.length > 120 ? `${shown.slice(0, 119)}…` : shown
}
