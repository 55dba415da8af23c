// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Proof} from '../../model/check.ts'
import type {ContainerLog, DockerLogging} from '../../model/node/logging.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {dockershimNode} from '../lib/log-example.ts'
import {isOnDocker} from '../lib/log-retention.ts'
import {LOG_DRIVERS} from '../tables/log-drivers.ts'

export const checks = [
  nodeCheck({
    id: 'docker-log-driver',
    title: {pass: 'Docker writes logs to files, as other runtimes do', fail: 'Logs of containers leave the node through Docker'},
    why:
      'A log driver other than json-file is a part of dockerd that sends the lines of every container somewhere. Other CRI ' +
      'runtimes only write files below /var/log/pods. After the change nothing arrives ' +
      'any more where the logs went, without an error anywhere.',
    severity: 'high',
    fix: 'Run a collector as a DaemonSet that reads /var/log/containers, before the change.',
    learnMore: 'https://docs.docker.com/engine/logging/configure/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerLogging', 'containerLogs'],
    run({dockerLogging = [], containerLogs = []}, {facts}) {
      if (!isOnDocker(facts)) return []
      const declared = dockerLogging.map(({driver}) => driver.value)
      const drivers = new Set([...declared, ...containerLogs.map(({driver}) => driver)].filter((driver) => driver !== 'json-file'))
      return [...drivers].map((driver) => found(driver, dockerLogging, containerLogs.filter((log) => log.driver === driver)))
    },
    examples: {
      fail: [
        dockershimNode({daemon: {'log-driver': 'journald'}, containers: [{driver: 'journald'}]}),
        dockershimNode({daemon: {'log-driver': 'grafana/loki-docker-driver:2.9.1'}}),
        // daemon.json was changed, the container was not made anew
        dockershimNode({daemon: {'log-driver': 'json-file'}, containers: [{driver: 'syslog', 'syslog-address': 'udp://10.0.0.1:514'}]}),
        {processes: {700: '/usr/bin/kubelet --network-plugin=cni', 812: '/usr/bin/dockerd --log-driver=fluentd'}},
      ],
      pass: [
        dockershimNode({daemon: {'log-driver': 'json-file'}, containers: [{}]}),
        {processes: {812: '/usr/bin/dockerd --log-driver=fluentd'}},
        {...dockershimNode({daemon: {'log-driver': 'journald'}}), upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

function found(driver: string, dockers: readonly DockerLogging[], containers: readonly ContainerLog[]): Outcome {
  const row = LOG_DRIVERS.find((one) => one.driver.test(driver))
  const configured = dockers.filter((one) => one.driver.value === driver)
  const count = containers.length === 1 ? '1 running container' : `${containers.length} running containers`
  const who = containers.length > 0
    ?
      `${count} of Kubernetes ${containers.length === 1 ? 'has' : 'have'} the log driver ` +
      `${driver}${configured.length === 0 ? ', from before dockerd was configured otherwise' : ''}`
    : `dockerd gives its containers the log driver ${driver}`
  const then = driver === 'none'
    ? 'after the change they are written to files, and take space on the disk that they do not take now.'
    : 'after the change nothing sends them there: they are in files below /var/log/pods, and nowhere else.'
  const evidence: readonly Proof[] = [
    ...configured.map((one) => ({source: one.driver.source, text: `log-driver: ${driver}`})),
    ...containers.slice(0, 3).map(({source, name}) => ({source, text: `${name}: LogConfig.Type ${driver}`})),
  ]
  return problem(driver, `${who}: lines go to ${row?.to}; ${then}`, {...(row && {severity: row.severity, fix: row.fix}), evidence})
}
