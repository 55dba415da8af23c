// SPDX-License-Identifier: Apache-2.0
import type {Outcome, Proof} from '../../model/check.ts'
import {valueOf} from '../../model/observed.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {isForPods, membersOf, proofsOf, usesOf} from '../lib/docker-settings.ts'

/** What `docker info` calls its driver when images are in containerd: a snapshotter. The storage driver is called overlay2. */
const SNAPSHOTTERS = new Set(['overlayfs', 'native', 'stargz', 'nydus', 'soci', 'devmapper'])

export const checks = [
  nodeCheck({
    id: 'docker-containerd-image-store',
    title: {
      pass: 'Docker keeps images in its own store',
      fail: 'Docker keeps its images in containerd, in a namespace that the kubelet does not see',
    },
    why:
      'The images are in containerd already, but in the namespace moby. The CRI plugin has its own, k8s.io, and pulls them ' +
      'again. Images that `docker save` writes from this store name all ' +
      'platforms, and an import of them can fail with "content digest … not found".',
    severity: 'info',
    fix: {
      containerd: 'Copy what must not be pulled again: `ctr -n moby images export --platform linux/amd64 - IMAGE | ctr -n k8s.io images import -`.',
      'cri-o':
        'Copy what must not be pulled again: `docker save --platform linux/amd64 IMAGE -o i.tar && skopeo copy ' +
        'docker-archive:i.tar containers-storage:IMAGE`.',
      'cri-dockerd': 'Nothing has to be done: dockerd stays, and its images.',
    },
    learnMore: 'https://docs.docker.com/engine/storage/containerd/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: ['dockerSettings'],
    run({dockerSettings = []}, node) {
      if (!isForPods(node)) return []
      const use = usesOf(dockerSettings).get('features')
      const told = use !== undefined && membersOf(use.value).some(([name, on]) => name === 'containerd-snapshotter' && (on === true || on === 'true'))
      return node.facts.dockers.flatMap(({pid, api}): readonly Outcome[] => {
        if (pid === undefined || node.facts.processes.inside[pid] !== undefined) return []
        const driver = valueOf(api)?.storageDriver
        const seen = driver !== undefined && SNAPSHOTTERS.has(driver)
        if (!seen && !(told && driver === undefined)) return []
        const evidence: readonly Proof[] = [
          ...(told ? proofsOf(use, 'containerd-snapshotter') : []),
          ...(seen ? [{source: api.source, text: `Storage Driver: ${driver}`}] : []),
        ]
        const text = 'dockerd keeps its images in containerd, in the namespace moby: the kubelet will not find them there.'
        return [problem('image-store', text, {evidence})]
      })
    },
    examples: {
      fail: [
        {
          processes: {812: '/usr/bin/dockerd'},
          files: {'/etc/docker/daemon.json': '{\n  "features": {\n    "containerd-snapshotter": true\n  }\n}\n'},
        },
        {
          processes: {812: '/usr/bin/dockerd'}, files: {'/run/docker.sock': {socket: true}},
          answers: {'docker /run/docker.sock': {version: {Version: '29.1.0', ApiVersion: '1.52'}, info: {Driver: 'overlayfs'}}},
        },
      ],
      pass: [
        {processes: {812: '/usr/bin/dockerd'}, files: {'/etc/docker/daemon.json': '{"features": {"buildkit": true}}\n'}},
        {processes: {640: '/usr/bin/containerd'}},
      ],
    },
  }),
]
