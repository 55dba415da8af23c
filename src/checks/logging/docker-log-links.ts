// SPDX-License-Identifier: Apache-2.0
import {nodeCheck, problem} from '../lib/define.ts'
import {dockershimNode} from '../lib/log-example.ts'

export const checks = [
  nodeCheck({
    id: 'docker-log-links',
    title: {pass: 'Logs of pods are files of their own', fail: "Logs of pods are links into Docker's data"},
    why:
      "Below /var/log/pods dockershim only makes links; the lines are in Docker's folder. Once that is deleted, what the " +
      "containers wrote before the change is gone: `kubectl logs --previous` fails, and collectors that " +
      'were not done lose the rest. Pods that are not moved away by a drain keep their folder, with the dead links in it.',
    severity: 'low',
    fix:
      "Drain the node before the change: links go with their pods. Let collectors finish. Delete Docker's data only afterwards, " +
      "and look for what is left with " +
      '`find /var/log/pods /var/log/containers -xtype l` (append `-delete` to remove it).',
    learnMore: 'https://kubernetes.io/docs/tasks/administer-cluster/migrating-from-dockershim/change-runtime-containerd/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['containerLogs'],
    run({containerLogs = []}, {facts}) {
      const roots = facts.dockers.map(({dataRoot}) => dataRoot.value)
      const links = containerLogs.flatMap(({link}) => (link !== undefined && roots.some((root) => link.target.startsWith(`${root}/`)) ? [link] : []))
      if (links.length === 0) return []
      const count = links.length === 1 ? 'The log of 1 running container is a link' : `The logs of ${links.length} running containers are links`
      return [problem('links', `${count} from /var/log/pods into ${roots.join(', ')}: lines from before the change are gone when that is deleted.`, {
        evidence: links.slice(0, 1).map(({path, target}) => ({source: '/var/log/pods', text: `${path} → ${target}`})),
      })]
    },
    examples: {
      fail: [dockershimNode({containers: [{}, {}]})],
      pass: [dockershimNode({containers: [{driver: 'journald'}]}), {...dockershimNode({containers: [{}]}), upgrade: {target: 'cri-dockerd'}}],
    },
  }),
]
