// SPDX-License-Identifier: Apache-2.0
import {daemonKey, isChanged, type Use} from '../checks/lib/docker-settings.ts'
import {shown} from '../checks/lib/docker-topic.ts'
import type {Json} from '../model/json.ts'
import type {SettingFate, Verdict} from '../model/migration/needs.ts'
import type {DockerSetting} from '../model/node/docker.ts'
import {valueOf} from '../model/observed.ts'
import {daemonFates, type Fates} from './daemon-fates.ts'
import type {Reading} from './reading.ts'
import {withoutSecrets} from './secrets.ts'
import {criVerdicts} from './verdicts-cri.ts'
import {flagVerdicts} from './verdicts-kubelet.ts'
import {unitVerdicts} from './verdicts-units.ts'

const STAYS: SettingFate = {fate: 'stays', reason: 'dockerd stays, and goes by it.'}
const SAME: Fates = {
  containerd: {fate: 'not-needed', reason: 'It says what dockerd does without it: nothing has to be written.'},
  'cri-o': {fate: 'not-needed', reason: 'It says what dockerd does without it: nothing has to be written.'},
}
const UNKNOWN: Fates = {
  containerd: {fate: 'none', reason: 'rtctl does not know this setting of dockerd: look up what it does, and configure containerd by hand if pods need it.'},
  'cri-o': {fate: 'none', reason: 'rtctl does not know this setting of dockerd: look up what it does, and configure CRI-O by hand if pods need it.'},
}

/** Every setting of the old runtime and of the kubelet for it, one row each, in the order of their places; no secrets. */
export function verdicts(reading: Reading): readonly Verdict[] {
  const ofDocker = reading.onDocker ? [...daemonVerdicts(reading), ...unitVerdicts(reading)] : []
  return [...ofDocker, ...criVerdicts(reading), ...flagVerdicts(reading)]
}

/** A row for each key and each flag of dockerd; a flag that was given several times has one. */
function daemonVerdicts({known, uses}: Reading): readonly Verdict[] {
  const groups = Map.groupBy(valueOf(known.dockerSettings) ?? [], ({name, from}) => `${from} ${name}`)
  return [...groups.values()].flatMap((settings): readonly Verdict[] => {
    const [first] = settings
    if (first === undefined) return []
    const row = daemonKey(first)
    const use = row && uses.get(row.key)
    return [{
      setting: first.from === 'file' ? `daemon.json ${first.name}` : `dockerd --${first.name}`,
      value: settings.map(({value}) => shown(withoutSecrets(first.name, value))).join(', '),
      source: first.written?.source ?? first.source,
      verdict: {...(use === undefined ? UNKNOWN : fatesOf(use, settings)), 'cri-dockerd': STAYS},
    }]
  })
}

/** A key of the file that a flag stands above has the fate of what is in force. */
function fatesOf(use: Use, own: readonly DockerSetting[]): Fates {
  const overruled = own.every((setting) => !use.settings.includes(setting))
  if (overruled) return overruledBy(use)
  return isChanged(use) || Array.isArray(use.value) ? daemonFates(use) ?? UNKNOWN : sameOr(use)
}

function overruledBy({settings}: Use): Fates {
  const reason = `A flag of dockerd says otherwise (${settings[0]?.source ?? 'its command line'}): that one counts.`
  return {containerd: {fate: 'not-needed', reason}, 'cri-o': {fate: 'not-needed', reason}}
}

/** What is the default of Docker has to be told where another runtime would do otherwise. */
function sameOr(use: Use): Fates {
  const fates = daemonFates(use)
  return fates?.containerd.fate === 'kubelet' && isText(use.value) ? fates : SAME
}

function isText(value: Json): boolean {
  return typeof value === 'string' && value !== ''
}
