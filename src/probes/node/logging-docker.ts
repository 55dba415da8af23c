// SPDX-License-Identifier: Apache-2.0
import type {DockerFacts, Facts, Setting} from '../../model/facts.ts'
import type {Host} from '../../model/host.ts'
import type {DockerLogging} from '../../model/node/logging.ts'
import {absent, type Observed, ok, valueOf} from '../../model/observed.ts'
import {type Flag, flagValue, flagValues, parseFlags} from '../parse/flags.ts'
import {emptyMap, stringAt, tableOf, valueAt} from '../parse/untrusted.ts'
import {unitCommand} from '../unit-command.ts'

const SYNTAX = {valued: ['log-driver', 'log-opt'], switches: ['raw-logs', 'debug']}
/** moby, daemon/config: jsonfilelog.Name */
const DEFAULT_DRIVER: Setting = {value: 'json-file', source: 'default of dockerd'}

/** The Docker Engines of the host itself, without those of nested machines. */
export function dockersOf({dockers, processes}: Facts): readonly DockerFacts[] {
  return dockers.filter(({pid}) => pid === undefined || processes.inside[pid] === undefined)
}

/**
 * The log driver and its options that each dockerd gives the containers it makes: from its command line (that of docker.service where it
 * does not run), then daemon.json. A running dockerd is believed about its driver: the file may have changed since it started.
 */
export function readDockerLogging(host: Host, facts: Facts): Observed<readonly DockerLogging[]> {
  const dockers = dockersOf(facts)
  const broken = dockers.find(({config}) => config.state === 'unreadable')?.config
  if (broken?.state === 'unreadable') return broken
  if (dockers.length === 0) return absent('dockerd')
  return ok(dockers.map((docker) => loggingOf(host, facts, docker)), dockers[0]?.config.source ?? 'dockerd')
}

function loggingOf(host: Host, facts: Facts, docker: DockerFacts): DockerLogging {
  const {pid, api} = docker
  const told = commandOf(host, facts, pid)
  const file = fileOf(host, docker)
  const declared = flagSetting(told, 'log-driver') ?? file.setting('log-driver') ?? DEFAULT_DRIVER
  const answer = pid === undefined ? undefined : valueOf(api)
  const said = answer?.loggingDriver
  const driver = said === undefined || said === declared.value ? declared : {value: said, source: `docker info at ${answer?.socket}`}
  const raw = flagSetting(told, 'raw-logs') ?? file.setting('raw-logs')
  return {
    ...(pid !== undefined && {pid}),
    driver,
    options: {...file.options(), ...flagOptions(told)},
    ...(raw?.value === 'true' && {rawLogs: raw}),
  }
}

interface Told {
  readonly flags: readonly Flag[]
  readonly source: string
}

function commandOf(host: Host, {processes, units}: Facts, pid: number | undefined): Told {
  const process = pid === undefined ? undefined : valueOf(processes.all)?.find((one) => one.pid === pid)
  if (process !== undefined) return {flags: parseFlags(process.argv.slice(1), SYNTAX), source: `argv of pid ${process.pid}`}
  const unit = units.find(({name}) => name === 'docker.service')
  const command = unit && unitCommand(host, unit)
  return {flags: parseFlags(command?.words.slice(1) ?? [], SYNTAX), source: command?.source ?? 'docker.service'}
}

function flagSetting({flags, source}: Told, name: string): Setting | undefined {
  const value = flagValue(flags, name)
  return value === undefined ? undefined : {value, source}
}

/** `--log-opt max-size=100m`, repeated. */
function flagOptions({flags, source}: Told): Readonly<Record<string, Setting>> {
  const options = emptyMap<Setting>()
  for (const word of flagValues(flags, 'log-opt')) {
    const equals = word.indexOf('=')
    if (equals > 0) options[word.slice(0, equals)] = {value: word.slice(equals + 1), source}
  }
  return options
}

interface File {
  setting(key: string): Setting | undefined
  options(): Readonly<Record<string, Setting>>
}

/** daemon.json, with the line of each key. */
function fileOf(host: Host, {config}: DockerFacts): File {
  const table = valueOf(config)
  const lines = table === undefined ? [] : (valueOf(host.text(config.source)) ?? '').split('\n')
  const sourceOf = (key: string) => {
    const line = lines.findIndex((one) => one.includes(JSON.stringify(key)))
    return line === -1 ? config.source : `${config.source}:${line + 1}`
  }
  return {
    setting(key) {
      const value = stringAt(table, key) ?? (valueAt(table, key) === true ? 'true' : undefined)
      return value === undefined ? undefined : {value, source: sourceOf(key)}
    },
    options() {
      const options = emptyMap<Setting>()
      for (const [key, value] of Object.entries(tableOf(valueAt(table, 'log-opts')) ?? {})) {
        if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') options[key] = {value: String(value), source: sourceOf(key)}
      }
      return options
    },
  }
}
