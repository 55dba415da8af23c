// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {problem, textCheck} from '../lib/define.ts'
import {collectorsOf, lineProof} from '../lib/log-text.ts'

export const checks = [
  textCheck({
    id: 'log-collector-docker-format',
    title: {pass: 'Log collectors can parse the log format of CRI runtimes', fail: "A log collector parses Docker's log format only"},
    why:
      'Docker writes each line as a JSON object; every other runtime writes time, stream, a flag and the text. A collector that ' +
      'expects JSON drops every line, or passes it on unparsed, without time and fields; its own ' +
      'complaints about that are log lines as well, and can grow into a flood. Lines of more than 16 KiB come in pieces with ' +
      'either format, told by a missing line feed in Docker\'s JSON, by the flag P in the CRI format: ' +
      'a collector that joins only the first kind delivers pieces.',
    severity: 'high',
    fix: 'Configure a parser that takes both formats for as long as nodes of both kinds are in the cluster.',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/migrating-telemetry-and-security-agents/',
    unproven: 'What each collector does with lines of the other format is from its documentation and from reports of users.',
    applies: ({target}) => target !== 'cri-dockerd',
    run(text) {
      if (!/docker|json/i.test(text.text)) return []
      return collectorsOf(text).flatMap(({collector: {name, format}, lines}): readonly Outcome[] => (format?.find(lines) ?? []).map((hit) =>
        problem(`${name}: ${hit.words}`,
          `${text.name} configures ${name} for Docker's JSON lines (\`${hit.words}\`): lines of any other runtime do not match, ` +
          'and arrive unparsed or not at all.', {
          line: hit.line, evidence: [lineProof(text, hit)], fix: format?.fix ?? '',
        })))
    },
    examples: {
      fail: [
        {name: 'fluent-bit.conf', text:
          '[SERVICE]\n    Flush 1\n[INPUT]\n    Name              tail\n    Tag               kube.*\n' +
          '    Path              /var/log/containers/*.log\n    Parser            docker\n' +
          '    DB                /var/log/flb_kube.db\n'},
        {name: 'fluent-bit.conf', text: '[INPUT]\n    Name tail\n    Path /var/log/containers/*.log\n    Docker_Mode On\n'},
        {name: 'inputs.conf', text: '[INPUT]\n    Name tail\n    Path /var/log/containers/*.log\n    multiline.parser docker, java\n'},
        {name: 'fluent-bit.yaml', text: 'pipeline:\n  inputs:\n    - name: tail\n      path: /var/log/containers/*.log\n      parser: docker\n'},
        {name: 'kubernetes.conf', text:
          '<source>\n  @type tail\n  path /var/log/containers/*.log\n  <parse>\n    @type json\n' +
          '    time_format %Y-%m-%dT%H:%M:%S.%NZ\n  </parse>\n</source>\n'},
        {name: 'td-agent.conf', text: '<source>\n  type tail\n  format json\n  path /var/log/containers/*.log\n  tag kubernetes.*\n</source>\n'},
        {name: 'kubernetes.yml', text:
          '- type: docker\n  containers.ids:\n  - "*"\n  processors:\n    - add_kubernetes_metadata:\n        in_cluster: true\n'},
        {name: 'filebeat.yml', text:
          'filebeat.inputs:\n- type: filestream\n  paths: [/var/log/containers/*.log]\n  parsers:\n    - container:\n' +
          '        stream: all\n        format: docker\n'},
        {name: 'promtail.yaml', text:
          'scrape_configs:\n- job_name: pods\n  pipeline_stages:\n  - docker: {}\n  kubernetes_sd_configs:\n  - role: pod\n'},
        {name: 'config.alloy', text: 'loki.process "pods" {\n  stage.docker {}\n  forward_to = [loki.write.default.receiver]\n}\n'},
        {name: 'values.yaml', text: 'splunk-kubernetes-logging:\n  containers:\n    path: /var/log\n    logFormatType: json\n'},
        {name: 'logstash.conf', text: 'input {\n  file {\n    path => "/var/log/containers/*.log"\n    codec => json\n  }\n}\n'},
        {name: 'relay.yaml', text:
          'receivers:\n  filelog:\n    include: [/var/log/pods/*/*/*.log]\n    operators:\n    - type: container\n' +
          '      format: docker\n'},
        {name: 'values.yaml', text: 'logsCollection:\n  containers:\n    containerRuntime: "docker"\n'},
        {name: 'values.yaml', text: 'containerRuntime: docker\nfluentbit:\n  enable: true\n'},
        {name: 'relay.yaml', text:
          'receivers:\n  filelog/pods:\n    include:\n    - /var/log/pods/*/*/*.log\n    operators:\n    - type: json_parser\n' +
          '      timestamp: {parse_from: attributes.time}\n'},
      ],
      pass: [
        {name: 'fluent-bit.conf', text:
          '[INPUT]\n    Name tail\n    Path /var/log/containers/*.log\n    multiline.parser docker, cri\n[PARSER]\n' +
          '    Name docker\n    Format json\n'},
        {name: 'fluent-bit.conf', text:
          '[INPUT]\n    Name tail\n    Path /var/log/containers/*.log\n    # Parser docker\n    Parser cri\n[INPUT]\n' +
          '    Name tail\n    Path /srv/app/*.json\n    Parser json\n'},
        {name: 'kubernetes.conf', text:
          '<source>\n  @type tail\n  path /var/log/containers/*.log\n  <parse>\n    @type multi_format\n    <pattern>\n' +
          '      format json\n    </pattern>\n    <pattern>\n' +
          '      format /^(?<time>.+) (?<stream>stdout|stderr) [FP] (?<log>.*)$/\n    </pattern>\n  </parse>\n</source>\n'},
        {name: 'app.conf', text: '<source>\n  @type tail\n  path /srv/app/access.log\n  <parse>\n    @type json\n  </parse>\n</source>\n'},
        {name: 'filebeat.yml', text: 'filebeat.inputs:\n- type: container\n  paths: [/var/log/containers/*.log]\n  json.keys_under_root: true\n'},
        {name: 'promtail.yaml', text:
          'scrape_configs:\n- pipeline_stages:\n  - match:\n      selector: \'{job="a"} |~ "^{"\'\n      stages:\n' +
          '      - docker: {}\n  - match:\n      selector: \'{job="a"} !~ "^{"\'\n      stages:\n      - cri: {}\n'},
        {name: 'relay.yaml', text:
          'receivers:\n  filelog:\n    include: [/var/log/pods/*/*/*.log]\n    operators:\n    - type: router\n' +
          '      id: get-format\n      routes:\n      - output: parser-docker\n        expr: body matches "^\\\\{"\n' +
          '    - type: json_parser\n      id: parser-docker\n    - type: regex_parser\n      id: parser-cri\n' +
          '      regex: ^(?P<time>[^ Z]+) (?P<stream>stdout|stderr) (?P<logtag>[^ ]*) ?(?P<log>.*)$\n'},
        {name: 'values.yaml', text: 'spec:\n  logLevel: info\n  logFormatType: json\n'},
        {name: '.gitlab-ci.yml', text: 'build:\n  image: docker\n  script:\n  - docker build --format json .\n'},
      ],
    },
  }),
]
