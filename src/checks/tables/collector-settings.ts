// SPDX-License-Identifier: Apache-2.0
// Environment variables and arguments of log collectors' pods that are for Docker's log files only. As of 2026-11; source beside each.

interface Setting {
  /** of the repository of the image, where the name of the setting is not the collector's own */
  readonly image?: RegExp
  readonly effect: string
  readonly fix: string
}

export type CollectorSetting = Setting & ({readonly env: RegExp; readonly value: RegExp} | {readonly arg: RegExp})

const NOT_PARSED = 'lines of CRI runtimes do not match, and arrive unparsed or not at all.'
const NO_FILES = 'no other runtime than Docker writes log files there.'

export const COLLECTOR_SETTINGS: readonly CollectorSetting[] = [
  { // https://github.com/fluent/fluentd-kubernetes-daemonset
    env: /^FLUENT_CONTAINER_TAIL_PARSER_TYPE$/, value: /^(?:json|docker)$/, effect: NOT_PARSED,
    fix:
      "Set `FLUENT_CONTAINER_TAIL_PARSER_TYPE: cri` and `FLUENT_CONTAINER_TAIL_PARSER_TIME_FORMAT: '%Y-%m-%dT%H:%M:%S.%N%:z'`. " +
      "While nodes of both kinds are in the cluster, mount a configuration with a multi_format parser, " +
      'or have two DaemonSets with nodeSelectors.',
  },
  { // https://docs.fluentbit.io/manual/pipeline/inputs/tail
    image: /fluent-?bit/, arg: /^(?:--prop=|-p)?\s*(?:parser=docker\w*|docker_mode=on|multiline\.parser=docker)$/i, effect: NOT_PARSED,
    fix: 'Use `-p multiline.parser=docker,cri`, which takes both formats, and remove parser and docker_mode.',
  },
  { // https://github.com/splunk/splunk-connect-for-kubernetes
    env: /^LOG_?FORMAT_?TYPE$/i, value: /^(?:json|docker)$/i, image: /splunk|fluentd-hec/, effect: NOT_PARSED, fix: 'Set it to `cri`.',
  },
  {
    env: /./, value: /^(?:file:\/\/)?(?:\/[\w.-]+)*\/docker\/containers(?:\/[^\s,;]*)?$/, effect: NO_FILES,
    fix: 'Give it /var/log/containers or /var/log/pods, and mount /var/log of the node.',
  },
  {
    arg: /^(?:--?[\w.-]+=)?(?:\/[\w.-]+)*\/docker\/containers\/[^\s;|&]*\.log$/, effect: NO_FILES,
    fix: 'Give it /var/log/containers/*.log, and mount /var/log of the node.',
  },
]
