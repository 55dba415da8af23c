// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Proof} from '../../model/check.ts'
import type {ContainerLog, DockerLogging} from '../../model/node/logging.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {dockershimNode} from '../lib/log-example.ts'
import {isOnDocker} from '../lib/log-retention.ts'
import {LOG_OPTIONS, type LogOption} from '../tables/log-drivers.ts'

export const checks = [
  nodeCheck({
    id: 'docker-log-options',
    title: {pass: 'Docker writes nothing special into logs', fail: 'Docker writes into logs what no other runtime does'},
    why:
      'The options labels, env and tag of json-file put more into each line than the program wrote, and mode changes what happens ' +
      'when a line cannot be written. The CRI log format has no place for attributes: ' +
      'searches and dashboards that use them find nothing after the change.',
    severity: 'medium',
    fix: 'Let the log collector add what these options added.',
    learnMore: 'https://docs.docker.com/engine/logging/drivers/json-file/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerLogging', 'containerLogs'],
    run({dockerLogging = [], containerLogs = []}, {facts}) {
      if (!isOnDocker(facts)) return []
      const options = LOG_OPTIONS.flatMap((row): readonly Outcome[] => {
        const proofs = proofsOf(row, dockerLogging, containerLogs)
        if (proofs[0] === undefined) return []
        return [problem(row.name,
          `The log option ${proofs[0].text} is set. ${row.effect}`, {severity: row.severity, fix: row.fix, evidence: proofs.slice(0, 4)})]
      })
      return [...options, ...dockerLogging.flatMap(rawLogs)]
    },
    examples: {
      fail: [
        dockershimNode({daemon: {'log-opts': {labels: 'app,tier', tag: '{{.Name}}'}}}),
        dockershimNode({containers: [{mode: 'non-blocking', 'max-buffer-size': '4m'}]}),
        dockershimNode({daemon: {'raw-logs': true}}),
      ],
      pass: [
        dockershimNode({daemon: {'log-opts': {'max-size': '10m', 'max-file': '5', compress: 'true', mode: 'blocking', tag: ''}}, containers: [{'max-size': '10m'}]}),
        dockershimNode({daemon: {'log-driver': 'syslog', 'log-opts': {tag: '{{.Name}}'}}}),
      ],
    },
  }),
]

/** Of other drivers than json-file the driver itself is the finding. */
function proofsOf({option}: LogOption, dockers: readonly DockerLogging[], containers: readonly ContainerLog[]): readonly Proof[] {
  const configured = dockers.filter(({driver}) => driver.value === 'json-file').flatMap(({options}) =>
    Object.entries(options).filter(([name, {value}]) => counts(option, name, value)).map(([name, {value, source}]) => ({source, text: `${name}=${value}`})))
  const own = containers.filter(({driver}) => driver === 'json-file').flatMap(({options, source, name: container}) =>
    Object.entries(options).filter(([name, value]) => counts(option, name, value)).map(([name, value]) => ({source, text: `${name}=${value} (${container})`})))
  return [...configured, ...own]
}

function counts(option: RegExp, name: string, value: string): boolean {
  return option.test(name) && value !== '' && !(name === 'mode' && value === 'blocking')
}

function rawLogs({rawLogs: setting}: DockerLogging): readonly Outcome[] {
  if (setting === undefined) return []
  return [problem('raw-logs',
    'raw-logs is set: it is about the messages of dockerd itself, not about containers, and has no meaning for other runtimes.', {
    severity: 'info', evidence: [{source: setting.source, text: 'raw-logs: true'}],
    fix: 'Nothing. What reads the journal of docker.service for messages of the engine reads that of containerd.service or crio.service instead.',
  })]
}
