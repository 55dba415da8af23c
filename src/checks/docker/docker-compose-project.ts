// SPDX-License-Identifier: Apache-2.0
import type {Outcome} from '../../model/check.ts'
import {nodeCheck, problem} from '../lib/define.ts'
import {containerProof, containersOutsideKubernetes, containerText, exampleDocker, kindOf} from '../lib/docker-containers.ts'
import {isForPods} from '../lib/docker-settings.ts'

const FIX =
  'Turn the compose file into manifests (`kompose convert`), run it on another host, run it here with `nerdctl compose` or ' +
  'podman, or keep Docker installed beside the new runtime. ' +
  'Save its volumes before /var/lib/docker is deleted.'

export const checks = [
  nodeCheck({
    id: 'docker-compose-project',
    title: {pass: 'Docker runs no compose project', fail: 'Docker runs a compose project'},
    why:
      'A compose project is started and restarted by dockerd alone. It ends when dockerd is stopped, and its named volumes ' +
      'are deleted with /var/lib/docker.',
    severity: 'high',
    fix: {containerd: FIX, 'cri-o': FIX, 'cri-dockerd': 'Nothing has to be done: dockerd stays, and runs it.'},
    learnMore: 'https://kubernetes.io/docs/tasks/configure-pod-container/translate-compose-kubernetes/',
    applies: ({target}) => target !== 'cri-dockerd',
    needs: [],
    run(_known, node) {
      const {containers, unknown} = containersOutsideKubernetes(node)
      const projects = Map.groupBy(containers.filter((container) => kindOf(container) === 'compose'), ({labels}) => labels['com.docker.compose.project'] ?? '')
      return [...unknown, ...[...projects].map(([project, own]): Outcome => {
        const files = own[0]?.labels['com.docker.compose.project.config_files']
        const text = `Compose project ${project}${files === undefined ? '' : ` (${files})`} runs in Docker: ${own.slice(0, 10).map(containerText).join('; ')}. It ends with dockerd.`
        return problem(`project ${project}`, text, {evidence: own.slice(0, 10).map(containerProof), ...(!isForPods(node) && {severity: 'low'})})
      })]
    },
    examples: {
      fail: [exampleDocker(
        {
          name: 'shop-web-1', image: 'nginx:1.27',
          labels: {'com.docker.compose.project': 'shop', 'com.docker.compose.project.config_files': '/srv/shop/compose.yaml'},
        },
        {name: 'shop-db-1', image: 'postgres:16', labels: {'com.docker.compose.project': 'shop'}},
      )],
      pass: [exampleDocker({name: 'backup', image: 'registry.example.com/backup:3'}), {processes: {640: '/usr/bin/containerd'}}],
    },
  }),
]
