// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import type {LogrotateRule} from '../../model/node/logging.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isOnDocker} from '../lib/log-retention.ts'

const KUBELET = '--network-plugin=cni'

export const checks = [
  nodeCheck({
    id: 'logrotate-container-logs',
    title: {pass: 'logrotate leaves the logs of containers alone', fail: 'logrotate has rules for the logs of containers'},
    why:
      "A rule for Docker's folder rotates nothing after the change: what it kept, by days or compressed, is kept by nobody. A rule " +
      "for /var/log/pods met only links so far, which logrotate skips; then it meets the real " +
      'files, which the kubelet rotates too. Lines get lost between the two, and the kubelet deletes files that logrotate meant to keep.',
    severity: 'medium',
    fix: 'Remove the rule, and set containerLogMaxSize and containerLogMaxFiles of the kubelet.',
    learnMore: 'https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-rotation',
    unproven: 'That logrotate skips symbolic links is from its documentation and source; two programs rotating one file were not tried.',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['logrotateRules'],
    run({logrotateRules = []}, {facts}) {
      const roots = ['/var/lib/docker', ...facts.dockers.map(({dataRoot}) => dataRoot.value)]
      const docker = logrotateRules.flatMap((rule) => ofDocker(rule, roots))
      const pods = isOnDocker(facts) || facts.kubelets.length > 0 ? logrotateRules.flatMap(ofPods) : []
      return [...docker, ...pods]
    },
    examples: {
      fail: [
        {
          processes: {700: `/usr/bin/kubelet ${KUBELET}`},
          files: {'/etc/logrotate.d/docker':
            '# containers\n/var/lib/docker/containers/*/*.log {\n  rotate 7\n  daily\n  compress\n  copytruncate\n}\n'},
        },
        {processes: {700: `/usr/bin/kubelet ${KUBELET}`}, files: {'/etc/logrotate.d/pods':
          '"/var/log/pods/*/*/*.log"\n{\n  size 100M\n  rotate 2\n}\n'}},
      ],
      pass: [
        {
          processes: {700: `/usr/bin/kubelet ${KUBELET}`},
          files: {
            '/etc/logrotate.conf': 'weekly\nrotate 4\ncreate\ninclude /etc/logrotate.d\n/var/log/wtmp {\n  monthly\n}\n',
            '/etc/logrotate.d/links': '/var/log/containers/*.log {\n  daily\n}\n',
            '/etc/logrotate.d/docker.dpkg-old': '/var/lib/docker/containers/*/*.log {\n}\n',
          },
        },
        {files: {'/etc/logrotate.d/docker': '/var/lib/docker/containers/*/*.log {\n  rotate 7\n}\n'}, upgrade: {target: 'cri-dockerd'}},
      ],
    },
  }),
]

function ofDocker(rule: LogrotateRule, roots: readonly string[]): readonly Outcome[] {
  const pattern = rule.patterns.find((one) => roots.some((root) => one.startsWith(`${root}/containers/`)))
  if (pattern === undefined) return []
  const keeps = rule.directives.filter((line) => /^(?:rotate|daily|weekly|monthly|hourly|size|maxsize|minsize|maxage|compress|copytruncate)\b/.test(line))
  return [problem(`${rule.file} ${pattern}`,
    `logrotate keeps Docker's log files by ${rule.file} (${keeps.join(', ') || 'its defaults'}): with another runtime there are ` +
    `none at ${pattern}, and the kubelet alone says what is kept.`, {
    evidence: [{source: `${rule.file}:${rule.line}`, text: `${pattern} {${keeps.join('; ')}}`}],
    fix:
      `Remove the rule from ${rule.file} when Docker is gone. The kubelet rotates by size, not by day: set containerLogMaxSize and ` +
      `containerLogMaxFiles so that a day's log fits, and ship logs that have to stay for days.`,
  })]
}

function ofPods(rule: LogrotateRule): readonly Outcome[] {
  const pattern = rule.patterns.find((one) => /^\/var\/log\/(?:pods|\*+)\/[^/]+\/[^/]+\/[^/]*(?:\*|\.log)[^/]*$/.test(one))
  if (pattern === undefined) return []
  return [problem(`${rule.file} ${pattern}`,
    `${rule.file} has a rule for ${pattern}: with another runtime these are the log files themselves, which the kubelet rotates as ` +
    'well. Lines are lost between the two.', {
    evidence: [{source: `${rule.file}:${rule.line}`, text: `${pattern} {${rule.directives.join('; ')}}`.slice(0, 300)}],
    fix: `Remove the pattern ${pattern} from ${rule.file} before the change.`,
  })]
}
