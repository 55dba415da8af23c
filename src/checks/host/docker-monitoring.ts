// SPDX-License-Identifier: Apache-2.0
import type {HostText} from '../../model/node-facts.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {eachText, linesSaying} from '../lib/scripts.ts'

/** Words that make an agent look at Docker, not only name it. */
const LOOKS = new RegExp([
  String.raw`docker(?:d)?\.(?:pid|sock|service)\b`,
  String.raw`(?:\bcheck_procs|\bcheck process|\bproc\.num|^\s*Process(?:Match)?)\b.*\bdockerd?\b`,
  String.raw`\b(?:exe|pattern|systemd_unit)\s*=.*\bdockerd?\b`, String.raw`\b(?:pgrep|pidof)\b.*\bdockerd?\b`,
  String.raw`\b(?:check_disk|check filesystem|check directory)\b.*\/var\/lib\/docker\b`,
  String.raw`\[\[inputs\.docker(?:_log)?\]\]`, String.raw`^\s*LoadPlugin\s+"?docker`, String.raw`Import\s+"dockerplugin"`, String.raw`check_docker\w*`,
  String.raw`\bplugins\.docker\.`, String.raw`systemd\.unit\S*\[.*\bdocker\b`, String.raw`\bdocker\s+(?:ps|info|stats|inspect|version)\b`,
  String.raw`\bmatching\s+"?docker`, String.raw`\bservice docker\b|\bsystemctl \S+ docker\b`,
].join('|'), 'i')

/** The agent that a file belongs to, from its path. */
function agentOf({path}: HostText): string {
  return /(monit|nrpe|zabbix|telegraf|collectd|datadog|netdata|munin|node-exporter)/.exec(path)?.[1] ?? 'the agent'
}

/** A file that is there for Docker alone counts whatever it says. */
function linesOf({path, text}: HostText): ReturnType<typeof linesSaying> {
  if (/\/datadog-agent\/conf\.d\/docker\.d\/|\/netdata\/go\.d\/dockerd?\.conf$/.test(path)) return linesSaying(text, /docker/)
  return linesSaying(text, LOOKS)
}

export const checks = [
  nodeCheck({
    id: 'docker-monitoring',
    title: {pass: 'No monitoring agent of the host watches Docker', fail: 'A monitoring agent of the host watches Docker'},
    why:
      'A check of the dockerd process, its pid file or its socket raises an alarm the moment Docker is switched off, and some agents ' +
      'restart what they miss. Metrics that come from Docker end, and the new runtime is watched by nobody.',
    severity: 'medium',
    fix: {
      containerd:
        'Watch containerd.service and /run/containerd/containerd.sock; container metrics come from the kubelet (/metrics/cadvisor) or ' +
        '`[[inputs.kubernetes]]` and the like.',
      'cri-o':
        'Watch crio.service and /run/crio/crio.sock; container metrics come from the kubelet ' +
        '(/metrics/cadvisor) or CRI-O itself (port 9090, `enable_metrics`).',
      'cri-dockerd': 'Nothing: Docker stays.',
    },
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/migrating-telemetry-and-security-agents/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['monitoring'],
    run({monitoring}) {
      return eachText(monitoring, (file) => {
        const lines = linesOf(file)
        if (lines.length === 0) return []
        return [problem(file.path, `${agentOf(file)} watches Docker by ${file.path}: it will raise an alarm, or fall silent, when Docker is switched off.`, {
          evidence: lines.slice(0, 5).map(({line, text}) => ({source: `${file.path}:${line}`, text})),
        })]
      })
    },
    examples: {
      fail: [
        {files: {'/etc/monit/conf.d/docker': 'check process dockerd with pidfile /var/run/docker.pid\n  start program = "/bin/systemctl start docker"\n'}},
        {files: {'/etc/telegraf/telegraf.conf': '[agent]\n[[inputs.docker]]\n  endpoint = "unix:///var/run/docker.sock"\n'}},
        {files: {'/etc/nagios/nrpe.d/docker.cfg': 'command[check_dockerd]=/usr/lib/nagios/plugins/check_procs -c 1: -C dockerd\n'}},
      ],
      pass: [
        {files: {'/etc/zabbix/zabbix_agent2.d/plugins.d/docker.conf': '### Option: Plugins.Docker.Endpoint\n# Plugins.Docker.Endpoint=unix:///var/run/docker.sock\n'}},
        {files: {'/etc/telegraf/telegraf.conf': '# [[inputs.docker]]\n[[inputs.cpu]]\n'}},
      ],
    },
  }),
]
