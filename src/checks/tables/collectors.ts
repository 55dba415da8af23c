// SPDX-License-Identifier: Apache-2.0
// Log collectors: how their configuration is recognised, what in it takes Docker's log format or its API, and what to write instead. As of
// 2026-11, from the documentation of each (URL beside it). The format of lines below /var/log/pods: kubernetes,
// pkg/kubelet/kuberuntime/logs; that a line of more than 16 KiB is cut with the flag P: containerd, max_container_log_line_size.
import type {Severity} from '../../model/check.ts'
import {
  anyKey, anyLine, anyLineUnless, filebeatDiscovery, filebeatFormat, type Finder, fluentBitFormat, fluentBitYamlFormat, fluentdFormat,
  logstashFormat, openTelemetryFormat,
} from '../lib/log-collectors.ts'
import {sameItem} from '../lib/log-outline.ts'

export interface Collector {
  readonly name: string
  /** lines that only its configuration has: all of them have to be there */
  readonly marks: readonly RegExp[]
  /** lines that show it is for something else */
  readonly unless?: RegExp
  /** parses Docker's JSON lines and nothing else */
  readonly format?: {readonly find: Finder; readonly fix: string}
  /** asks the Docker API */
  readonly api?: readonly {readonly find: Finder; readonly severity: Severity; readonly effect: string; readonly fix: string}[]
  /** what to read instead of Docker's folder */
  readonly pathFix: string
}

const NO_LOGS = 'after the change it delivers no line of any container.'
const NO_METRICS = 'after the change it knows no containers, and reports only that it cannot connect.'
const READ_PODS = 'Read /var/log/containers/*.log (links) or /var/log/pods/*/*/*.log (files) instead, and mount /var/log into the collector.'

const FLUENT_BIT = `Take both formats while nodes of both kinds are in the cluster (Fluent Bit 1.8 and later); long lines that the runtime cut are joined by it too:

  [INPUT]
      Name              tail
      Path              /var/log/containers/*.log
      Tag               kube.*
      multiline.parser  docker, cri

Remove \`Parser\` and \`Docker_Mode\` from this input. Fluent Bit before 1.8: \`Parser cri\`, with

  [PARSER]
      Name        cri
      Format      regex
      Regex       ^(?<time>[^ ]+) (?<stream>stdout|stderr) (?<logtag>[^ ]*) (?<log>.*)$
      Time_Key    time
      Time_Format %Y-%m-%dT%H:%M:%S.%L%z

An application's own JSON is parsed by the kubernetes filter (\`Merge_Log On\`).`

const FLUENTD = `Take both formats while nodes of both kinds are in the cluster (fluent-plugin-multi-format-parser), and join long lines that the runtime cut (fluent-plugin-concat):

  <source>
    @type tail
    path /var/log/containers/*.log
    tag kubernetes.*
    <parse>
      @type multi_format
      <pattern>
        format json
        time_key time
        time_format %Y-%m-%dT%H:%M:%S.%NZ
      </pattern>
      <pattern>
        format /^(?<time>.+) (?<stream>stdout|stderr) (?<logtag>[FP]) (?<log>.*)$/
        time_format %Y-%m-%dT%H:%M:%S.%N%:z
      </pattern>
    </parse>
  </source>
  <filter kubernetes.**>
    @type concat
    key log
    use_partial_cri_logtag true
    partial_cri_logtag_key logtag
    partial_cri_stream_key stream
  </filter>

With fluent-plugin-parser-cri and no Docker node left: \`<parse> @type cri </parse>\`. Leave the collector's own log out (\`exclude_path\`), or lines that do not match are read again and again.`

const FILEBEAT = `Use what knows both formats by itself (Filebeat 7.16 and later; before, from 7.2 on: \`type: container\`):

  filebeat.inputs:
  - type: filestream
    id: containers
    prospector.scanner.symlinks: true
    paths: [/var/log/containers/*.log]
    parsers:
    - container: ~          # format: auto; also joins long lines that the runtime cut
    processors:
    - add_kubernetes_metadata:
        host: \${NODE_NAME}
        matchers: [{logs_path: {logs_path: /var/log/containers/}}]

Filebeat 8 has no input \`docker\` any more.`

const FILEBEAT_DISCOVERY = `Discover by Kubernetes:

  filebeat.autodiscover:
    providers:
    - type: kubernetes
      node: \${NODE_NAME}
      hints.enabled: true
      hints.default_config:
        type: container
        paths: ['/var/log/containers/*\${data.kubernetes.container.id}.log']

Hints in labels (co.elastic.logs/…) become annotations of the pods.`

const PROMTAIL = `Parse the CRI format; \`cri\` also joins long lines that the runtime cut:

  pipeline_stages:
  - cri: {}

While nodes of both kinds are in the cluster:

  pipeline_stages:
  - match: {selector: '{job=~".+"} |~ "^\\\\{"', stages: [docker: {}]}
  - match: {selector: '{job=~".+"} !~ "^\\\\{"', stages: [cri: {}]}`

const PROMTAIL_DISCOVERY = `Discover by Kubernetes:

  kubernetes_sd_configs: [{role: pod}]
  relabel_configs:
  - source_labels: [__meta_kubernetes_pod_node_name]
    target_label: __host__
  - source_labels: [__meta_kubernetes_pod_uid, __meta_kubernetes_pod_container_name]
    separator: /
    target_label: __path__
    replacement: /var/log/pods/*$1/*.log`

const OPEN_TELEMETRY = `Let the container parser find out the format (it knows docker, crio and containerd, and joins cut lines):

  receivers:
    filelog:
      include: [/var/log/pods/*/*/*.log]
      include_file_path: true
      operators:
      - type: container`

const ALLOY = `Parse the CRI format (it joins long lines that the runtime cut):

  loki.process "pods" {
    stage.cri {}
    forward_to = [loki.write.default.receiver]
  }

While nodes of both kinds are in the cluster, put \`stage.docker {}\` and \`stage.cri {}\` each into a \`stage.match\` by the first character of the line.`

const ALLOY_DISCOVERY = `Discover by Kubernetes:

  discovery.kubernetes "pods" { role = "pod" }
  loki.source.kubernetes "pods" {
    targets    = discovery.kubernetes.pods.targets
    forward_to = [loki.write.default.receiver]
  }`

/** A configuration may have marks of several: each is looked at. */
export const COLLECTORS: readonly Collector[] = [
  { // https://docs.fluentbit.io/manual/pipeline/inputs/tail
    name: 'Fluent Bit', marks: [/^\[INPUT\]$/i], format: {find: fluentBitFormat, fix: FLUENT_BIT},
    pathFix:
      `${READ_PODS}\n\n  Path  /var/log/containers/*.log\n`,
  },
  { // https://docs.fluentbit.io/manual/administration/configuring-fluent-bit/yaml
    name: 'Fluent Bit', marks: [/^pipeline:/, /^inputs:/], pathFix: READ_PODS,
    format: {find: fluentBitYamlFormat, fix:
      'Take both formats while nodes of both kinds are in the cluster, and remove `parser` and `docker_mode`:\n\n  pipeline:\n' +
      '    inputs:\n    - name: tail\n      path: /var/log/containers/*.log\n      tag: kube.*\n' +
      '      multiline.parser: docker, cri\n'},
  },
  { // https://docs.fluentd.org/input/tail, https://github.com/fluent/fluentd-kubernetes-daemonset
    name: 'fluentd', marks: [/^<source>$/, /^@?type\s+["']?tail\b/], format: {find: fluentdFormat, fix: FLUENTD},
    pathFix:
      `${READ_PODS}\n\n  path /var/log/containers/*.log\n`,
    api: [{
      find: anyLine(/^@type\s+docker_metadata\b/), severity: 'high',
      effect:
        'it asks the Docker API for the names of containers: after the change no line gets its metadata.',
      fix: 'Use fluent-plugin-kubernetes_metadata_filter:\n\n  <filter kubernetes.**>\n    @type kubernetes_metadata\n  </filter>\n',
    }],
  },
  { // https://www.elastic.co/docs/reference/beats/filebeat/filebeat-input-container
    name: 'Filebeat',
    marks: [/^-?\s*filebeat(?:\.(?:inputs|prospectors|autodiscover|config(?:\.\w+)?|modules))?:|^-\s+type:\s*["']?(?:docker|container|filestream)["']?$/],
    unless: /^-?\s*(?:receivers|operators):/,
    format: {find: filebeatFormat, fix: FILEBEAT}, pathFix: `${READ_PODS}\n\n${FILEBEAT}`,
    api: [
      {find: filebeatDiscovery, severity: 'high', effect: `autodiscovery asks the Docker API; ${NO_LOGS}`, fix: FILEBEAT_DISCOVERY},
      {
        find: anyKey(({key}) => key === 'add_docker_metadata'), severity: 'info',
        effect:
          'without Docker this processor adds nothing, and says so once in its log.',
        fix: 'Remove it; `add_kubernetes_metadata` adds names and labels of pods. Searches for docker.* fields use container.* and kubernetes.*.',
      },
    ],
  },
  { // https://www.elastic.co/docs/reference/beats/metricbeat/metricbeat-module-docker
    name: 'Metricbeat', marks: [/^-\s+module:\s*["']?docker["']?$/], pathFix: READ_PODS,
    api: [{find: anyLine(/^-\s+module:\s*["']?docker["']?$/), severity: 'medium', effect: NO_METRICS, fix:
      'Use the modules kubernetes (metricsets container, pod, node) and, for containerd, containerd.'}],
  },
  { // https://grafana.com/docs/loki/latest/send-data/promtail/stages/cri/
    name: 'Promtail or Grafana Agent', marks: [/^-?\s*(?:pipeline_stages|pipelineStages|entry_parser|entryParser|docker_sd_configs):/],
    pathFix: `${READ_PODS}\n\n${PROMTAIL_DISCOVERY}`,
    format: {
      find: anyKey(({key, value, path}, all) => (/^entry_?[pP]arser$/.test(key) && value === 'docker') ||
        (key === 'docker' && /^(?:pipeline_?[sS]tages|stages)$/.test(path.at(-1) ?? '') && !all.some((other) => other.key === 'cri'))),
      fix: PROMTAIL,
    },
    api: [{
      find: anyKey(({key}, all) => key === 'docker_sd_configs' && all.some((other) => /^(?:clients|positions|pipeline_stages)$/.test(other.key))), severity: 'high',
      effect: `targets come from the Docker API; ${NO_LOGS}`, fix: PROMTAIL_DISCOVERY,
    }],
  },
  { // https://grafana.com/docs/alloy/latest/reference/components/loki/loki.process/
    name: 'Grafana Alloy', marks: [/^(?:loki\.(?:source|process)|discovery)\.?[\w.]*\s+"/],
    format: {find: anyLineUnless(/^stage\.docker\s*\{/, /^stage\.cri\s*\{/), fix: ALLOY}, pathFix: `${READ_PODS}\n\n${ALLOY_DISCOVERY}`,
    api: [{find: anyLine(/^(?:discovery\.docker|loki\.source\.docker)\s+"/), severity: 'high', effect: `it asks the Docker API; ${NO_LOGS}`, fix: ALLOY_DISCOVERY}],
  },
  { // https://vector.dev/docs/reference/configuration/sources/kubernetes_logs/
    name: 'Vector', marks: [/^\[?"?sources\b/], pathFix:
      'Use the source `kubernetes_logs`, which finds files and format by itself and joins cut lines.',
    api: [{
      find: anyLine(/^"?type"?\s*[:=]\s*["']?docker_logs\b/), severity: 'high', effect: `the source docker_logs asks the Docker API; ${NO_LOGS}`,
      fix:
        'Use the source kubernetes_logs, which reads Docker\'s format and the CRI format:\n\n  [sources.containers]\n' +
        '  type = "kubernetes_logs"\n\nIt needs VECTOR_SELF_NODE_NAME (from spec.nodeName), /var/log, and leave to list pods, ' +
        'namespaces and nodes.',
    }],
  },
  { // https://github.com/influxdata/telegraf/tree/master/plugins/inputs
    name: 'Telegraf', marks: [/^\[\[inputs\.\w+\]\]/], pathFix: READ_PODS,
    api: [
      {
        find: anyLine(/^\[\[inputs\.docker_log\]\]/), severity: 'high', effect: `it asks the Docker API; ${NO_LOGS}`,
        fix:
          'Read the files: [[inputs.tail]] with files = ["/var/log/containers/*.log"], data_format = "grok", grok_patterns = ' +
          '[\'%{NOTSPACE:time} %{WORD:stream:tag} %{WORD:logtag} %{GREEDYDATA:message}\'].',
      },
      {find: anyLine(/^\[\[inputs\.docker\]\]/), severity: 'medium', effect: NO_METRICS, fix:
        'Use [[inputs.kubernetes]] (the kubelet) and [[inputs.kube_inventory]] for containers of pods.'},
    ],
  },
  { // https://github.com/splunk/splunk-connect-for-kubernetes
    name: 'Splunk Connect for Kubernetes', marks: [/^logFormatType:|^pathDest:/],
    pathFix:
      'Set `containers.pathDest` to where the logs really are: `containers: {path: /var/log, pathDest: /var/log/pods, ' +
      'logFormatType: cri}`.',
    format: {
      find: anyKey(({key, value, path}) => key === 'logFormatType' && value === 'json' && path.at(-1) === 'containers'),
      fix:
        'Set `containers: {path: /var/log, pathDest: /var/log/pods, logFormatType: cri, logFormat: "%Y-%m-%dT%H:%M:%S.%N%:z"}`. ' +
        'One release reads one format: while nodes of both kinds are in the cluster, install two, each with a nodeSelector. The ' +
        'Splunk OpenTelemetry Collector finds the format out by itself.',
    },
  },
  { // https://github.com/signalfx/splunk-otel-collector-chart
    name: 'Splunk OpenTelemetry Collector', marks: [/^containerRuntime:/, /^logsCollection:/], pathFix: READ_PODS,
    format: {
      find: anyKey(({key, value, path}) => key === 'containerRuntime' && value === 'docker' && path.at(-1) === 'containers'),
      fix: 'Leave `logsCollection.containers.containerRuntime` empty: the collector then finds the format of each line out by itself.',
    },
  },
  { // https://github.com/fluent/fluent-operator/tree/master/charts/fluent-operator
    name: 'Fluent Operator', marks: [/^containerRuntime:/, /^(?:fluentbit|fluentd|operator):/], pathFix: READ_PODS,
    format: {
      find: anyKey(({key, value, path}) => key === 'containerRuntime' && value === 'docker' && path.length === 0),
      fix: 'Set `containerRuntime: containerd` (or crio): the chart then makes inputs with the parser cri.',
    },
  },
  { // https://docs.splunk.com/Documentation/Splunk/latest/Data/Monitorfilesanddirectorieswithinputs.conf
    name: 'Splunk forwarder', marks: [/^\[monitor:\/\//], pathFix:
      `${READ_PODS}\n\n  [monitor:///var/log/pods/*/*/*.log]\n  sourcetype = kube:container\n  followSymlink = true\n`,
  },
  { // https://docs.datadoghq.com/agent/logs/
    name: 'Datadog Agent', marks: [/^logs:/],
    pathFix:
      'Let the Agent collect container logs by itself: `logs_enabled: true`, `logs_config: {container_collect_all: true}`, with ' +
      '/var/log/pods mounted.',
    api: [{
      find: anyKey((self, all) => self.key === 'type' && self.value === 'docker' && self.path.at(-1) === 'logs' && self.items.length > 0 &&
        sameItem(all, self).some(({key}) => /^(?:source|service|image|label|name)$/.test(key))),
      severity: 'high',
      effect: `this source is for containers of Docker only; ${NO_LOGS}`,
      fix:
        'Collect by annotation of the pod (`ad.datadoghq.com/CONTAINER.logs`) or `logs_config: {container_collect_all: true}`; ' +
        'both work with every runtime.',
    }],
  },
  { // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-Configuration-File-Details.html
    name: 'CloudWatch agent', marks: [/"?(?:logs_collected|collect_list)"?\s*:|^state_file\s*=/],
    pathFix:
      `${READ_PODS} For containers the add-on amazon-cloudwatch-observability (Fluent Bit) is meant: it takes both formats.`,
  },
  { // https://www.rsyslog.com/doc/configuration/modules/imfile.html
    name: 'rsyslog', marks: [/\bimfile\b|^\$InputFileName\b/],
    pathFix:
      `${READ_PODS}\n\n  input(type="imfile" File="/var/log/containers/*.log" Tag="kubernetes" addMetadata="on")\n`,
    format: {
      find: anyLineUnless(/mmjsonparse["'][^)]*cookie=""/, /mmnormalize|field\(|re_extract/),
      fix:
        'Take the text out of the CRI line before the JSON of the application is parsed: `set $!log = re_extract($msg, "^[^ ]+ ' +
        '(stdout|stderr) [FP] (.*)$", 0, 2, "");`. Lines that begin with `{` are Docker\'s: test for that while nodes of both ' +
        'kinds are in the cluster.',
    },
  },
  { // https://syslog-ng.github.io/admin-guide/060_Sources/
    name: 'syslog-ng', marks: [/^source\s+\w+\s*\{|^@version:/, /\b(?:wildcard-)?file\(/], pathFix:
      'Use the source `kubernetes()`, which reads /var/log/containers in both formats: `source s_pods { ' +
      'kubernetes(base-dir("/var/log/containers")); };`.',
  },
  { // https://www.elastic.co/docs/reference/logstash/plugins/plugins-inputs-file
    name: 'Logstash', marks: [/^input\s*\{/, /^file\s*\{/], pathFix: READ_PODS,
    format: {
      find: logstashFormat,
      fix:
        'Use the codec plain, and take both formats in the filter:\n\n  filter {\n' +
        '    if [message] =~ /^\\{/ { json { source => "message" } }\n' +
        '    else { dissect { mapping => { "message" => "%{time} %{stream} %{logtag} %{log}" } } }\n  }\n\n' +
        'Lines with the tag P go on in the next one: Filebeat in front joins them.',
    },
  },
  { // https://help.sumologic.com/docs/send-data/installed-collectors/sources/docker-collection-methods/
    name: 'Sumo Logic collector', marks: [/"sourceType"/], pathFix: READ_PODS,
    api: [{
      find: anyLine(/"sourceType"\s*:\s*"Docker(?:Log|Stats)"/), severity: 'high', effect: `this source asks the Docker API; ${NO_LOGS}`,
      fix: 'Use the Helm chart sumologic/sumologic: its OpenTelemetry Collector reads /var/log/pods in both formats.',
    }],
  },
  { // https://cloud.google.com/stackdriver/docs/solutions/agents/ops-agent/configuration
    name: 'Google Cloud Ops Agent', marks: [/^receivers:/, /^include_paths:/],
    pathFix:
      `${READ_PODS}\n\n  include_paths: [/var/log/containers/*.log]\n`,
  },
  { // https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/main/pkg/stanza/docs/operators/container.md
    name: 'OpenTelemetry Collector', marks: [/^receivers:/], unless: /^include_paths:/,
    format: {find: openTelemetryFormat, fix: OPEN_TELEMETRY}, pathFix: `${READ_PODS}\n\n${OPEN_TELEMETRY}`,
    api: [
      {find: anyKey(({key, path}) => /^docker_stats\b/.test(key) && path.at(-1) === 'receivers'), severity: 'medium', effect: NO_METRICS, fix:
        'Use the receiver kubeletstats:\n\n  receivers:\n' +
        '    kubeletstats: {auth_type: serviceAccount, endpoint: "https://${env:K8S_NODE_NAME}:10250"}\n'},
      {find: anyKey(({key, path}) => /^docker_observer\b/.test(key) && path.at(-1) === 'extensions'), severity: 'high',
        effect: 'it finds containers by the Docker API: after the change it finds none.', fix:
        'Use the extension k8s_observer: `k8s_observer: {auth_type: serviceAccount, node: "${env:K8S_NODE_NAME}", observe_pods: ' +
        'true}`.'},
    ],
  },
  { // https://ilogtail.gitbook.io/: service_docker_stdout and input_container_stdio know containerd as well
    name: 'iLogtail or LoongCollector', marks: [/\b(?:service_docker_stdout|input_container_stdio|metric_docker_file|input_file|file_log)\b/],
    pathFix:
      'Collect standard output by the plugin service_docker_stdout (LoongCollector: input_container_stdio), which asks containerd ' +
      'as well, and files in containers by input_file with EnableContainerDiscovery: true. Let the agent see ' +
      '/run/containerd/containerd.sock.',
  },
]
