// SPDX-License-Identifier: Apache-2.0
// Log drivers of Docker Engine other than json-file, and its options for json-file that no other runtime has. As of 2026-11.
// Sources: moby daemon/logger (drivers and options of 20.10 to 29), the programs' own strings for 20.10, 26.1 and 28.5, and
// https://docs.docker.com/engine/logging/configure/.
import type {Severity} from '../../model/check.ts'

export interface LogDriver {
  /** as in daemon.json; a plugin's name may have a registry, a path and a tag */
  readonly driver: RegExp
  /** where lines go with it */
  readonly to: string
  readonly severity: Severity
  readonly fix: string
}

const INTO = 'Run a collector as a DaemonSet that reads /var/log/containers/*.log, before the change:'
const TAIL = `  [INPUT]
      Name              tail
      Path              /var/log/containers/*.log
      Tag               kube.*
      multiline.parser  docker, cri
  [FILTER]
      Name              kubernetes
      Match             kube.*
`
const output = (...lines: readonly string[]) =>
  [`${INTO} Fluent Bit, say, with\n\n${TAIL}  [OUTPUT]`, '      Match             *', ...lines.map((line) => `      ${line}`), ''].join('\n')

/** The first that fits counts. */
export const LOG_DRIVERS: readonly LogDriver[] = [
  {
    driver: /^none$/, to: 'nowhere', severity: 'low',
    fix:
      'Nothing has to replace it. Logs appear below /var/log/pods with the change, and `kubectl logs` works: see that the ' +
      'filesystem holds them, by containerLogMaxSize and containerLogMaxFiles.',
  },
  {
    driver: /^local$/, to: "files in a format of Docker's own", severity: 'medium',
    fix:
      'Whoever reads them with `docker logs` uses `kubectl logs` or `crictl logs`. Set containerLogMaxSize and ' +
      'containerLogMaxFiles of the kubelet (local keeps 20m × 5 by default).',
  },
  {
    driver: /^syslog$/, to: 'a syslog server', severity: 'high',
    fix: output(
      'Name              syslog', 'Host              SYSLOG-SERVER', 'Port              514', 'Mode              udp', 'Syslog_Message_Key log',
    ),
  },
  {
    driver: /^journald$/, to: 'the journal of the host', severity: 'high',
    fix:
      `${INTO} one that forwards to where the journal is sent now. CRI-O can write to the journal as well: \`log_to_journald = ` +
      `true\` below [crio.runtime]; containerd cannot.`,
  },
  {
    driver: /^gelf$/, to: 'a GELF server (Graylog, Logstash)', severity: 'high',
    fix: output(
      'Name              gelf', 'Host              GRAYLOG-SERVER', 'Port              12201', 'Mode              udp', 'Gelf_Short_Message_Key log',
    ),
  },
  {
    driver: /^fluentd$/, to: 'a fluentd or Fluent Bit', severity: 'high',
    fix: output(
      'Name              forward', 'Host              FLUENTD-SERVER', 'Port              24224',
    ),
  },
  {
    driver: /^awslogs$/, to: 'Amazon CloudWatch Logs', severity: 'high',
    fix: output('Name              cloudwatch_logs', 'region            REGION', 'log_group_name    GROUP', 'log_stream_prefix from-fluent-bit-', 'auto_create_group On'),
  },
  {
    driver: /^splunk$/, to: 'Splunk', severity: 'high',
    fix: output(
      'Name              splunk', 'Host              SPLUNK-SERVER', 'Port              8088', 'Splunk_Token      ${HEC_TOKEN}', 'TLS               On',
    ),
  },
  {
    driver: /^gcplogs$/, to: 'Google Cloud Logging', severity: 'high',
    fix: output(
      'Name              stackdriver', 'resource          k8s_container', 'k8s_cluster_name  CLUSTER', 'k8s_cluster_location REGION',
    ),
  },
  {driver: /^logentries$/, to: 'Logentries (Rapid7 InsightOps)', severity: 'high', fix: output('Name              tcp',
    'Host              REGION.data.logs.insight.rapid7.com', 'Port              443', 'tls               On')},
  {driver: /^etwlogs$/, to: 'Event Tracing for Windows', severity: 'high', fix:
    'Run a collector that reads C:\\var\\log\\containers, such as Fluent Bit for Windows.'},
  {
    driver: /(?:^|\/)loki(?:-docker-driver)?(?::|$)/, to: 'Loki', severity: 'high',
    fix: `Run Grafana Alloy or Promtail as a DaemonSet, before the change. Alloy:

  discovery.kubernetes "pods" { role = "pod" }
  loki.source.kubernetes "pods" {
    targets    = discovery.kubernetes.pods.targets
    forward_to = [loki.write.default.receiver]
  }

Labels then come from Kubernetes, not from \`loki-external-labels\`.`,
  },
  {driver: /./, to: 'a logging plugin of Docker', severity: 'high', fix: output('Name              OUTPUT-OF-YOUR-CHOICE')},
]

export interface LogOption {
  readonly name: string
  readonly option: RegExp
  readonly severity: Severity
  readonly effect: string
  readonly fix: string
}

/** Options of json-file beside max-size, max-file and compress, which the kubelet has equivalents of. */
export const LOG_OPTIONS: readonly LogOption[] = [
  {
    name: 'labels', option: /^labels(?:-regex)?$/, severity: 'medium',
    effect:
      'Docker writes labels of the container into each line (`attrs`). Lines of the CRI format have no attributes.',
    fix:
      'Let the collector add labels of the pod: the kubernetes filter of Fluent Bit and fluentd, `add_kubernetes_metadata` of ' +
      'Filebeat, the k8sattributes processor of the OpenTelemetry Collector.',
  },
  {
    name: 'env', option: /^env(?:-regex)?$/, severity: 'medium',
    effect:
      'Docker writes environment variables of the container into each line (`attrs`). Lines of the CRI format have no attributes.',
    fix: 'Write what has to be in the logs as labels of the pods, and let the collector add those.',
  },
  {name: 'tag', option: /^tag$/, severity: 'medium', effect: 'Docker writes the tag into each line (`attrs.tag`). Lines of the CRI format have no attributes.', fix:
    'Let the collector make the tag from the name of the file: /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log.'},
  {
    name: 'mode', option: /^(?:mode|max-buffer-size)$/, severity: 'medium',
    effect:
      'With mode=non-blocking Docker drops lines rather than hold up a container whose log cannot be written. No CRI runtime drops ' +
      'lines: where the disk is slow, the container waits when it writes.',
    fix: 'See that /var/log lies on a disk that is fast enough; let programs that must never wait buffer by themselves.',
  },
]
