// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {JsonPath} from '../../model/json.ts'
import type {PodContainer} from '../../model/kubernetes.ts'
import {podCheck, problem} from '../lib/define.ts'
import {repositoryOf} from '../lib/pod-images.ts'
import {COLLECTOR_SETTINGS, type CollectorSetting} from '../tables/collector-settings.ts'

/** The image of fluentd for Kubernetes, whose own configuration parses JSON unless a variable says otherwise. */
const FLUENTD_DAEMONSET = /(?:^|\/)fluentd-kubernetes-daemonset$/
const PARSER = 'FLUENT_CONTAINER_TAIL_PARSER_TYPE'

export const checks = [
  podCheck({
    id: 'log-collector-docker-setting',
    title: {pass: "No collector's pod sets Docker's log format or path", fail: "A collector's pod sets Docker's log format or path"},
    why:
      'Many collectors are configured by environment variables and arguments of their pod. One that names the parser for Docker\'s ' +
      'JSON, or Docker\'s folder, makes the collector lose the lines of all pods on nodes with another ' +
      'runtime: the pod runs, and the logs end.',
    severity: 'high',
    fix: 'Set what fits the format and the paths of CRI runtimes.',
    learnMore: 'https://github.com/fluent/fluentd-kubernetes-daemonset#use-cri-parser-for-containerdcri-o-logs',
    applies: ({target}) => target !== 'cri-dockerd',
    run(pod) {
      return pod.containers.flatMap((container) => [...settingsIn(container), ...withoutParser(container)])
    },
    examples: {
      fail: [
        {manifest: podWith('fluent/fluentd-kubernetes-daemonset:v1.12-debian-elasticsearch7-1', `env: [{name: ${PARSER}, value: json}]`)},
        {manifest: podWith(
          'fluent/fluentd-kubernetes-daemonset:v1.12-debian-elasticsearch7-1', 'env: [{name: FLUENT_ELASTICSEARCH_HOST, value: es}]')},
        {manifest: podWith('fluent/fluent-bit:1.7',
          "args: ['-i', 'tail', '-p', 'path=/var/log/containers/*.log', '-p', 'parser=docker', '-o', 'stdout']")},
        {manifest: podWith('example.com/collector:1', 'env: [{name: LOG_DIR, value: /var/lib/docker/containers}]')},
      ],
      pass: [
        {manifest: podWith('fluent/fluentd-kubernetes-daemonset:v1.12-debian-elasticsearch7-1', `env: [{name: ${PARSER}, value: cri}]`)},
        {manifest: podWith(
          'fluent/fluentd-kubernetes-daemonset:v1.12-debian-elasticsearch7-1', 'volumeMounts: [{name: config, mountPath: /fluentd/etc}]')},
        {manifest: podWith('fluent/fluentd-kubernetes-daemonset:v1.12-debian-elasticsearch7-1', 'envFrom: [{configMapRef: {name: settings}}]')},
        {manifest: podWith('fluent/fluent-bit:1.7', "args: ['-c', '/fluent-bit/etc/fluent-bit.conf']")},
      ],
    },
  }),
]

function settingsIn(container: PodContainer): readonly Outcome[] {
  return COLLECTOR_SETTINGS.flatMap((setting): readonly Outcome[] => {
    const found = findIn(container, setting)
    if (found === undefined) return []
    return [problem(`${container.name} ${found.text}`, `Container "${container.name}" has ${found.text}: ${setting.effect}`, {
      fix: setting.fix, path: found.path, evidence: [{source: `container ${container.name}`, text: found.text}],
    })]
  })
}

function findIn({env, command, args, image, path}: PodContainer, setting: CollectorSetting): {readonly text: string; readonly path: JsonPath} | undefined {
  if (setting.image !== undefined && !setting.image.test(repositoryOf(image))) return undefined
  if ('arg' in setting) {
    const word = [...command, ...args].find((one) => setting.arg.test(one))
    return word === undefined ? undefined : {text: `the argument ${word.slice(0, 200)}`, path}
  }
  const found = env.find(({name, value}) => setting.env.test(name) && value !== undefined && setting.value.test(value))
  return found && {text: `${found.name}=${found.value?.slice(0, 200)}`, path: found.path}
}

/** A mounted configuration, or variables from elsewhere, may say anything. */
function withoutParser({name, image, env, mounts, raw, path}: PodContainer): readonly Outcome[] {
  if (!FLUENTD_DAEMONSET.test(repositoryOf(image)) || env.some((one) => one.name === PARSER) || raw['envFrom'] !== undefined) return []
  if (mounts.some(({mountPath}) => mountPath.startsWith('/fluentd/etc'))) return []
  return [problem(`${name} ${PARSER}`,
    `Container "${name}" runs ${image} without ${PARSER}: its built-in configuration then parses Docker's JSON lines, and no ` +
    'others.', {
    path, evidence: [{source: `container ${name}`, text: `image: ${image}`}],
    fix:
      'Set it when all nodes are changed, or have two DaemonSets with nodeSelectors meanwhile:\n\n  env:\n' +
      `  - {name: ${PARSER}, value: cri}\n  - {name: FLUENT_CONTAINER_TAIL_PARSER_TIME_FORMAT, value: '%Y-%m-%dT%H:%M:%S.%N%:z'}\n`,
  })]
}

function podWith(image: string, more: string): string {
  return 'apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: collector}\nspec:\n  template:\n    spec:\n      containers:\n' +
    `      - name: collector\n        image: ${image}\n        ${more}\n`
}
